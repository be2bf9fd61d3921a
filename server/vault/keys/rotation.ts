import type { Audit } from '../../audit/audit.ts'
import { weaknessOf } from '../../auth/strength.ts'
import type { Database, Tx } from '../../db/database.ts'
import { type Actor, serverActor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail, toMessage } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Secret } from '../../lib/secret.ts'
import { createTurns } from '../../lib/turns.ts'
import { isSameKey, type MasterKey } from '../master-key.ts'
import { sealedPlaces } from '../sealed-places.ts'
import type { Vault } from '../vault.ts'
import type { KeyFolder } from './folder.ts'
import { sealWithPassphrase } from './passphrase.ts'
import { idsOf, type KeySources, newKey, plainText, readGiven, settledText } from './sources.ts'
import type { KeyStore } from './store.ts'

/** How the new key is to be kept; null keeps it the way the old one is. */
export interface RotationWish {
  readonly to: 'generated' | 'passphrase' | null
  /** For a key that is closed with one. */
  readonly passphrase: Secret | null
}

interface RotationTools {
  readonly db: Database
  readonly store: KeyStore
  readonly vault: Vault
  readonly sources: KeySources
  readonly folder: KeyFolder
  readonly audit: Audit
  readonly clock: Clock
  readonly logger: Logger
}

/** Values that get their new key in one transaction. Others wait for it meanwhile. */
const batchSize = 50
const retryMs = 60_000

/**
 * Changes the master key while the server runs. In this order, each step durable before the next begins:
 *
 * 1. the new key is on the disk,
 * 2. the database says that a change is under way; from here on new secrets are sealed with the new key, and both open,
 * 3. batch by batch, every sealed value gets the new key,
 * 4. the database says that the new key opens it, and the change is over,
 * 5. the new key takes the place of the old one on the disk.
 *
 * A server that is killed anywhere goes on at its next start: each value says which key it has.
 */
export function createRotation(tools: RotationTools) {
  const { db, store, vault, sources, folder, audit, clock, logger } = tools
  const leaving = new AbortController()
  const inTurn = createTurns('a change of the master key')
  let working: Promise<void> | null = null
  let done = 0
  let stalled: string | null = null

  /**
   * Begins to change the key; what follows happens behind. Throws `vault.rotation_running`, `vault.key_elsewhere`,
   * `vault.no_next_key`, `vault.passphrase_weak` and `vault.key_unusable`.
   */
  const begin = (wish: RotationWish, actor: Actor): Promise<void> =>
    inTurn(async () => {
      if (working ?? (await store.rotation())) throw fail('vault.rotation_running')
      const current = vault.key()
      const next = await prepare(wish, current)
      await db.write(async (tx) => {
        const [from, to] = [current.id, next.id]
        const [total, startedAt] = [await store.count(tx), clock.now().toISOString()]
        await store.putRotation(tx, { from, to, startedAt, by: actor.name, total })
        const detail = { from, to, source: next.source, values: total }
        await audit.append(tx, { actor, action: 'key.rotation-started', target: to, detail })
      })
      vault.moveTo(next)
      goOn()
    })

  /** Finds or makes the new key, and has it safely on the disk. */
  async function prepare({ to, passphrase }: RotationWish, current: MasterKey): Promise<MasterKey> {
    if (current.source === 'file' || current.source === 'command') {
      if (to !== null) throw fail('vault.key_elsewhere')
      return givenKey(current)
    }
    const form = to ?? current.source
    const weakness = passphrase && weaknessOf(passphrase.reveal(), '')
    if (form === 'passphrase' && (!passphrase || weakness !== null))
      throw fail('vault.passphrase_weak', weakness ? { detail: weakness } : {})
    const next = await freshKey(form, current)
    const text =
      form === 'passphrase' && passphrase
        ? await sealWithPassphrase([next, current], passphrase)
        : plainText(next)
    await folder.removeNext()
    await folder.write(form, 'next', text)
    return next
  }

  /** The key that stands beside the one in use, and was in use never before. */
  async function givenKey(current: MasterKey): Promise<MasterKey> {
    const given = await readGiven(sources)
    const { retired } = await store.history()
    if (!given.some((key) => isSameKey(key, current)))
      throw fail('vault.no_next_key', { detail: `The key in use, ${current.id}, is not there any more.` })
    const next = given.find((key) => key.id !== current.id && !retired.includes(key.id))
    if (!next) throw fail('vault.no_next_key')
    return next
  }

  /** The database tells keys apart by four digits, so a new one must have others. */
  async function freshKey(form: 'generated' | 'passphrase', current: MasterKey): Promise<MasterKey> {
    const taken = [current.id, ...(await store.history()).retired]
    for (;;) {
      const key = newKey(form)
      if (!taken.includes(key.id)) return key
    }
  }

  function goOn(): void {
    done = 0
    working = work().finally(() => {
      working = null
    })
  }

  async function work(): Promise<void> {
    for (;;) {
      try {
        const isOver = await resealAll()
        if (isOver) await finish()
        stalled = null
        return
      } catch (error) {
        stalled = toMessage(error)
        logger.error({ err: error }, 'change of the master key is stuck, trying again')
      }
      await clock.sleep(retryMs, leaving.signal).catch(() => {})
      if (leaving.signal.aborted) return
    }
  }

  /** Gives every value the new key, some at a time. Says whether it came to the end. */
  async function resealAll(): Promise<boolean> {
    done = 0
    for (const place of sealedPlaces) {
      let after: string | null = ''
      while (after !== null) {
        if (leaving.signal.aborted) return false
        const from: string = after
        after = await db.write((tx) => resealSome(tx, place, from))
      }
    }
    return true
  }

  async function resealSome(
    tx: Tx,
    place: (typeof sealedPlaces)[number],
    after: string,
  ): Promise<string | null> {
    const values = await store.page(tx, place, after, batchSize)
    for (const value of values) {
      const box = vault.reseal(value.place, value.box)
      if (box) await store.replace(tx, place, { ...value, box })
    }
    done += values.length
    return values.length < batchSize ? null : (values.at(-1)?.place.id ?? null)
  }

  /** The last word: whatever came in between is given the new key in the same transaction that ends the change. */
  async function finish(): Promise<void> {
    await db.write(async (tx) => {
      const rotation = await store.rotation(tx)
      if (!rotation) return
      const damaged = await resealTheRest(tx)
      await vault.sealCheck(tx)
      await store.removeRotation(tx)
      const { retired } = await store.history(tx)
      const changedAt = clock.now().toISOString()
      await store.putHistory(tx, { changedAt, retired: [...retired, rotation.from] })
      const { from, to, by } = rotation
      const detail = { from, by, damaged }
      await audit.append(tx, { actor: serverActor, action: 'master-key.rotated', target: to, detail })
    })
    vault.settle()
    await promote()
    logger.info({ key: vault.key().id }, 'master key changed')
  }

  /** Says how many values no key opens; they stay as they are. */
  async function resealTheRest(tx: Tx): Promise<number> {
    let damaged = 0
    for (const place of sealedPlaces) {
      let after: string | null = ''
      while (after !== null) {
        const values = await store.page(tx, place, after, batchSize)
        for (const value of values) {
          const box = vault.reseal(value.place, value.box)
          if (box) await store.replace(tx, place, { ...value, box })
          else if (!vault.opens(value.place, value.box)) damaged++
        }
        after = values.length < batchSize ? null : (values.at(-1)?.place.id ?? null)
      }
    }
    return damaged
  }

  async function promote(): Promise<void> {
    const { id } = vault.key()
    const next = (await folder.read()).find((file) => file.slot === 'next' && idsOf(file)[0] === id)
    if (next) await folder.promote(next.form, settledText(next))
  }

  /** Goes on with a change that an earlier process began. */
  async function resume(): Promise<void> {
    if (await store.rotation()) goOn()
  }

  /** Where a change stands; null when none is under way. */
  async function progress() {
    const rotation = await store.rotation()
    if (!rotation) return null
    const { from, to, startedAt, total } = rotation
    return { from, to, startedAt, total, done: Math.min(done, total), stalled }
  }

  return {
    begin,
    resume,
    progress,
    /** Resolves when nothing of it is under way any more. */
    settled: async (): Promise<void> => {
      await working
    },
    /** Ends between two steps; the next start goes on. */
    stop: async (): Promise<void> => {
      leaving.abort()
      await working
    },
  }
}
export type Rotation = ReturnType<typeof createRotation>
