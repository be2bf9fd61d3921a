import { sql, type SqlBool } from 'kysely'
import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Database } from '../db/database.ts'

/** Findings of a node whose moments are looked at, those seen last first. */
const findingsMax = 2_000

/** Lines of the trail about what the story tells as runs, findings and approvals, and what each run does by itself. */
const toldOtherwise = [
  'command.ran',
  'command.denied',
  'execution.queued',
  'execution.launched',
  'execution.finished',
  'execution.cancelled',
  'finding.acknowledged',
  'plan.proposed',
  'plan.checked',
  'plan.approved',
  'plan.rejected',
  'plan.applied',
  'ssh.connected',
]

interface Before {
  readonly nodeId: NodeId
  /** ISO; only what is older. */
  readonly before: string
  readonly agentId: AgentId | undefined
  readonly limit: number
}

/** Reads the tables of other floors, to tell what happened. Nothing here writes. */
export function createStoryStore(db: Database) {
  async function hasNode(id: NodeId): Promise<boolean> {
    return (
      (await db.read.selectFrom('node').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    )
  }

  async function executions({ nodeId, before, agentId, limit }: Before, onlyChanged: boolean) {
    return db.read
      .selectFrom('execution')
      .leftJoin('report', 'report.execution_id', 'execution.id')
      .select([
        'execution.id',
        'execution.agent_id',
        'execution.state',
        'execution.mode',
        'execution.dry_run',
        'execution.started_by',
        'execution.queued_at',
        'execution.verdict',
        sql<string | null>`json_extract(report.body, '$.changes')`.as('changes'),
      ])
      .where('execution.node_id', '=', nodeId)
      .where('queued_at', '<', before)
      .$if(agentId !== undefined, (rows) => rows.where('execution.agent_id', '=', agentId as AgentId))
      .$if(onlyChanged, (rows) => rows.where(sql<SqlBool>`json_array_length(report.body, '$.changes') > 0`))
      .orderBy('execution.id', 'desc')
      .limit(limit)
      .execute()
  }

  async function findings({ nodeId, agentId }: Pick<Before, 'nodeId' | 'agentId'>) {
    return db.read
      .selectFrom('finding')
      .select([
        'agent_id',
        'key',
        'severity',
        'title',
        'execution_id',
        'first_seen_at',
        'acknowledged_at',
        'acknowledged_by',
        'resolved_at',
      ])
      .where('node_id', '=', nodeId)
      .$if(agentId !== undefined, (rows) => rows.where('agent_id', '=', agentId as AgentId))
      .orderBy('last_seen_at', 'desc')
      .limit(findingsMax)
      .execute()
  }

  async function plans({ nodeId, before, agentId, limit }: Before) {
    const ofNode = db.read
      .selectFrom('plan')
      .where('plan.node_id', '=', nodeId)
      .$if(agentId !== undefined, (rows) => rows.where('plan.agent_id', '=', agentId as AgentId))
    const proposed = await ofNode
      .select(['id', 'execution_id', 'created_at'])
      .where('created_at', '<', before)
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute()
    const decided = await ofNode
      .innerJoin('plan_action', 'plan_action.plan_id', 'plan.id')
      .select([
        'plan.id',
        'plan.execution_id',
        'plan_action.state',
        'plan_action.approval_id',
        'plan_action.decided_by',
        'plan_action.decided_at',
        'plan_action.title',
      ])
      .where('decided_by', 'is not', null)
      .where('decided_at', '<', before)
      .orderBy('decided_at', 'desc')
      .limit(limit * 10)
      .execute()
    const titles = await titlesOf(proposed.map(({ id }) => id))
    return { proposed, decided, titles }
  }

  async function titlesOf(ids: readonly string[]) {
    if (ids.length === 0) return []
    return db.read
      .selectFrom('plan_action')
      .select(['plan_id', 'title'])
      .where('plan_id', 'in', ids as never)
      .orderBy('position')
      .execute()
  }

  /** What people did with it. */
  async function audit({ nodeId, before, limit }: Before) {
    return db.read
      .selectFrom('audit')
      .select(['seq', 'at', 'actor', 'action'])
      .where('target', '=', nodeId)
      .where('at', '<', before)
      .where('action', 'not in', toldOtherwise)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute()
  }

  /** Reports that found changes, newest execution first. */
  async function changed(query: {
    from: ExecutionId
    before: ExecutionId | null
    nodeId: NodeId | undefined
    limit: number
  }) {
    return db.read
      .selectFrom('report')
      .innerJoin('node', 'node.id', 'report.node_id')
      .select([
        'report.execution_id',
        'report.node_id',
        'report.agent_id',
        'report.created_at',
        'node.name as node_name',
        sql<string>`json_extract(report.body, '$.changes')`.as('changes'),
      ])
      .where('report.execution_id', '>=', query.from)
      .$if(query.before !== null, (rows) =>
        rows.where('report.execution_id', '<', query.before as ExecutionId),
      )
      .$if(query.nodeId !== undefined, (rows) => rows.where('report.node_id', '=', query.nodeId as NodeId))
      .where(sql<SqlBool>`json_array_length(report.body, '$.changes') > 0`)
      .orderBy('report.execution_id', 'desc')
      .limit(query.limit)
      .execute()
  }

  /** The newest report of an agent on each node, by the name of the node; null where there is none. */
  async function newest(agentId: AgentId, behind: string | null, limit: number) {
    return db.read
      .selectFrom('node')
      .select(['id', 'name'])
      .select((node) =>
        node
          .selectFrom('report')
          .select((report) => report.fn.max('execution_id').as('newest'))
          .whereRef('report.node_id', '=', 'node.id')
          .where('report.agent_id', '=', agentId)
          .as('execution_id'),
      )
      .$if(behind !== null, (rows) => rows.where(sql<SqlBool>`lower(name) > lower(${behind})`))
      .orderBy(sql`lower(name)`)
      .limit(limit)
      .execute()
  }

  async function factsOf(ids: readonly ExecutionId[]) {
    if (ids.length === 0) return []
    const rows = await db.read
      .selectFrom('report')
      .select(['execution_id', 'created_at', sql<string>`json_extract(body, '$.facts')`.as('facts')])
      .where('execution_id', 'in', ids)
      .execute()
    return rows.map(({ execution_id: executionId, created_at: at, facts }) => ({
      executionId,
      at,
      facts: JSON.parse(facts) as Record<string, unknown>,
    }))
  }

  return { hasNode, executions, findings, plans, audit, changed, newest, factsOf }
}
export type StoryStore = ReturnType<typeof createStoryStore>
