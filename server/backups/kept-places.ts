import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import type { BackupPlaceId } from '../../contract/ids.ts'
import type { BackupPlace, PlaceSettings } from '../../contract/own-backups.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import { Secret } from '../lib/secret.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import { backupFolderOf } from './make.ts'
import type { NamedBackup } from './names.ts'
import { createPlaces, type Ways } from './places.ts'
import type { Place } from './places/place.ts'
import { problemOf } from './problem-of.ts'
import type { BackupStore } from './store.ts'

interface KeptPlacesTools {
  readonly db: Database
  readonly store: BackupStore
  readonly vault: Vault
  readonly audit: Pick<Audit, 'append'>
  readonly ways: Ways
  readonly clock: Clock
  readonly newId: NewId
  readonly dataFolder: string
  /** Which of these names are of backups of this very server. */
  readonly oursOf: (names: readonly string[]) => Promise<NamedBackup[]>
}

const mostPlaces = 10

/** The places that copies go to, as people set them up. */
export function createKeptPlaces(tools: KeptPlacesTools) {
  const { db, store, vault, audit, clock, newId, dataFolder, oursOf } = tools
  const places = createPlaces({
    ways: tools.ways,
    clock,
    open: (id, sealed) => vault.open(secretOf(id), sealed),
  })
  const folder = backupFolderOf(dataFolder)
  let networkHosts: Record<'sftp' | 's3', string[]> = { sftp: [], s3: [] }

  const nowText = () => clock.now().toISOString()

  async function listHosts(): Promise<void> {
    const all = (await store.places()).map(({ settings }) => settings)
    networkHosts = {
      sftp: all.flatMap((one) => (one.kind === 'sftp' ? [`${one.host}:${one.port}`] : [])),
      s3: all.flatMap((one) => (one.kind === 's3' ? [one.endpoint] : [])),
    }
  }

  /** Adds a place once a file could be written there, read and removed. Throws `own-backup.*`, `outgoing.*`, `ssh.*`. */
  async function add(
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

  async function test(id: BackupPlaceId): Promise<BackupPlace> {
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
  async function remove(id: BackupPlaceId, actor: Actor): Promise<void> {
    const { settings } = await found(id)
    await db.write(async (tx) => {
      await store.removePlace(tx, id)
      const detail = { kind: settings.kind, place: places.describe(settings) }
      await audit.append(tx, { actor, action: 'own-backup.place-removed', target: id, detail })
    })
    await listHosts()
  }

  /** Throws `own-backup.place_not_found`. */
  async function found(id: BackupPlaceId) {
    const kept = (await store.places()).find((one) => one.id === id)
    if (!kept) throw fail('own-backup.place_not_found')
    return kept
  }

  async function shown(id: BackupPlaceId): Promise<BackupPlace> {
    const { secret: _, ...place } = await found(id)
    return place
  }

  return {
    add,
    test,
    remove,
    found,
    /** What copies are put into. */
    open: (kept: Awaited<ReturnType<typeof found>>): Place => places.of(kept, kept.secret),
    describe: places.describe,
    /** Looks where copies go by the network, for the list of what the server talks to. */
    listHosts,
    hosts: (kind: 'sftp' | 's3'): string[] => networkHosts[kind],
  }
}
export type KeptPlaces = ReturnType<typeof createKeptPlaces>

const secretOf = (id: BackupPlaceId): SealedPlace => ({ table: 'own_backup_place', column: 'secret', id })
