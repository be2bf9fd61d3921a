import type { OccasionId } from '../../../contract/ids.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** What triggers wait for. */
export interface OccasionTables {
  /** What happened and no trigger has looked at yet. */
  occasion: {
    id: Fixed<OccasionId>
    at: Fixed<Instant>
    body: Fixed<Json>
  }
}
