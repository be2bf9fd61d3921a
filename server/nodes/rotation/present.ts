import type { NodeId } from '../../../contract/ids.ts'
import type { KeyRotation, NodeKey } from '../../../contract/keys.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { Settings } from '../../settings/settings.ts'
import type { NodeKeys } from '../../vault/node-keys.ts'
import { formatAuthorizedKey } from '../../ssh/authorized-keys.ts'
import type { Occupancy } from '../occupancy.ts'
import type { NodeStore } from '../store.ts'
import { lifeOf } from './life.ts'
import { toKey } from './lines.ts'
import { graceEnd, isEnded } from './steps.ts'
import type { RotationStore, StoredRotation } from './store.ts'

interface PresentationTools {
  readonly store: RotationStore
  /** What the nodes told about what they let us do. */
  readonly accessSeen: NodeStore['accessSeen']
  readonly keys: NodeKeys
  readonly occupancy: Occupancy
  readonly settings: Settings
  readonly clock: Clock
}

/** Shows where the key of each node is in its life. Nothing secret is even read. */
export function createPresentation({
  store,
  accessSeen,
  keys,
  occupancy,
  settings,
  clock,
}: PresentationTools) {
  async function all(): Promise<NodeKey[]> {
    return presented(await store.nodes(), await store.list())
  }

  /** Throws `node.not_found`. */
  async function one(id: NodeId): Promise<NodeKey> {
    const rotation = await store.find(id)
    const [key] = await presented(await store.nodes(id), rotation ? [rotation] : [])
    if (!key) throw fail('node.not_found')
    return key
  }

  async function presented(
    nodes: Awaited<ReturnType<RotationStore['nodes']>>,
    rotations: readonly StoredRotation[],
  ): Promise<NodeKey[]> {
    const own = new Map((await keys.listOwn()).map((key) => [`${key.nodeId} ${key.credentialId}`, key]))
    const byNode = new Map(rotations.map((rotation) => [rotation.nodeId, rotation]))
    const days = settings.get().sshKeyRotationDays
    const lines = await linesOf(rotations)
    return nodes.map((node): NodeKey => {
      const ownKey = own.get(`${node.id} ${node.credential_id}`)
      const isKey = node.kind === 'key'
      const since = ownKey?.activeSince ?? (isKey ? node.secret_set_at : null)
      const rotation = byNode.get(node.id)
      return {
        nodeId: node.id,
        nodeName: node.name,
        credentialId: node.credential_id,
        credentialName: node.credential_name,
        isOwn: ownKey !== undefined,
        isUploaded: ownKey === undefined && isKey && node.origin === 'uploaded',
        fingerprint: ownKey?.fingerprint ?? node.fingerprint,
        since,
        ...lifeOf({ since, days }, clock.now()),
        cannotRotate: node.credential_id === null ? 'no-credential' : isKey ? null : 'password',
        // What was done under another credential says nothing of the one the node has now.
        rotation: rotation?.credentialId === node.credential_id ? shown(rotation, lines) : null,
      }
    })
  }

  /** By node: the line that a person has to add or remove. */
  async function linesOf(rotations: readonly StoredRotation[]): Promise<Map<NodeId, string | null>> {
    const waiting = rotations.filter(({ waitsForPerson }) => waitsForPerson)
    return new Map(await Promise.all(waiting.map(async (one) => [one.nodeId, await lineOf(one)] as const)))
  }

  /** The new key is let in for no more than the old one was: what stood in front of that stands in front of it, too. */
  async function lineOf({
    nodeId,
    step,
    oldPublicKey,
    newPublicKey,
  }: StoredRotation): Promise<string | null> {
    if (step !== 'append') return oldPublicKey
    const options = (await accessSeen(nodeId))?.facts.keyOptions ?? []
    return newPublicKey && formatAuthorizedKey({ ...toKey(newPublicKey), options })
  }

  function shown(rotation: StoredRotation, lines: ReadonlyMap<NodeId, string | null>): KeyRotation {
    const { step, activatedAt, waitsForPerson } = rotation
    return {
      step,
      strategy: rotation.strategy,
      waitsForPerson,
      waitsForRun: !isEnded(rotation) && step !== 'grace' && occupancy.hasRuns(rotation.nodeId),
      line: lines.get(rotation.nodeId) ?? null,
      problem: rotation.problem,
      retryAt: rotation.retryAt,
      startedAt: rotation.startedAt,
      startedBy: rotation.startedBy,
      activatedAt,
      graceUntil: activatedAt && graceEnd(activatedAt),
      goodRuns: rotation.goodRuns,
      oldFingerprint: rotation.oldFingerprint,
      newFingerprint: rotation.newFingerprint,
      endedAt: rotation.endedAt,
    }
  }

  return { all, one }
}
