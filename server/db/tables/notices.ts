import type { Generated } from 'kysely'
import type { AgentId, NodeId, NoticeId } from '../../../contract/ids.ts'
import type { NoticeKind } from '../../../contract/notifications.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** What people may have to hear of. */
export interface NoticeTables {
  /** What people may have to hear of; `state` tells what was made of it. */
  notice: {
    /** The order in which they were written. */
    seq: Generated<number>
    id: Fixed<NoticeId>
    at: Fixed<Instant>
    kind: Fixed<NoticeKind>
    key: Fixed<string>
    severity: Fixed<'critical' | 'high' | 'warning' | 'info'>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    /** The notice as the contract shapes it. */
    body: Fixed<Json>
    state: 'fresh' | 'routed' | 'repeat' | 'nowhere'
  }
}
