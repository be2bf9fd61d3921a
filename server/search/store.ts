import { type Expression, sql, type SqlBool } from 'kysely'
import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Database } from '../db/database.ts'
import { patternOf } from './words.ts'

/** Rows of the trail that one statement looks through: some 20 ms, so that nobody else waits for long. */
export const auditSlice = 20_000

/** Every word stands in one of the columns put together. Lower case is the database's on both sides. */
const allStandIn = (columns: readonly string[], words: readonly string[]): Expression<SqlBool> => {
  const text = sql.join(
    columns.map((column) => sql`coalesce(${sql.ref(column)}, '')`),
    sql` || ' ' || `,
  )
  if (words.length === 0) return sql<SqlBool>`1 = 1`
  const each = words.map((word) => sql`lower(${text}) like lower(${patternOf(word)}) escape '\\'`)
  return sql<SqlBool>`(${sql.join(each, sql` and `)})`
}

/** Reads the tables of other floors, to find words in them. Nothing here writes. */
export function createSearchStore(db: Database) {
  async function nodes(words: readonly string[], skip: number, limit: number) {
    return db.read
      .selectFrom('node')
      .select(['id', 'name', 'host', 'tags', 'platform', 'username'])
      .where(allStandIn(['name', 'host', 'tags', 'platform', 'username', 'id'], words))
      .orderBy(sql`lower(name)`)
      .limit(limit)
      .offset(skip)
      .execute()
  }

  /** Open ones first, most severe first, those seen last first. */
  async function findings(words: readonly string[], skip: number, limit: number) {
    return db.read
      .selectFrom('finding')
      .innerJoin('node', 'node.id', 'finding.node_id')
      .selectAll('finding')
      .select('node.name as node_name')
      .where(
        allStandIn(
          ['finding.title', 'finding.key', 'finding.subject', 'finding.fix', 'finding.evidence', 'node.name'],
          words,
        ),
      )
      .orderBy(sql`finding.resolved_at is not null`)
      .orderBy('severity_rank')
      .orderBy('finding.last_seen_at', 'desc')
      .orderBy('finding.node_id')
      .orderBy('finding.key')
      .limit(limit)
      .offset(skip)
      .execute()
  }

  /** The newest lines with all words among so many lines before a number; the trail may go on behind them. */
  async function audit(words: readonly string[], before: number | null, limit: number) {
    const slice = db.read
      .selectFrom('audit')
      .select(['seq', 'at', 'actor', 'action', 'target', 'detail'])
      .$if(before !== null, (rows) => rows.where('seq', '<', before ?? 0))
      .orderBy('seq', 'desc')
      .limit(auditSlice)
      .as('slice')
    return db.read
      .selectFrom(slice)
      .selectAll()
      .where(allStandIn(['actor', 'action', 'target', 'detail'], words))
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute()
  }

  /** The last line of the slice that begins before a number; undefined behind the oldest. */
  async function auditEnd(before: number | null) {
    return db.read
      .selectFrom('audit')
      .select(['seq', 'at'])
      .$if(before !== null, (rows) => rows.where('seq', '<', before ?? 0))
      .orderBy('seq', 'desc')
      .offset(auditSlice - 1)
      .limit(1)
      .executeTakeFirst()
  }

  /** The newest executions that logged anything, from an id downwards. */
  async function logged(from: ExecutionId | null, limit: number) {
    return db.read
      .selectFrom('execution')
      .innerJoin('node', 'node.id', 'execution.node_id')
      .select([
        'execution.id',
        'execution.node_id',
        'execution.agent_id',
        'execution.log_lines',
        'node.name as node_name',
      ])
      .$if(from !== null, (rows) => rows.where('execution.id', '<=', from as ExecutionId))
      .orderBy('execution.id', 'desc')
      .limit(limit)
      .execute()
  }

  /**
   * The newest report of each agent on each of some nodes, by the name of the node, where its text has all words. It
   * jumps from agent to agent through the index, whatever the number of reports.
   */
  async function newestReports(nodeIds: readonly NodeId[], words: readonly string[]) {
    if (nodeIds.length === 0) return []
    const found = await sql<NewestReport>`
      with recursive pair (node_id, agent_id) as (
        select node.id, (select min(agent_id) from report where node_id = node.id)
        from node where node.id in (${sql.join(nodeIds)})
        union all
        select node_id, (select min(agent_id) from report
          where node_id = pair.node_id and agent_id > pair.agent_id)
        from pair where agent_id is not null
      )
      select report.execution_id, report.node_id, report.agent_id, report.created_at, report.body
      from pair cross join report
      where report.execution_id = (select max(execution_id) from report
          where node_id = pair.node_id and agent_id = pair.agent_id)
        and ${allStandIn(['report.body'], words)}`.execute(db.read)
    return found.rows
  }

  /** Nodes by name, from behind one on. */
  async function nodesBehind(name: string | null, limit: number) {
    return db.read
      .selectFrom('node')
      .select(['id', 'name'])
      .$if(name !== null, (rows) => rows.where(sql<SqlBool>`lower(name) > lower(${name})`))
      .orderBy(sql`lower(name)`)
      .limit(limit)
      .execute()
  }

  return { nodes, findings, audit, auditEnd, logged, newestReports, nodesBehind }
}
export type SearchStore = ReturnType<typeof createSearchStore>

interface NewestReport {
  readonly execution_id: ExecutionId
  readonly node_id: NodeId
  readonly agent_id: AgentId
  readonly created_at: string
  readonly body: string
}
