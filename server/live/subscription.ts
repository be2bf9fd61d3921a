/**
 * What one client follows of one topic. It is asked for frames when the client has room for them, so a slow client
 * makes nothing pile up: its place in the topic is all that is kept of it.
 */
export interface Subscription {
  /** The next frame; null while there is none. */
  next(): Buffer | null | Promise<Buffer | null>
  /** Whether nothing will follow. */
  isDone(): boolean
  close(): void
}
