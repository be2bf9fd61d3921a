import type { Fixed, Instant, Json } from './columns.ts'

/** The audit trail. */
export interface AuditTables {
  audit: {
    seq: Fixed<number>
    at: Fixed<Instant>
    actor: Fixed<string>
    ip: Fixed<string | null>
    action: Fixed<string>
    target: Fixed<string | null>
    detail: Fixed<Json>
    previous_hash: Fixed<string>
    hash: Fixed<string>
  }
  /** Lines in a row that retention took out of the middle of the trail. */
  audit_gap: {
    first_seq: Fixed<number>
    last_seq: Fixed<number>
    /** What stood before the first of them, and the hash of the last. */
    previous_hash: Fixed<string>
    hash: Fixed<string>
    /** HMAC over all of it with the key of the chain. */
    seal: Fixed<string>
  }
}
