import type { ExecutionId, NodeId, RepositoryId } from '../../../contract/ids.ts'
import type { RepositoryKind } from '../../../contract/repositories.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** Backups of nodes. */
export interface RepositoryTables {
  /** Backups of one kind at one place, as one node sees them. */
  repository: {
    id: Fixed<RepositoryId>
    node_id: Fixed<NodeId>
    kind: Fixed<RepositoryKind>
    location: Fixed<string>
    created_at: Fixed<Instant>
    /** Sealed; null while none is kept. */
    secret: Buffer | null
    secret_set_at: Instant | null
    /** Names of the variables beside the password. */
    secret_variables: Json
    state: string
    newest_at: Instant | null
    backups: number
    size_bytes: number | null
    looked_at: Instant | null
    execution_id: ExecutionId | null
    check_body: Json | null
    drill: Json | null
    proof: Json | null
    findings: Json
  }
}
