import { createReadStream, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import type { BackupPlaceId } from '../../contract/ids.ts'
import type { Problem } from '../../contract/errors.ts'
import type {
  BackupDrill,
  BackupPlace,
  BackupRules,
  BackupRun,
  OwnBackup,
  OwnBackups,
  PlaceSettings,
} from '../../contract/own-backups.ts'
import type { Audit } from '../audit/audit.ts'
import type { OpenDatabase } from '../db/open.ts'
import type { Room } from '../db/disk-guard.ts'
import { listSnapshots } from '../db/upgrade.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import type { Notices } from '../notices/notices.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import { readHeader } from './box.ts'
import { drillBackup } from './drill.ts'
import { lastHour, nextHour, toKeep } from './keep.ts'
import { backupFolderOf, makeBackup, namesIn, openWork, sweepWork } from './make.ts'
import { type BackupKind, instanceOf, readName } from './names.ts'
import { createPlaces, type Ways } from './places.ts'
import type { Place } from './places/place.ts'
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

const mostPlaces = 10
/** How often it is looked whether a backup is due, milliseconds; the first time when a start has settled. */
const lookEveryMs = 60_000
const firstLookMs = 10 * 60_000
/** After one that failed, milliseconds. */
const againAfterMs = 3_600_000
const drillEveryMs = 7 * 86_400_000
const shownDrills = 10

interface Run {
  readonly work: BackupRun['work']
  readonly startedAt: string
  readonly leaving: AbortController
  step: BackupRun['step']
  done: number
  total: number
  placeId: BackupPlaceId | null
}

/**
 * Backups of this server itself. One is made every night, read back, copied to every place, and thinned out; once a week
 * the newest is restored on trial. Only one thing is done at a time.
 */
export function createBackups(tools: BackupTools) {
  const { db, vault, audit, notices, clock, newId, logger, dataFolder, appVersion, instanceId, room } = tools
  const store = createBackupStore(db)
  const places = createPlaces({
    ways: tools.ways,
    clock,
    open: (id, sealed) => vault.open(secretOf(id), sealed),
  })
  const folder = backupFolderOf(dataFolder)
  let run: Run | null = null
  let running: Promise<void> = Promise.resolve()
  let last: OwnBackups['last'] = null
  let notBefore = 0
  let callOff: (() => void) | null = null
  let isStopped = false
  let networkHosts: Record<'sftp' | 's3', string[]> = { sftp: [], s3: [] }

  async function listHosts(): Promise<void> {
    const all = (await store.places()).map(({ settings }) => settings)
    networkHosts = {
      sftp: all.flatMap((one) => (one.kind === 'sftp' ? [`${one.host}:${one.port}`] : [])),
      s3: all.flatMap((one) => (one.kind === 's3' ? [one.endpoint] : [])),
    }
  }

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

  const hearing =
    (mine: Run) =>
    (step: Run['step'], done: number, total: number): void =>
      void Object.assign(mine, { step, done, total })

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
      await thinHere()
      const isSent = await sendToAll(mine)
      last = { at: nowText(), problem: null }
      notBefore = 0
      if (isSent && (await isDrillDue())) await drillNewest(mine)
    } catch (error) {
      await noteFailure(error, signal, 'No backup of this server was made')
    }
  }

  /** What a person cancelled is no failure. */
  async function noteFailure(error: unknown, signal: AbortSignal, title: string): Promise<void> {
    const problem = problemOf(signal.aborted ? signal.reason : error)
    last = { at: nowText(), problem }
    if (signal.aborted) return
    notBefore = clock.now().getTime() + againAfterMs
    logger.error({ err: error }, 'own backup failed')
    await tell(title, problem)
  }

  async function tell(title: string, { detail, fix }: Problem, key = 'own-backup'): Promise<void> {
    await db
      .write((tx) =>
        notices.put(tx, {
          kind: 'backup.failed',
          severity: 'high',
          key,
          title,
          detail: `${detail} ${fix}`,
          nodeId: null,
          nodeName: null,
          agentId: null,
          page: '/settings?tab=own-backups',
        }),
      )
      .catch((error: unknown) => logger.error({ err: error }, 'failure of a backup not noted'))
  }

  async function thinHere(): Promise<void> {
    for (const name of await goners(namesIn(folder))) rmSync(join(folder, name), { force: true })
  }

  /** Which of these are of this very server and no longer kept. */
  async function goners(names: readonly string[]): Promise<string[]> {
    const ours = await oursOf(names)
    const keep = toKeep(ours)
    return ours.filter(({ name }) => !keep.has(name)).map(({ name }) => name)
  }

  async function oursOf(names: readonly string[]) {
    const instance = instanceOf(await instanceId())
    return names.flatMap((name) => {
      const read = readName(name)
      return read?.instance === instance ? [read] : []
    })
  }

  /** Copies to every place what it lacks of what is kept here. One that fails does not keep the others from theirs. */
  async function sendToAll(mine: Run): Promise<boolean> {
    let isFine = true
    for (const kept of await store.places()) {
      mine.leaving.signal.throwIfAborted()
      mine.placeId = kept.id
      try {
        await sendTo(mine, kept.id, places.of(kept, kept.secret))
      } catch (error) {
        if (mine.leaving.signal.aborted) throw mine.leaving.signal.reason
        isFine = false
        const problem = problemOf(error)
        logger.error({ err: error, placeId: kept.id }, 'own backup not copied')
        await db.write((tx) => store.putSight(tx, kept.id, { at: nowText(), problem }))
        await tell(
          `The backup of this server did not reach ${places.describe(kept.settings)}`,
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

  /** Restores the newest backup on trial, now. Throws `own-backup.running` and `own-backup.none`. */
  async function drill(): Promise<BackupRun> {
    if (run) throw fail('own-backup.running')
    if ((await drillCandidates()).length === 0) throw fail('own-backup.none')
    return begin('drill', 'fetching', async (mine) => {
      try {
        await drillNewest(mine)
      } catch (error) {
        await noteFailure(error, mine.leaving.signal, 'A restore drill of this server could not be made')
      }
    })
  }

  interface Candidate {
    readonly name: string
    readonly placeId: BackupPlaceId | null
  }

  /** The newest backup of each place, the place whose last drill is longest ago first. */
  async function drillCandidates(): Promise<Candidate[]> {
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

  async function isDrillDue(): Promise<boolean> {
    const [newest] = await store.drills(1)
    return !newest || clock.now().getTime() - Date.parse(newest.at) >= drillEveryMs
  }

  async function drillNewest(mine: Run): Promise<void> {
    const [candidate] = await drillCandidates()
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
    if (result.problem)
      await tell('A backup of this server could not be restored on trial', result.problem, 'own-backup/drill')
  }

  async function fetch(
    { name, placeId }: Candidate,
    work: string,
    hear: ReturnType<typeof hearing>,
    signal: AbortSignal,
  ) {
    if (placeId === null) return join(folder, name)
    const kept = await found(placeId)
    const file = join(work, name)
    let done = 0
    await places
      .of(kept, kept.secret)
      .get(name, file, (bytes) => hear('fetching', (done += bytes), 0), signal)
    return file
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

  /** Adds a place once a file could be written there, read and removed. Throws `own-backup.*`, `outgoing.*`, `ssh.*`. */
  async function addPlace(
    { settings, secret }: { settings: PlaceSettings; secret: string | null },
    actor: Actor,
  ): Promise<BackupPlace> {
    if ((await store.places()).length >= mostPlaces) throw fail('own-backup.too_many_places')
    if (settings.kind !== 'folder' && secret === null) throw fail('own-backup.secret_missing')
    const id = newId('bpl')
    if (settings.kind === 'folder') {
      const inside = `${resolve(dataFolder)}${sep}`
      if (`${resolve(settings.path)}${sep}`.startsWith(inside)) {
        throw fail('own-backup.place_refused', {
          detail: 'It lies in the data folder, where backups are anyway.',
        })
      }
      places.mark(settings.path, id)
    }
    const place = places.from(id, settings, secret === null ? null : new Secret(secret))
    const names = await tryOut(place)
    await db.write(async (tx) => {
      const sealed = secret === null ? null : vault.seal(secretOf(id), secret)
      await store.insertPlace(tx, { id, settings, secret: sealed, createdAt: nowText(), names })
      const detail = { kind: settings.kind, place: places.describe(settings) }
      await audit.append(tx, { actor, action: 'own-backup.place-added', target: id, detail })
    })
    await listHosts()
    return shown(id)
  }

  /** Writes a small file, reads it and removes it again; returns the names of our backups there. */
  async function tryOut(place: Place): Promise<string[]> {
    const { signal } = new AbortController()
    const work = join(folder, `trial-${newId('bpl')}`)
    const name = basename(work)
    const text = `Carl was here ${nowText()}\n`
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(work, text, { mode: 0o600 })
      await place.put(name, work, () => {}, signal)
      const back = `${work}.back`
      await place.get(name, back, () => {}, signal)
      if ((await readFile(back, 'utf8')) !== text) {
        throw fail('own-backup.place_refused', { detail: 'What came back is not what was sent.' })
      }
      await place.remove(name, signal)
      return (await oursOf(await place.list(signal))).map((one) => one.name)
    } finally {
      rmSync(work, { force: true })
      rmSync(`${work}.back`, { force: true })
    }
  }

  async function testPlace(id: BackupPlaceId): Promise<BackupPlace> {
    const kept = await found(id)
    try {
      const names = await tryOut(places.of(kept, kept.secret))
      await db.write((tx) => store.putSight(tx, id, { at: nowText(), names, problem: null }))
    } catch (error) {
      const problem = problemOf(error)
      await db.write((tx) => store.putSight(tx, id, { at: nowText(), problem }))
      throw error
    }
    return shown(id)
  }

  /** Throws `own-backup.place_not_found`. */
  async function removePlace(id: BackupPlaceId, actor: Actor): Promise<void> {
    const { settings } = await found(id)
    await db.write(async (tx) => {
      await store.removePlace(tx, id)
      const detail = { kind: settings.kind, place: places.describe(settings) }
      await audit.append(tx, { actor, action: 'own-backup.place-removed', target: id, detail })
    })
    await listHosts()
  }

  async function found(id: BackupPlaceId) {
    const kept = (await store.places()).find((one) => one.id === id)
    if (!kept) throw fail('own-backup.place_not_found')
    return kept
  }

  async function shown(id: BackupPlaceId): Promise<BackupPlace> {
    const { secret: _, ...place } = await found(id)
    return place
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
    addPlace,
    testPlace,
    removePlace,
    /** Resolves when nothing is under way. */
    settled: (): Promise<void> => running,
    /** Where copies go by the network, for the list of what the server talks to. */
    hosts: (kind: 'sftp' | 's3'): string[] => networkHosts[kind],
    /** Begins to look for what is due. */
    open: async (): Promise<void> => {
      sweepWork(dataFolder)
      await listHosts()
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

const secretOf = (id: BackupPlaceId): SealedPlace => ({ table: 'own_backup_place', column: 'secret', id })

const toShown = ({ leaving, ...run }: Run): BackupRun => ({ ...run, isCancelled: leaving.signal.aborted })

/** Known problems keep their words; of anything else the message is told. */
function problemOf(error: unknown): Problem {
  return isAppError(error) ? error.problem : fail('server.bug', { detail: `${toMessage(error)}.` }).problem
}
