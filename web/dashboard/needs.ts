import type { NodeKey } from '../../contract/keys.ts'
import type { Node } from '../../contract/nodes.ts'
import type { Finding } from '../../contract/reports.ts'
import { isStuck } from '../nodes/key-progress.ts'

/** Something that waits for a person. */
export type Need =
  | { readonly kind: 'node'; readonly key: string; readonly node: Node }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: Finding }
  | { readonly kind: 'key'; readonly key: string; readonly nodeKey: NodeKey }
  | { readonly kind: 'plans'; readonly key: string; readonly plans: number; readonly actions: number }
  | { readonly kind: 'recovery-kit'; readonly key: string }

interface Asked {
  readonly critical: readonly Finding[]
  readonly high: readonly Finding[]
  readonly blocked: readonly Node[]
  readonly unreachable: readonly Node[]
  readonly keys: readonly NodeKey[]
  /** How many plans and changes wait for a decision. */
  readonly waiting: { readonly plans: number; readonly actions: number }
  /** Nobody has taken the recovery kit, or said that they want none. */
  readonly lacksKit: boolean
}

/**
 * What needs a person, most pressing first: critical findings, nodes that wait for a decision, keys whose renewal does,
 * changes to approve, nodes out of reach, high findings, keys that are due, and then the recovery kit. What somebody has acknowledged does
 * not.
 */
export function toNeeds({ critical, high, blocked, unreachable, keys, waiting, lacksKit }: Asked): Need[] {
  return [
    ...critical.filter(isUnknown).map(ofFinding),
    ...blocked.map(ofNode),
    ...keys.filter(isHeldUp).map(ofKey),
    ...(waiting.plans > 0 ? [{ kind: 'plans', key: 'plans', ...waiting } as const] : []),
    ...unreachable.map(ofNode),
    ...high.filter(isUnknown).map(ofFinding),
    ...keys.filter(isDue).toSorted(soonestFirst).map(ofKey),
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
const ofKey = (nodeKey: NodeKey): Need => ({ kind: 'key', key: `key ${nodeKey.nodeId}`, nodeKey })
const isHeldUp = ({ rotation }: NodeKey): boolean => rotation !== null && isStuck(rotation)

/** Due, and nobody is at it yet. What cannot be renewed is not asked for. */
const isDue = (key: NodeKey): boolean =>
  (key.standing === 'overdue' || key.standing === 'soon') && !isHeldUp(key) && key.rotation?.endedAt !== null
const soonestFirst = (a: NodeKey, b: NodeKey): number => (a.dueAt ?? '').localeCompare(b.dueAt ?? '')
