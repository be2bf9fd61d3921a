import { join } from 'node:path'
import type { BackupPlaceId } from '../../contract/ids.ts'
import type { BackupDrill } from '../../contract/own-backups.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { say } from '../notices/say.ts'
import type { Vault } from '../vault/vault.ts'
import { drillBackup } from './drill.ts'
import type { TellOfFailure } from './failures.ts'
import type { KeptPlaces } from './kept-places.ts'
import { namesIn, openWork, type StepHeard, sweepWork } from './make.ts'
import type { NamedBackup } from './names.ts'
import { problemOf } from './problem-of.ts'
import { hearing, type Run } from './run.ts'
import type { BackupStore } from './store.ts'

interface DrillsTools {
  readonly db: Database
  readonly store: BackupStore
  readonly vault: Vault
  readonly audit: Pick<Audit, 'append'>
  readonly keptPlaces: KeptPlaces
  readonly dataFolder: string
  readonly folder: string
  readonly oursOf: (names: readonly string[]) => Promise<NamedBackup[]>
  readonly tell: TellOfFailure
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

const drillEveryMs = 7 * 86_400_000

interface Candidate {
  readonly name: string
  readonly placeId: BackupPlaceId | null
}

/** Restores backups on trial: the newest of each place in turn. */
export function createDrills(tools: DrillsTools) {
  const { db, store, vault, audit, keptPlaces, dataFolder, folder, oursOf, tell, clock, newId, logger } =
    tools
  const nowText = () => clock.now().toISOString()

  /** The newest backup of each place, the place whose last drill is longest ago first. */
  async function candidates(): Promise<Candidate[]> {
    const all = [
      { placeId: null, names: namesIn(folder) },
      ...(await store.places()).map(({ id, names }) => ({ placeId: id, names })),
    ]
    const drills = await store.drills(52)
    const lastOf = (placeId: BackupPlaceId | null) => drills.find((one) => one.placeId === placeId)?.at ?? ''
    const found: Candidate[] = []
    for (const { placeId, names } of all) {
      const [newest] = (await oursOf(names)).toSorted((a, b) => b.at.getTime() - a.at.getTime())
      if (newest) found.push({ placeId, name: newest.name })
    }
    // Copies elsewhere are what counts when this machine is gone.
    return found.toSorted(
      (a, b) =>
        lastOf(a.placeId).localeCompare(lastOf(b.placeId)) ||
        Number(a.placeId === null) - Number(b.placeId === null),
    )
  }

  async function isDue(): Promise<boolean> {
    const [newest] = await store.drills(1)
    return !newest || clock.now().getTime() - Date.parse(newest.at) >= drillEveryMs
  }

  async function drillNext(mine: Run): Promise<void> {
    const [candidate] = await candidates()
    if (!candidate) return
    const { name, placeId } = candidate
    const { signal } = mine.leaving
    const hear = hearing(mine)
    const startedMs = clock.monotonicMs()
    mine.placeId = placeId
    const work = openWork(dataFolder)
    let result: Pick<BackupDrill, 'isProved' | 'bytes' | 'rows' | 'problem'>
    try {
      const proved = await drillBackup({
        file: await fetch(candidate, work, hear, signal),
        work,
        masterKey: vault.key(),
        opensCheck: vault.opensCheck,
        onStep: hear,
        signal,
      })
      result = { isProved: true, ...proved, problem: null }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      logger.error({ err: error, name, placeId }, 'restore drill failed')
      result = { isProved: false, bytes: 0, rows: 0, problem: problemOf(error) }
    } finally {
      sweepWork(dataFolder)
      mine.placeId = null
    }
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    const drilled: BackupDrill = { id: newId('bdr'), at: nowText(), name, placeId, tookMs, ...result }
    await db.write(async (tx) => {
      await store.insertDrill(tx, drilled)
      const { isProved, bytes, rows, problem } = result
      const detail = { isProved, placeId, bytes, rows, tookMs, code: problem?.code ?? null }
      await audit.append(tx, { actor: serverActor, action: 'own-backup.drilled', target: name, detail })
    })
    if (result.problem) await tell(say('backup.not-restorable'), result.problem, 'own-backup/drill')
  }

  async function fetch({ name, placeId }: Candidate, work: string, hear: StepHeard, signal: AbortSignal) {
    if (placeId === null) return join(folder, name)
    const kept = await keptPlaces.found(placeId)
    const file = join(work, name)
    let done = 0
    await keptPlaces.open(kept).get(name, file, (bytes) => hear('fetching', (done += bytes), 0), signal)
    return file
  }

  return { candidates, isDue, drillNext }
}
