import type { AgentFinding } from '../../contract/agent-protocol.ts'
import { type AgentId, agentId } from '../../contract/ids.ts'

interface Ownership {
  /** Rules that begin so. The first that fits counts. */
  readonly rules: string
  /** Who says it in more detail, if its last report has this part of the facts: otherwise it did not look. */
  readonly owner: AgentId
  readonly fact: string
  /** Who leaves it to the owner, and goes on counting. */
  readonly yields: AgentId
}

const advisor = agentId.parse('update-advisor')
const health = agentId.parse('system-health')

/** What two agents would both say of a node. One of them does, as long as it looks there. */
const ownerships: readonly Ownership[] = [
  { rules: 'upd.reboot', owner: advisor, fact: 'reboot', yields: health },
  { rules: 'upd.', owner: advisor, fact: 'packages', yields: health },
]
/** Whoever has said nothing for this long owns nothing any more. */
export const ownerForDays = 14

/** The agents to whom an agent leaves some of its findings. */
export const ownersBeside = (one: AgentId): AgentId[] => [
  ...new Set(ownerships.filter(({ yields }) => yields === one).map(({ owner }) => owner)),
]

/** The findings that are left to an agent; `seen` has which parts of a node others have told of lately. */
export function withoutOwned(
  one: AgentId,
  findings: readonly AgentFinding[],
  seen: ReadonlyMap<AgentId, ReadonlySet<string>>,
): AgentFinding[] {
  const own = ownerships.filter(({ yields }) => yields === one)
  return findings.filter(({ id }) => {
    const owned = own.find(({ rules }) => id.startsWith(rules))
    return !owned || !seen.get(owned.owner)?.has(owned.fact)
  })
}
