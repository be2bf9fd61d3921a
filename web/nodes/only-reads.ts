import type { AgentId } from '../../contract/ids.ts'

/** The agent that a new node begins with: it changes nothing. */
export const onlyReads = 'system-health' as AgentId
