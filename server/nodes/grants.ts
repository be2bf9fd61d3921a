import type { AgentId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'

/** Whether an agent may run on a node. */
export const isGranted = ({ allowedAgents }: Pick<Node, 'allowedAgents'>, agentId: AgentId): boolean =>
  allowedAgents === null || allowedAgents.includes(agentId)
