import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Phrase } from '../../contract/notifications.ts'
import type { BackupRules, BackupRun, OwnBackup, OwnBackups } from '../../contract/own-backups.ts'
import type { Audit } from '../audit/audit.ts'
import type { OpenDatabase } from '../db/open.ts'
import type { Room } from '../db/disk-guard.ts'
import { listSnapshots } from '../db/upgrade.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notices } from '../notices/notices.ts'
import { say } from '../notices/say.ts'
import type { Vault } from '../vault/vault.ts'
import { readHeader } from './box.ts'
import { createCopies } from './copies.ts'
import { createDrills } from './drills.ts'
import { createFailures } from './failures.ts'
import { lastHour, nextHour } from './keep.ts'
import { createKeptPlaces } from './kept-places.ts'
import { backupFolderOf, makeBackup, namesIn, sweepWork } from './make.ts'
import { type BackupKind, instanceOf, readName } from './names.ts'
import type { Ways } from './places.ts'
import { problemOf } from './problem-of.ts'
import { hearing, type Run, toShown } from './run.ts'
import { createBackupStore } from './store.ts'

interface BackupTools {
  readonly db: OpenDatabase
  readonly vault: Vault
  readonly audit: Pick<Audit, 'append'>
  readonly notices: Pick<Notices, 'put'>
  readonly ways: Ways
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
  readonly dataFolder: string
  readonly appVersion: string
  /** Names this very server; see `RecoveryKits`. */
  readonly instanceId: () => Promise<string>
  readonly room?: () => Room
}

/** How often it is looked whether a backup is due, milliseconds; the first time when a start has settled. */
const lookEveryMs = 60_000
const firstLookMs = 10 * 60_000
/** After one that failed, milliseconds. */
const againAfterMs = 3_600_000
const shownDrills = 10

/**
 * Backups of this server itself. One is made every night, read back, copied to every place, and thinned out; once a week
 * the newest is restored on trial. Only one thing is done at a time.
 */
export function createBackups(tools: BackupTools) {
  const { db, vault, audit, notices, clock, logger, dataFolder, appVersion, instanceId, room } = tools
  const store = createBackupStore(db)
  const folder = backupFolderOf(dataFolder)
  const tell = createFailures({ db, notices, logger })
  const keptPlaces = createKeptPlaces({ ...tools, store, oursOf })
  const copies = createCopies({ ...tools, store, keptPlaces, folder, oursOf, tell })
  const drills = createDrills({ ...tools, store, keptPlaces, folder, oursOf, tell })
  let run: Run | null = null
  let running: Promise<void> = Promise.resolve()
  let last: OwnBackups['last'] = null
  let notBefore = 0
  let callOff: (() => void) | null = null
  let isStopped = false

  const nowText = () => clock.now().toISOString()

  /** Begins a piece of work; it goes on when this returns. Throws `own-backup.running`. */
  function begin(work: Run['work'], step: Run['step'], does: (run: Run) => Promise<void>): BackupRun {
    if (run || isStopped) throw fail('own-backup.running')
    const mine: Run = {
      work,
      startedAt: nowText(),
      leaving: new AbortController(),
      step,
      done: 0,
      total: 0,
      placeId: null,
    }
    run = mine
    running = does(mine)
      .catch((error: unknown) => logger.error({ err: error, work }, 'own backup failed'))
      .finally(() => {
        run = null
      })
    return toShown(mine)
  }

  /** Makes a backup, now. Throws `own-backup.running`. */
  const start = (kind: BackupKind, actor: Actor): BackupRun =>
    begin('backup', 'copying', (mine) => make(mine, kind, actor))

  async function make(mine: Run, kind: BackupKind, actor: Actor): Promise<void> {
    const { signal } = mine.leaving
    try {
      if (vault.isMoving()) throw fail('vault.rotation_running')
      const { hasLogs } = await store.rules()
      const made = await makeBackup({
        dataFolder,
        db,
        masterKey: vault.key(),
        kind,
        at: clock.now(),
        appVersion,
        instanceId: await instanceId(),
        hasLogs,
        onStep: hearing(mine),
        signal,
        ...(room && { room }),
      })
      await db.write(async (tx) => {
        await store.insert(tx, made)
        const { name, sizeBytes, rows, keyId } = made
        const detail = { kind, sizeBytes, rows, keyId, hasLogs }
        await audit.append(tx, { actor, action: 'own-backup.made', target: name, detail })
      })
      logger.info({ name: made.name, sizeBytes: made.sizeBytes }, 'own backup made')
      await copies.thinHere()
      const isSent = await copies.sendToAll(mine)
      last = { at: nowText(), problem: null }
      notBefore = 0
      if (isSent && (await drills.isDue())) await drills.drillNext(mine)
    } catch (error) {
      await noteFailure(error, signal, say('backup.not-made'))
    }
  }

  /** What a person cancelled is no failure. */
  async function noteFailure(error: unknown, signal: AbortSignal, title: Phrase): Promise<void> {
    const problem = problemOf(signal.aborted ? signal.reason : error)
    last = { at: nowText(), problem }
    if (signal.aborted) return
    notBefore = clock.now().getTime() + againAfterMs
    logger.error({ err: error }, 'own backup failed')
    await tell(title, problem)
  }

  async function oursOf(names: readonly string[]) {
    const instance = instanceOf(await instanceId())
    return names.flatMap((name) => {
      const read = readName(name)
      return read?.instance === instance ? [read] : []
    })
  }

  /** Restores the newest backup on trial, now. Throws `own-backup.running` and `own-backup.none`. */
  async function drill(): Promise<BackupRun> {
    if (run) throw fail('own-backup.running')
    if ((await drills.candidates()).length === 0) throw fail('own-backup.none')
    return begin('drill', 'fetching', async (mine) => {
      try {
        await drills.drillNext(mine)
      } catch (error) {
        await noteFailure(error, mine.leaving.signal, say('backup.no-drill'))
      }
    })
  }

  function cancel(): boolean {
    run?.leaving.abort(fail('own-backup.cancelled'))
    return run !== null
  }

  /** The backups that are kept anywhere, newest first. */
  async function items(): Promise<OwnBackup[]> {
    const here = new Set(namesIn(folder).filter((name) => readName(name) !== null))
    const elsewhere = await store.places()
    const names = new Set([...here, ...elsewhere.flatMap((place) => place.names)])
    const known = new Map((await store.backups()).map((one) => [one.name, one]))
    const shown = await Promise.all(
      [...names].map(async (name) => {
        const row = known.get(name) ?? (here.has(name) ? await readHere(name) : null)
        const read = readName(name)
        if (!read) return []
        const nothing = {
          sizeBytes: null,
          keyId: null,
          appVersion: null,
          rows: null,
          hasLogs: null,
          provedAt: null,
        }
        return [
          {
            ...nothing,
            ...row,
            name,
            kind: read.kind,
            createdAt: read.at.toISOString(),
            isHere: here.has(name),
            placeIds: elsewhere.filter((place) => place.names.includes(name)).map(({ id }) => id),
          },
        ]
      }),
    )
    return shown.flat().toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  }

  /** What a backup that this database does not know says about itself, as after a restore. */
  async function readHere(name: string) {
    try {
      const file = join(folder, name)
      const { keyId, appVersion: madeBy, rows, hasLogs } = await readHeader(createReadStream(file))
      return { sizeBytes: statSync(file).size, keyId, appVersion: madeBy, rows, hasLogs, provedAt: null }
    } catch {
      return null
    }
  }

  async function get(): Promise<OwnBackups> {
    const rules = await store.rules()
    return {
      rules,
      items: await items(),
      places: (await store.places()).map(({ secret: _, ...shown }) => shown),
      drills: await store.drills(shownDrills),
      run: run && toShown(run),
      last,
      nextAt: rules.isOn ? nextHour(clock.now(), rules.hour).toISOString() : null,
      snapshots: listSnapshots(dataFolder).map((file) => {
        const { size, mtime } = statSync(file)
        return { name: basename(file), createdAt: mtime.toISOString(), sizeBytes: size }
      }),
      folder,
    }
  }

  /** The file of a backup. Throws `own-backup.not_found`. */
  async function file(name: string, actor: Actor): Promise<Readable> {
    const path = join(folder, name)
    if (readName(name) === null || !existsSync(path)) throw fail('own-backup.not_found')
    await db.write((tx) =>
      audit.append(tx, { actor, action: 'own-backup.downloaded', target: name, detail: {} }),
    )
    return createReadStream(path)
  }

  async function setRules(rules: BackupRules, actor: Actor): Promise<BackupRules> {
    const before = await store.rules()
    await db.write(async (tx) => {
      await store.putRules(tx, rules)
      const detail = { before, after: rules }
      await audit.append(tx, { actor, action: 'own-backup.rules-changed', target: null, detail })
    })
    notBefore = 0
    return rules
  }

  /** Makes the backup of the night when its hour has passed without one; also when the server was off then. */
  async function look(): Promise<void> {
    const now = clock.now()
    const { isOn, hour } = await store.rules()
    if (!isOn || run || now.getTime() < notBefore) return
    const [newest] = await store.backups()
    if (newest && Date.parse(newest.createdAt) >= lastHour(now, hour).getTime()) return
    start('nightly', serverActor)
  }

  function wait(ms: number): void {
    callOff = clock.after(ms, () => {
      look()
        .catch((error: unknown) => logger.error({ err: error }, 'not looked for a due backup'))
        .finally(() => !isStopped && wait(lookEveryMs))
    })
  }

  return {
    get,
    look,
    start,
    drill,
    cancel,
    file,
    setRules,
    addPlace: keptPlaces.add,
    testPlace: keptPlaces.test,
    removePlace: keptPlaces.remove,
    /** Resolves when nothing is under way. */
    settled: (): Promise<void> => running,
    /** Where copies go by the network, for the list of what the server talks to. */
    hosts: keptPlaces.hosts,
    /** Begins to look for what is due. */
    open: async (): Promise<void> => {
      sweepWork(dataFolder)
      await keptPlaces.listHosts()
      wait(firstLookMs)
    },
    stop: async (): Promise<void> => {
      isStopped = true
      callOff?.()
      run?.leaving.abort(fail('server.not_ready'))
      await running
    },
  }
}
export type Backups = ReturnType<typeof createBackups>
