import type { AgentFinding } from '../../contract/agent-protocol.ts'
import { type AgentId, agentId } from '../../contract/ids.ts'

interface Ownership {
  /** Rules that begin so. */
  readonly rules: string
  /** Who says it in more detail. */
  readonly owner: AgentId
  /** Who leaves it to the owner, and goes on counting. */
  readonly yields: AgentId
}

/** What two agents would both say of a node. One of them does, as long as it runs there. */
const ownerships: readonly Ownership[] = [
  { rules: 'upd.', owner: agentId.parse('update-advisor'), yields: agentId.parse('system-health') },
]
/** Whoever has said nothing for this long owns nothing any more. */
export const ownerForDays = 14

/** The agents to whom an agent leaves some of its findings. */
export const ownersBeside = (one: AgentId): AgentId[] =>
  ownerships.filter(({ yields }) => yields === one).map(({ owner }) => owner)

/** The findings that are left to an agent once others that run on the node have said theirs. */
export const withoutOwned = (
  one: AgentId,
  findings: readonly AgentFinding[],
  active: ReadonlySet<AgentId>,
): AgentFinding[] => {
  const left = ownerships.filter(({ owner, yields }) => yields === one && active.has(owner))
  return findings.filter(({ id }) => !left.some(({ rules }) => id.startsWith(rules)))
}
