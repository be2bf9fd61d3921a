import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupPlaceId } from '../../contract/ids.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { say } from '../notices/say.ts'
import { toKeep } from './keep.ts'
import type { KeptPlaces } from './kept-places.ts'
import { namesIn } from './make.ts'
import type { NamedBackup } from './names.ts'
import type { Place } from './places/place.ts'
import { problemOf } from './problem-of.ts'
import { hearing, type Run } from './run.ts'
import type { BackupStore } from './store.ts'
import type { TellOfFailure } from './failures.ts'

interface CopiesTools {
  readonly db: Database
  readonly store: BackupStore
  readonly keptPlaces: KeptPlaces
  readonly folder: string
  readonly oursOf: (names: readonly string[]) => Promise<NamedBackup[]>
  readonly tell: TellOfFailure
  readonly clock: Clock
  readonly logger: Logger
}

/** Thins out what is kept here, and brings to every place what it lacks of it. */
export function createCopies({ db, store, keptPlaces, folder, oursOf, tell, clock, logger }: CopiesTools) {
  const nowText = () => clock.now().toISOString()

  async function thinHere(): Promise<void> {
    for (const name of await goners(namesIn(folder))) rmSync(join(folder, name), { force: true })
  }

  /** Which of these are of this very server and no longer kept. */
  async function goners(names: readonly string[]): Promise<string[]> {
    const ours = await oursOf(names)
    const keep = toKeep(ours)
    return ours.filter(({ name }) => !keep.has(name)).map(({ name }) => name)
  }

  /** Copies to every place what it lacks of what is kept here. One that fails does not keep the others from theirs. */
  async function sendToAll(mine: Run): Promise<boolean> {
    let isFine = true
    for (const kept of await store.places()) {
      mine.leaving.signal.throwIfAborted()
      mine.placeId = kept.id
      try {
        await sendTo(mine, kept.id, keptPlaces.open(kept))
      } catch (error) {
        if (mine.leaving.signal.aborted) throw mine.leaving.signal.reason
        isFine = false
        const problem = problemOf(error)
        logger.error({ err: error, placeId: kept.id }, 'own backup not copied')
        await db.write((tx) => store.putSight(tx, kept.id, { at: nowText(), problem }))
        await tell(
          say('backup.not-copied', { place: keptPlaces.describe(kept.settings) }),
          problem,
          `own-backup/${kept.id}`,
        )
      }
    }
    mine.placeId = null
    return isFine
  }

  async function sendTo(mine: Run, id: BackupPlaceId, place: Place): Promise<void> {
    const { signal } = mine.leaving
    const hear = hearing(mine)
    const there = new Set(await place.list(signal))
    // What an earlier night could not bring is brought now.
    const lacking = (await oursOf(namesIn(folder))).filter(({ name }) => !there.has(name))
    for (const { name } of lacking) {
      const file = join(folder, name)
      const total = statSync(file).size
      let done = 0
      hear('sending', 0, total)
      await place.put(name, file, (bytes) => hear('sending', (done += bytes), total), signal)
      there.add(name)
    }
    for (const name of await goners([...there])) {
      await place.remove(name, signal)
      there.delete(name)
    }
    const names = (await oursOf([...there])).map(({ name }) => name)
    await db.write((tx) =>
      store.putSight(tx, id, { at: nowText(), names, isFilled: lacking.length > 0, problem: null }),
    )
  }

  return { thinHere, sendToAll }
}
