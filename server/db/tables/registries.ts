import type { NodeId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What registries said of images. */
export interface RegistryTables {
  registry_answer: {
    /** Empty for what this server was told; otherwise the node that asked by itself. */
    asked_from: Fixed<NodeId | ''>
    /** `host/path:tag`. */
    reference: Fixed<string>
    /** What it said last when it said something. */
    digest: string | null
    digest_since: Instant | null
    /** Looks in a row in which the tag was not there. */
    gone_looks: number
    /** Why the last look brought nothing. */
    trouble: string | null
    looked_at: Instant
    next_at: Instant
  }
  registry_tags: {
    /** `host/path`. */
    repository: Fixed<string>
    /** Those that are versions. */
    tags: Json
    complete: Flag
    looked_at: Instant
    next_at: Instant
  }
  registry_pause: {
    host: Fixed<string>
    until: Instant
  }
}
