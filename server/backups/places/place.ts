/** Hears how many bytes have gone. */
export type Bytes = (bytes: number) => void

/**
 * Somewhere backups are copied to. All of them throw `own-backup.place_refused` or what the way there throws
 * (`outgoing.*`, `ssh.*`), and the reason of the signal.
 */
export interface Place {
  /** Names of the files there. */
  list(signal: AbortSignal): Promise<string[]>
  /** Whole under its name, or not at all. */
  put(name: string, file: string, onBytes: Bytes, signal: AbortSignal): Promise<void>
  get(name: string, file: string, onBytes: Bytes, signal: AbortSignal): Promise<void>
  remove(name: string, signal: AbortSignal): Promise<void>
}
