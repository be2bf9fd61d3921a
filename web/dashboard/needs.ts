import type { Node } from '../../contract/nodes.ts'
import type { Finding } from '../../contract/reports.ts'

/** Something that waits for a person. */
export type Need =
  | { readonly kind: 'node'; readonly key: string; readonly node: Node }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: Finding }
  | { readonly kind: 'recovery-kit'; readonly key: string }

interface Asked {
  readonly critical: readonly Finding[]
  readonly high: readonly Finding[]
  readonly blocked: readonly Node[]
  readonly unreachable: readonly Node[]
  /** Nobody has taken the recovery kit, or said that they want none. */
  readonly lacksKit: boolean
}

/**
 * What needs a person, most pressing first: critical findings, nodes that wait for a decision, nodes out of reach, high
 * findings, and then the recovery kit. What somebody has acknowledged does not.
 */
export function toNeeds({ critical, high, blocked, unreachable, lacksKit }: Asked): Need[] {
  return [
    ...critical.filter(isUnknown).map(ofFinding),
    ...blocked.map(ofNode),
    ...unreachable.map(ofNode),
    ...high.filter(isUnknown).map(ofFinding),
    ...(lacksKit ? [{ kind: 'recovery-kit', key: 'recovery-kit' } as const] : []),
  ]
}

const isUnknown = ({ acknowledgedAt }: Finding): boolean => acknowledgedAt === null
const ofFinding = (finding: Finding): Need => ({
  kind: 'finding',
  key: `${finding.nodeId} ${finding.agentId} ${finding.key}`,
  finding,
})
const ofNode = (node: Node): Need => ({ kind: 'node', key: node.id, node })
