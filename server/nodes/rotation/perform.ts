import { type ErrorCode, toProblem } from '../../../contract/errors.ts'
import type { Tx } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import { isAppError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { ask } from '../../ssh/ask.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import type { NodeKeys } from '../../vault/node-keys.ts'
import { isBlocking } from '../health.ts'
import { createEdits } from './edits.ts'
import { toKey } from './lines.ts'
import type { Logins } from './logins.ts'
import { type FileTools, lookForKeys } from './node-files.ts'
import type { Happening } from './steps.ts'
import type { RotationStore, StoredRotation } from './store.ts'
import { chooseStrategy } from './strategy.ts'

interface PerformTools {
  readonly store: RotationStore
  readonly keys: NodeKeys
  readonly clock: Clock
  readonly logger: Logger
  /** Keeps how the lines of this node are changed, before the first of them is. */
  keepStrategy(rotation: StoredRotation, strategy: NonNullable<StoredRotation['strategy']>): Promise<void>
}

/** What came of a step, and what belongs into the transaction that says so. */
export interface Performed {
  readonly happening: Happening
  readonly keep?: (tx: Tx) => Promise<void>
  readonly made?: { readonly newPublicKey: string; readonly newFingerprint: string }
}

const longestAnswerMs = 30_000

/** Does the steps of a rotation, one at a time. Each may be done again after a crash in the middle of it. */
export function createPerform({ store, keys, clock, logger, keepStrategy }: PerformTools) {
  const { addLine, removeLine } = createEdits()

  /** Never rejects but by the signal: what a step meets is what happened. */
  async function perform(
    rotation: StoredRotation,
    nodeName: string,
    logins: Logins,
    signal: AbortSignal,
  ): Promise<Performed> {
    try {
      return await byStep(rotation, nodeName, logins, { clock, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!isAppError(error)) logger.error({ err: error, step: rotation.step }, 'key rotation broke')
      const problem = isAppError(error) ? error.problem : toProblem('server.bug')
      return { happening: { kind: isFinal(problem.code, rotation) ? 'refused' : 'troubled', problem } }
    }
  }

  function byStep(
    rotation: StoredRotation,
    nodeName: string,
    logins: Logins,
    tools: FileTools,
  ): Promise<Performed> {
    switch (rotation.step) {
      case 'make':
        return make(rotation, nodeName)
      case 'append':
        return append(rotation, logins, tools)
      case 'try':
        return tryNew(rotation, logins, tools)
      case 'activate':
        return activate(rotation)
      case 'grace':
        return grace(rotation, logins)
      case 'remove':
        return remove(rotation, logins, tools)
      case 'verify':
        return verify(rotation, logins)
      case 'record':
        return record(rotation)
      case 'undo':
        return undo(rotation, logins, tools)
      case 'done':
      case 'undone':
        throw new Error('this rotation has ended')
    }
  }

  async function make(rotation: StoredRotation, nodeName: string): Promise<Performed> {
    // Only what no file and no shell could read otherwise stands behind the key.
    const name = nodeName.replace(/[^\w.-]+/g, '-').slice(0, 60)
    const pair = await keys.make(`carl-${name}-${rotation.startedAt.slice(0, 10)}`)
    return {
      happening: { kind: 'done' },
      keep: (tx) => pair.keep(tx, placeOf(rotation)),
      made: { newPublicKey: pair.publicKey, newFingerprint: pair.fingerprint },
    }
  }

  async function append(rotation: StoredRotation, logins: Logins, tools: FileTools): Promise<Performed> {
    const connection = await logins.any(rotation, 'old')
    const { old, next } = keysOf(rotation)
    const { strategy, why } = chooseStrategy(await lookForKeys(connection, tools), old)
    await keepStrategy(rotation, strategy)
    if (strategy === 'manual') {
      return { happening: { kind: 'by-hand', problem: toProblem('key.by_hand', why ?? undefined) } }
    }
    await addLine({ connection, strategy, tools }, old, next)
    return { happening: { kind: 'done', strategy } }
  }

  async function tryNew(rotation: StoredRotation, logins: Logins, tools: FileTools): Promise<Performed> {
    if (!(await logins.isLetIn(rotation, 'new'))) return refused('key.new_refused')
    const now = await whoAmI(await logins.any(rotation, 'new'), tools)
    const before = await whoAmI(await logins.any(rotation, 'old'), tools)
    if (now === before) return done
    return refused('key.new_refused', 'The new key logs in, but not as the same user as the old one.')
  }

  async function activate(rotation: StoredRotation): Promise<Performed> {
    return { ...done, keep: (tx) => keys.activate(tx, placeOf(rotation)) }
  }

  /** The time is over; before the old key goes, the new one is seen to work once more. */
  async function grace(rotation: StoredRotation, logins: Logins): Promise<Performed> {
    return (await logins.isLetIn(rotation, 'new')) ? done : newLost
  }

  async function remove(rotation: StoredRotation, logins: Logins, tools: FileTools): Promise<Performed> {
    const [other] = await store.sharers(rotation)
    if (other !== undefined) {
      const detail = `${other} logs in to the same account of the same machine with the old key.`
      return { happening: { kind: 'troubled', problem: toProblem('key.shared_account', detail) } }
    }
    const { strategy } = rotation
    if (strategy === null || strategy === 'manual') {
      const detail = 'The new key is in force. Now the line of the old one has to go.'
      return { happening: { kind: 'by-hand', problem: toProblem('key.by_hand', detail) } }
    }
    const { old, next } = keysOf(rotation)
    const connection = await logins.any(rotation, 'new')
    await removeLine({ connection, strategy, tools }, old, next)
    return done
  }

  async function verify(rotation: StoredRotation, logins: Logins): Promise<Performed> {
    // A node that refuses everybody would refuse the old key as well, so the new one is asked in the same breath.
    if (!(await logins.isLetIn(rotation, 'new'))) return newLost
    return (await logins.isLetIn(rotation, 'old')) ? refused('key.old_still_works') : done
  }

  async function record(rotation: StoredRotation): Promise<Performed> {
    const place = placeOf(rotation)
    return {
      ...done,
      keep: async (tx) => keys.settle(tx, place, (await store.countUsers(tx, place.credentialId)) === 1),
    }
  }

  /** The old key is in force; the line of the new one goes, and the old line comes back where it was gone already. */
  async function undo(rotation: StoredRotation, logins: Logins, tools: FileTools): Promise<Performed> {
    const { strategy } = rotation
    // Nothing was written, or a person wrote it.
    if (strategy === null || strategy === 'manual' || rotation.newPublicKey === null) return done
    const { old, next } = keysOf(rotation)
    if (!(await logins.isLetIn(rotation, 'old'))) {
      const connection = await logins.any(rotation, 'new')
      await addLine({ connection, strategy, tools }, next, old)
      if (!(await logins.isLetIn(rotation, 'old'))) return troubled('ssh.auth_failed')
    }
    const connection = await logins.any(rotation, 'old')
    await removeLine({ connection, strategy, tools }, next, old)
    return (await logins.isLetIn(rotation, 'old')) ? done : troubled('ssh.auth_failed')
  }

  return perform
}
export type Perform = ReturnType<typeof createPerform>

const done: Performed = { happening: { kind: 'done' } }
const newLost: Performed = { happening: { kind: 'new-lost', problem: toProblem('key.new_lost') } }

const refused = (code: ErrorCode, detail?: string): Performed => ({
  happening: { kind: 'refused', problem: toProblem(code, detail) },
})
const troubled = (code: ErrorCode): Performed => ({
  happening: { kind: 'troubled', problem: toProblem(code) },
})

/** Whether to try again is of no use; once the new key is in force there is no other way than to try. */
function isFinal(code: ErrorCode, { step, strategy }: StoredRotation): boolean {
  if (code === 'key.edit_failed') return true
  return step === 'append' && strategy === null && isBlocking(code)
}

const placeOf = ({ nodeId, credentialId }: StoredRotation) => ({ nodeId, credentialId })

function keysOf({ oldPublicKey, newPublicKey }: StoredRotation) {
  if (newPublicKey === null) throw new Error('this rotation has no new key yet')
  return { old: toKey(oldPublicKey), next: toKey(newPublicKey) }
}

/** The number of the user on the node; null where a forced command answers instead. */
async function whoAmI(connection: SshConnection, tools: FileTools): Promise<string | null> {
  const { stdout } = await ask(
    connection,
    { command: 'exec sh -s', stdin: 'printf "\\nuid=%s\\n" "$(id -u)"\nexit\n' },
    { ...tools, withinMs: longestAnswerMs },
  )
  return /^uid=(\d+)$/m.exec(stdout)?.[1] ?? null
}
