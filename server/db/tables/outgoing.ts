import type { Fixed, Instant } from './columns.ts'

/** Whom the server talks to. */
export interface OutgoingTables {
  /** One row for each purpose and host; `last_result` is an HTTP status or an error code. */
  outgoing_contact: { purpose: Fixed<string>; host: Fixed<string>; last_at: Instant; last_result: string }
}
