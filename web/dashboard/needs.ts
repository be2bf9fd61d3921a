import type { NodeKey } from '../../contract/keys.ts'
import type { Node } from '../../contract/nodes.ts'
import type { Finding } from '../../contract/reports.ts'
import { isStuck } from '../nodes/key-progress.ts'

/** Something that waits for a person. */
export type Need =
  | { readonly kind: 'node'; readonly key: string; readonly node: Node }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: Finding }
  | { readonly kind: 'key'; readonly key: string; readonly nodeKey: NodeKey }

interface Asked {
  readonly critical: readonly Finding[]
  readonly high: readonly Finding[]
  readonly blocked: readonly Node[]
  readonly unreachable: readonly Node[]
  readonly keys: readonly NodeKey[]
}

/**
 * What needs a person, most pressing first: critical findings, nodes that wait for a decision, keys whose renewal does,
 * nodes out of reach, high findings, keys that are due. What somebody has acknowledged does not.
 */
export function toNeeds({ critical, high, blocked, unreachable, keys }: Asked): Need[] {
  return [
    ...critical.filter(isUnknown).map(ofFinding),
    ...blocked.map(ofNode),
    ...keys.filter(isHeldUp).map(ofKey),
    ...unreachable.map(ofNode),
    ...high.filter(isUnknown).map(ofFinding),
    ...keys.filter(isDue).toSorted(soonestFirst).map(ofKey),
  ]
}

const isUnknown = ({ acknowledgedAt }: Finding): boolean => acknowledgedAt === null
const ofFinding = (finding: Finding): Need => ({
  kind: 'finding',
  key: `${finding.nodeId} ${finding.agentId} ${finding.key}`,
  finding,
})
const ofNode = (node: Node): Need => ({ kind: 'node', key: node.id, node })
const ofKey = (nodeKey: NodeKey): Need => ({ kind: 'key', key: `key ${nodeKey.nodeId}`, nodeKey })
const isHeldUp = ({ rotation }: NodeKey): boolean => rotation !== null && isStuck(rotation)

/** Due, and nobody is at it yet. What cannot be renewed is not asked for. */
const isDue = (key: NodeKey): boolean =>
  (key.standing === 'overdue' || key.standing === 'soon') && !isHeldUp(key) && key.rotation?.endedAt !== null
const soonestFirst = (a: NodeKey, b: NodeKey): number => (a.dueAt ?? '').localeCompare(b.dueAt ?? '')
