import type { AgentId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

export const agentsQuery = query(['agents', 'list'], api.agents.list, {})
export const agentQuery = (id: AgentId) => query(['agents', 'get'], api.agents.get, { params: { id } })

/** As many as a strip of bars shows. */
const lastRuns = 12

/** The last executions of an agent, newest first. */
export const lastRunsQuery = (agentId: AgentId) =>
  query(['executions', 'list'], api.executions.list, { query: { agentId, limit: lastRuns } })
