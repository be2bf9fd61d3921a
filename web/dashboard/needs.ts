import type { Node } from '../../contract/nodes.ts'
import type { Finding } from '../../contract/reports.ts'

/** Something that waits for a person. */
export type Need =
  | { readonly kind: 'node'; readonly key: string; readonly node: Node }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: Finding }

interface Asked {
  readonly critical: readonly Finding[]
  readonly high: readonly Finding[]
  readonly blocked: readonly Node[]
  readonly unreachable: readonly Node[]
}

/**
 * What needs a person, most pressing first: critical findings, nodes that wait for a decision, nodes out of reach, high
 * findings. What somebody has acknowledged does not.
 */
export function toNeeds({ critical, high, blocked, unreachable }: Asked): Need[] {
  return [
    ...critical.filter(isUnknown).map(ofFinding),
    ...blocked.map(ofNode),
    ...unreachable.map(ofNode),
    ...high.filter(isUnknown).map(ofFinding),
  ]
}

const isUnknown = ({ acknowledgedAt }: Finding): boolean => acknowledgedAt === null
const ofFinding = (finding: Finding): Need => ({
  kind: 'finding',
  key: `${finding.nodeId} ${finding.agentId} ${finding.key}`,
  finding,
})
const ofNode = (node: Node): Need => ({ kind: 'node', key: node.id, node })
