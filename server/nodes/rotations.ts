import type { NodeId } from '../../contract/ids.ts'
import type { NodeKey } from '../../contract/keys.ts'
import { toProblem } from '../../contract/errors.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Settings } from '../settings/settings.ts'
import type { Pool } from '../ssh/pool.ts'
import type { NodeKeys } from '../vault/node-keys.ts'
import type { Occupancy } from './occupancy.ts'
import { isForTheServer } from './rotation/life.ts'
import { createLogins } from './rotation/logins.ts'
import { createPerform, type Performed } from './rotation/perform.ts'
import { createPresentation } from './rotation/present.ts'
import { after, type Happening, isDue, isEnded } from './rotation/steps.ts'
import { createRotationStore, type StoredRotation } from './rotation/store.ts'
import type { NodeStore } from './store.ts'
import type { Targets } from './target.ts'

interface RotationTools {
  readonly db: Database
  readonly nodes: NodeStore
  readonly targets: Targets
  readonly keys: NodeKeys
  readonly occupancy: Occupancy
  readonly pool: Pool
  readonly settings: Settings
  readonly audit: Audit
  readonly events: EventBus
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Gives nodes new SSH keys, one node at a time and never while an agent runs on it. How far each has come is in the
 * database before the next step is begun, so whatever ends the server, the next start goes on where it was.
 */
export function createRotations(tools: RotationTools) {
  const { db, nodes, targets, keys, occupancy, pool, settings, audit, events, clock, logger } = tools
  const store = createRotationStore(db)
  const perform = createPerform({ store, keys, clock, logger, keepStrategy })
  const present = createPresentation({
    store,
    accessSeen: nodes.accessSeen,
    keys,
    occupancy,
    settings,
    clock,
  })
  const leaving = new AbortController()
  const working = new Map<NodeId, Promise<void>>()
  const asked = new Set<NodeId>()
  let isOpen = false

  /** Begins a rotation. Throws `key.not_rotatable`, `key.uploaded` and `key.rotating`. */
  async function rotate(id: NodeId, { removesUploaded }: { removesUploaded: boolean }, actor: Actor) {
    const { credentialId } = await storedNode(id)
    const old = credentialId && (await keys.inForce({ nodeId: id, credentialId }))
    if (!credentialId || !old) throw fail('key.not_rotatable')
    if (old.isUploaded && !removesUploaded) throw fail('key.uploaded')
    await db.write(async (tx) => {
      const node = await nodes.find(id, tx)
      if (node?.credentialId !== credentialId) throw fail('key.not_rotatable')
      if (await nodes.isRotating(tx, id)) throw fail('key.rotating')
      await store.begin(tx, {
        nodeId: id,
        credentialId,
        startedAt: clock.now().toISOString(),
        startedBy: actor.name,
        oldPublicKey: old.publicKey,
        oldFingerprint: old.fingerprint,
      })
      const detail = { credentialId, old: old.fingerprint, removesUploaded: old.isUploaded }
      await audit.append(tx, { actor, action: 'node-key.rotation-started', target: id, detail })
    })
    tell(id)
    advance(id)
    return present.one(id)
  }

  /** A person has put the line there, or taken it away: it is looked at now. Throws `key.not_rotating`. */
  async function confirm(id: NodeId, actor: Actor): Promise<NodeKey> {
    await storedNode(id)
    const rotation = await store.find(id)
    if (!rotation?.waitsForPerson || isEnded(rotation)) throw fail('key.not_rotating')
    await keep(rotation, { happening: { kind: 'confirmed' } }, actor)
    advance(id)
    return present.one(id)
  }

  /** Takes a rotation back: the old key stays. Throws `key.not_rotating` and `key.too_late`. */
  async function cancel(id: NodeId, actor: Actor): Promise<NodeKey> {
    await storedNode(id)
    const rotation = await store.find(id)
    if (!rotation || isEnded(rotation)) throw fail('key.not_rotating')
    const happening: Happening = { kind: 'cancelled', problem: toProblem('key.cancelled') }
    if (after(rotation, happening, clock.now()).step !== 'undo') throw fail('key.too_late')
    await keep(rotation, { happening }, actor)
    advance(id)
    return present.one(id)
  }

  /** The key of the credential opens the node again; the line of the own one is for a person to remove. */
  async function forget(id: NodeId, actor: Actor): Promise<NodeKey> {
    const { credentialId } = await storedNode(id)
    if (!credentialId) throw fail('key.not_own')
    const place = { nodeId: id, credentialId }
    const own = await keys.inForce(place)
    await db.write(async (tx) => {
      if (await nodes.isRotating(tx, id)) throw fail('key.rotating')
      if (!(await keys.forget(tx, place, 'active'))) throw fail('key.not_own')
      await nodes.releaseNode(tx, id)
      const detail = { fingerprint: own?.fingerprint ?? null }
      await audit.append(tx, { actor, action: 'node-key.forgotten', target: id, detail })
    })
    pool.drop(`${id}:${credentialId}`, 'the key of the node was forgotten')
    tell(id)
    return present.one(id)
  }

  async function storedNode(id: NodeId) {
    const node = await nodes.find(id)
    if (!node) throw fail('node.not_found')
    return node
  }

  /** Goes on with the rotation of a node as far as that is possible now. Cheap to call often. */
  function advance(id: NodeId): void {
    if (!isOpen) return
    if (working.has(id)) return void asked.add(id)
    const done = work(id)
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) logger.error({ err: error, nodeId: id }, 'key rotation stopped')
      })
      .finally(() => {
        working.delete(id)
        if (asked.delete(id)) advance(id)
      })
    working.set(id, done)
  }

  async function work(id: NodeId): Promise<void> {
    const first = await store.find(id)
    if (!first || !isDue(first, clock.now())) return
    await occupancy.alone(id, leaving.signal, async () => {
      const logins = createLogins({ targets, keys, pool, signal: leaving.signal })
      try {
        for (;;) {
          const [rotation, node] = [await store.find(id), await nodes.find(id)]
          if (!rotation || !node || !isDue(rotation, clock.now())) return
          await keep(rotation, await perform(rotation, node.name, logins, leaving.signal), serverActor)
        }
      } finally {
        logins.close()
      }
    })
  }

  /** Keeps what happened, with everything that has to be true together with it. */
  async function keep(seen: StoredRotation, { happening, keep: more, made }: Performed, actor: Actor) {
    const { nodeId, credentialId } = seen
    const now = clock.now()
    const isKept = await db.write(async (tx) => {
      const before = await store.find(nodeId, tx)
      // Taken back, or removed with its node, while the step was done.
      if (before?.startedAt !== seen.startedAt || before.step !== seen.step) return false
      const next = after(before, happening, now)
      await more?.(tx)
      if (next.step === 'undo' && before.step !== 'undo') await stepBack(tx, before)
      if (next.step === 'undone') await keys.forget(tx, { nodeId, credentialId }, 'next')
      const ended = isEnded(next) ? { endedAt: now.toISOString() } : {}
      await store.update(tx, nodeId, next, { ...made, ...ended })
      // The new key deserves a new try, and the old one has not been refused either.
      if (before.step === 'activate' || next.step === 'undo') await nodes.releaseNode(tx, nodeId)
      for (const entry of linesOf({ ...before, ...made }, next, happening)) {
        await audit.append(tx, { actor, target: nodeId, ...entry })
      }
      return true
    })
    if (!isKept) return
    if (happening.kind !== 'done' && happening.kind !== 'confirmed') {
      const { code } = happening.problem ?? {}
      logger.warn({ nodeId, step: seen.step, happening: happening.kind, code }, 'key rotation met trouble')
    }
    // Whoever comes next logs in with the key that is in force now.
    pool.drop(`${nodeId}:${credentialId}`, 'the key of the node is being renewed')
    tell(nodeId)
  }

  async function stepBack(tx: Tx, { nodeId, credentialId, activatedAt }: StoredRotation): Promise<void> {
    if (activatedAt !== null) await keys.deactivate(tx, { nodeId, credentialId })
  }

  async function keepStrategy(rotation: StoredRotation, strategy: NonNullable<StoredRotation['strategy']>) {
    await db.write(async (tx) => {
      const before = await store.find(rotation.nodeId, tx)
      if (before?.startedAt !== rotation.startedAt) return
      await store.update(tx, rotation.nodeId, { ...before, strategy })
    })
  }

  const tell = (nodeId: NodeId) => events.emit('node.changed', { nodeId })

  /** A run with the key in force went well. */
  async function onRunSucceeded(nodeId: NodeId): Promise<void> {
    const isCounted = await db.write(async (tx) => {
      const rotation = await store.find(nodeId, tx)
      if (rotation?.step !== 'grace') return false
      await store.update(tx, nodeId, { ...rotation, goodRuns: rotation.goodRuns + 1 })
      return true
    })
    if (!isCounted) return
    tell(nodeId)
    advance(nodeId)
  }

  /** Goes on with what waited for its time, and begins what is due where the server is to do that by itself. */
  async function tick(): Promise<void> {
    for (const rotation of await store.unfinished()) {
      if (isDue(rotation, clock.now())) advance(rotation.nodeId)
      else if (rotation.step === 'grace') await lookAfter(rotation)
    }
    await beginDue()
  }

  /** A node that refuses the new key during the grace is opened by the old one again. */
  async function lookAfter(rotation: StoredRotation): Promise<void> {
    const { nodeId, credentialId } = rotation
    if (!(await nodes.isQuarantined(nodeId, credentialId))) return
    await keep(rotation, { happening: { kind: 'new-lost', problem: toProblem('key.new_lost') } }, serverActor)
    advance(nodeId)
  }

  /** One node at a time: what goes wrong goes wrong once. */
  async function beginDue(): Promise<void> {
    const { sshKeyRotation: mode } = settings.get()
    if (mode !== 'automatic') return
    const all = await present.all()
    const isUnderWay = all.some(
      ({ rotation }) => rotation?.endedAt === null && !rotation.waitsForPerson && rotation.step !== 'grace',
    )
    if (isUnderWay) return
    const paused = new Set(
      (await nodes.forSelection()).flatMap(({ id, paused: isPaused }) => (isPaused ? [id] : [])),
    )
    const due = all
      .filter((key) => isForTheServer(key, { mode, isPaused: paused.has(key.nodeId) }, clock.now()))
      .toSorted((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''))[0]
    if (due) await rotate(due.nodeId, { removesUploaded: false }, serverActor)
  }

  /** Takes up what the last process left. */
  async function start(): Promise<void> {
    isOpen = true
    for (const { nodeId } of await store.unfinished()) advance(nodeId)
  }

  /** Ends between two steps, or in the middle of one: it is begun again at the next start. */
  async function stop(): Promise<void> {
    isOpen = false
    leaving.abort(fail('server.not_ready', { detail: 'The server is stopping.' }))
    await Promise.all(working.values())
  }

  return {
    rotate,
    confirm,
    cancel,
    forget,
    list: present.all,
    /** Throws `node.not_found`. */
    get: present.one,
    onRunSucceeded,
    tick,
    start,
    stop,
  }
}
export type Rotations = ReturnType<typeof createRotations>

/** What the audit trail keeps of a step. */
function linesOf(
  rotation: StoredRotation,
  next: Pick<StoredRotation, 'step' | 'strategy'>,
  happening: Happening,
): { action: string; detail: Record<string, unknown> }[] {
  const { step, oldFingerprint: old, newFingerprint: fresh, attempts } = rotation
  const { strategy } = next
  switch (happening.kind) {
    case 'done':
      switch (step) {
        case 'append':
          return [{ action: 'node-key.added', detail: { fingerprint: fresh, strategy } }]
        case 'activate':
          return [{ action: 'node-key.activated', detail: { old, new: fresh } }]
        case 'remove':
          return [{ action: 'node-key.removed', detail: { fingerprint: old, strategy } }]
        case 'record':
          return [{ action: 'node-key.rotated', detail: { old, new: fresh, strategy } }]
        case 'undo': {
          const why = rotation.problem?.code ?? null
          return [{ action: 'node-key.rotation-undone', detail: { kept: old, dropped: fresh, why } }]
        }
        default:
          return []
      }
    case 'confirmed':
      return [{ action: 'node-key.confirmed-by-hand', detail: { step } }]
    case 'cancelled':
      return [{ action: 'node-key.rotation-cancelled', detail: { step } }]
    case 'by-hand':
      return []
    case 'troubled':
    case 'refused':
    case 'new-lost': {
      const { code, detail } = happening.problem
      const goesOn = happening.kind === 'troubled'
      // The first of a row of attempts tells enough; the trail is no log.
      if (goesOn && attempts > 0) return []
      return [{ action: 'node-key.rotation-failed', detail: { step, code, detail, goesOn } }]
    }
  }
}
