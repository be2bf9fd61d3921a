import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Report } from '../../contract/reports.ts'
import type { Database, Tx } from '../db/database.ts'

/** A report without what columns and the node's own row say. */
type Body = Omit<Report, 'executionId' | 'nodeId' | 'agentId' | 'nodeName' | 'createdAt'>

/** Whose reports, findings and samples. */
export interface Owner {
  readonly nodeId: NodeId
  readonly agentId: AgentId
}

export function createReportStore(db: Database) {
  async function insertReport(tx: Tx, report: Report): Promise<void> {
    const { executionId, nodeId, agentId, nodeName: _, createdAt, ...body } = report
    await tx
      .insertInto('report')
      .values({
        execution_id: executionId,
        node_id: nodeId,
        agent_id: agentId,
        created_at: createdAt,
        body: JSON.stringify(body satisfies Body),
      })
      .execute()
  }

  async function findReport(id: ExecutionId): Promise<Report | undefined> {
    const row = await db.read
      .selectFrom('report')
      .innerJoin('node', 'node.id', 'report.node_id')
      .selectAll('report')
      .select('node.name as node_name')
      .where('execution_id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    return {
      executionId: row.execution_id,
      nodeId: row.node_id,
      nodeName: row.node_name,
      agentId: row.agent_id,
      createdAt: row.created_at,
      ...(JSON.parse(row.body) as Body),
    }
  }

  /** The newest report of this agent on this node. */
  async function previousReport(tx: Tx, { nodeId, agentId }: Owner) {
    const row = await tx
      .selectFrom('report')
      .select(['execution_id', 'created_at', 'body'])
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .orderBy('execution_id', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (!row) return undefined
    return { executionId: row.execution_id, createdAt: row.created_at, ...(JSON.parse(row.body) as Body) }
  }

  async function hasNode(nodeId: NodeId): Promise<boolean> {
    return (
      (await db.read.selectFrom('node').select('id').where('id', '=', nodeId).executeTakeFirst()) !==
      undefined
    )
  }

  return { insertReport, findReport, previousReport, hasNode }
}
