import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { credentialId } from '../../../contract/ids.ts'
import { type TestDatabase, testDatabase } from '../../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../../testbed/fake-clock.ts'
import { createAudit } from '../../audit/audit.ts'
import { newAuditKeys } from '../../audit/keys.ts'
import type { Database } from '../../db/database.ts'
import { serverActor } from '../../lib/actor.ts'
import { fail } from '../../lib/errors.ts'
import { createLogger } from '../../lib/logger.ts'
import { Secret } from '../../lib/secret.ts'
import { loadAuditKeys } from '../audit-keys.ts'
import { createMasterKey } from '../master-key.ts'
import { keyIdOf } from '../sealed-box.ts'
import { createVault } from '../vault.ts'
import { createKeyFolder } from './folder.ts'
import { createRecoveryKit } from './recovery-kit.ts'
import { createRotation, type RotationWish } from './rotation.ts'
import { loadKeys } from './sources.ts'
import { createKeyStore } from './store.ts'

const logger = createLogger('silent')
const same: RotationWish = { to: null, passphrase: null }
const key = () => randomBytes(32).toString('base64')

let base: TestDatabase
let folder: string
let clock: FakeClock
/** Stands before the database, to break it. */
let beforeWrite: () => Promise<void>

beforeEach(async () => {
  base = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'carl-rotate-'))
  clock = createFakeClock()
  beforeWrite = async () => {}
})
afterEach(async () => {
  await base.close()
  rmSync(folder, { recursive: true })
})

/** A vault with its rotation, as a server has them after a start. */
async function open(file: string | null = null) {
  const db: Database = {
    ...base.db,
    write: async (work) => {
      await beforeWrite()
      return base.db.write(work)
    },
  }
  const sources = { file, command: null, dataFolder: folder, startsSealed: false }
  const store = createKeyStore(db)
  const keys = await loadKeys(sources, await store.state())
  const vault = createVault({ masterKey: keys.current, nextKey: keys.next, db })
  await vault.check()
  await loadAuditKeys({ db, vault })
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const keyFolder = createKeyFolder(folder)
  const rotation = createRotation({ db, store, vault, sources, folder: keyFolder, audit, clock, logger })
  const kits = createRecoveryKit({ db, store, vault, place: () => 'there', audit, clock })

  /** A credential; with bytes of its own instead of a sealed secret where some are given. */
  async function add(at: number, box?: Buffer) {
    const id = idAt(at)
    await db.write((tx) =>
      tx
        .insertInto('credential')
        .values({
          id,
          name: `node ${at}`,
          kind: 'password',
          origin: 'uploaded',
          secret: box ?? vault.seal({ table: 'credential', column: 'secret', id }, `canary ${at}`),
          sudo_password: null,
          public_key: null,
          fingerprint: null,
          created_at: '',
          secret_set_at: '',
        })
        .execute(),
    )
  }

  async function change(wish: RotationWish = same): Promise<void> {
    await rotation.begin(wish, serverActor)
    await rotation.settled()
  }

  const boxOf = async (at: number): Promise<Buffer> =>
    (
      await base.db.read
        .selectFrom('credential')
        .select('secret')
        .where('id', '=', idAt(at))
        .executeTakeFirstOrThrow()
    ).secret

  const read = async (at: number) =>
    vault.open({ table: 'credential', column: 'secret', id: idAt(at) }, await boxOf(at)).reveal()

  const actions = async () => (await audit.list({ limit: 100 })).items.toReversed()
  return { vault, rotation, kits, add, change, read, boxOf, actions, store }
}

const idAt = (at: number) => credentialId.parse(`cre_${String(at).padStart(26, '0')}`)

describe('a change of the key', () => {
  test('gives every value a new key, and says so in the audit trail', async () => {
    const { vault, add, change, read, boxOf, actions, store } = await open()
    for (let at = 0; at < 120; at++) await add(at)
    const before = vault.key().id
    await change()
    const after = vault.key().id
    expect(after).not.toBe(before)
    for (let at = 0; at < 120; at++) {
      expect(keyIdOf(await boxOf(at))).toBe(after)
      expect(await read(at)).toBe(`canary ${at}`)
    }
    expect(await store.state()).toMatchObject({ keyId: after, rotation: null, retired: [before] })
    expect((await actions()).map(({ action, target, detail }) => ({ action, target, detail }))).toEqual([
      {
        action: 'key.rotation-started',
        target: after,
        detail: { from: before, to: after, source: 'generated', values: 121 },
      },
      { action: 'master-key.rotated', target: after, detail: { from: before, by: 'server', damaged: 0 } },
    ])
    expect(readdirSync(join(folder, 'keys'))).toEqual(['master.key'])
    expect((await open()).vault.key().id).toBe(after)
  })

  test('shares no nonce between two values, nor between a value and itself before', async () => {
    const { add, change, boxOf } = await open()
    const nonces: string[] = []
    const take = async () => {
      for (let at = 0; at < 40; at++) {
        const box = await boxOf(at)
        nonces.push(box.subarray(3, 15).toString('hex'), box.subarray(63, 75).toString('hex'))
      }
    }
    for (let at = 0; at < 40; at++) await add(at)
    await take()
    for (let round = 0; round < 3; round++) {
      await change()
      await take()
    }
    expect(new Set(nonces).size).toBe(4 * 80)
  })

  test('leaves a value that was damaged as it is, and counts it', async () => {
    const { vault, add, change, boxOf, read, actions } = await open()
    await add(1)
    const damaged = Buffer.from(await boxOf(1))
    damaged[80] = (damaged[80] ?? 0) ^ 1
    await add(2, damaged)
    await add(3, Buffer.from('no box'))
    await change()
    expect(await boxOf(2)).toEqual(damaged)
    expect(await read(1)).toBe('canary 1')
    expect((await actions()).at(-1)?.detail).toMatchObject({ damaged: 2 })
    expect(() => vault.open({ table: 'credential', column: 'secret', id: idAt(2) }, damaged)).toThrow(
      /vault\.damaged/,
    )
  })

  test('takes along what is stored while it goes on', async () => {
    const { rotation, vault, add, read, boxOf } = await open()
    for (let at = 100; at < 160; at++) await add(at)
    // Sealed with the key before, and written once the change is under way.
    const old = vault.seal({ table: 'credential', column: 'secret', id: idAt(1) }, 'canary 1')
    let writes = 0
    beforeWrite = async () => {
      if (++writes === 4) await add(1, old)
    }
    await rotation.begin(same, serverActor)
    await add(2)
    await rotation.settled()
    for (const at of [1, 2, 130]) {
      expect(await read(at)).toBe(`canary ${at}`)
      expect(keyIdOf(await boxOf(at))).toBe(vault.key().id)
    }
  })

  test('is one at a time', async () => {
    const { rotation } = await open()
    await rotation.begin(same, serverActor)
    await expect(rotation.begin(same, serverActor)).rejects.toMatchObject({ code: 'vault.rotation_running' })
    await rotation.settled()
  })

  test('that gets stuck says why, and tries again by itself', async () => {
    const { rotation, add, read } = await open()
    await add(1)
    let isFull = false
    let writes = 0
    beforeWrite = async () => {
      if (++writes === 2) isFull = true
      if (isFull) throw fail('storage.full')
    }
    writes = 0
    await rotation.begin(same, serverActor)
    await expect.poll(async () => (await rotation.progress())?.stalled ?? null).toMatch(/storage\.full/)
    isFull = false
    await clock.advance(60_000)
    await rotation.settled()
    expect(await rotation.progress()).toBeNull()
    expect(await read(1)).toBe('canary 1')
  })

  test('that a stop interrupts goes on at the next start', async () => {
    const first = await open()
    for (let at = 0; at < 60; at++) await first.add(at)
    await first.rotation.begin(same, serverActor)
    await first.rotation.stop()
    expect(await first.store.rotation()).not.toBeNull()
    const second = await open()
    expect(await second.read(59)).toBe('canary 59')
    await second.rotation.resume()
    await second.rotation.settled()
    expect(await second.rotation.progress()).toBeNull()
    expect((await second.actions()).at(-1)?.detail).toMatchObject({ by: 'server' })
    expect(await second.read(59)).toBe('canary 59')
  })
})

describe('a key that is kept elsewhere', () => {
  const given = (...keys: string[]) => {
    const file = join(folder, 'given')
    writeFileSync(file, keys.join('\n'))
    return file
  }

  test('is changed to the one on the second line, and never back', async () => {
    const [one, other] = [key(), key()]
    const { change, vault, add, read } = await open(given(one))
    await add(1)
    await expect(change()).rejects.toMatchObject({ code: 'vault.no_next_key' })
    given(one, other)
    await change()
    expect(vault.key().id).toBe(createMasterKey(Buffer.from(other, 'base64'), 'file').id)
    expect(await read(1)).toBe('canary 1')
    // The old one is still on the first line.
    await expect(change()).rejects.toMatchObject({ code: 'vault.no_next_key' })
    given(other)
    expect(await (await open(join(folder, 'given'))).read(1)).toBe('canary 1')
  })

  test('is not changed when the one in use has gone from there', async () => {
    const { change } = await open(given(key()))
    given(key(), key())
    await expect(change()).rejects.toMatchObject({ code: 'vault.no_next_key' })
  })

  test('is not taken over by this server', async () => {
    const { change } = await open(given(key()))
    await expect(change({ to: 'generated', passphrase: null })).rejects.toMatchObject({
      code: 'vault.key_elsewhere',
    })
  })
})

test.each(['password', 'carl carl carl', ''])('%j closes no key', async (passphrase) => {
  const { change } = await open()
  await expect(change({ to: 'passphrase', passphrase: new Secret(passphrase) })).rejects.toMatchObject({
    code: 'vault.passphrase_weak',
  })
  await expect(change({ to: 'passphrase', passphrase: null })).rejects.toMatchObject({
    code: 'vault.passphrase_weak',
  })
  expect(readdirSync(join(folder, 'keys'))).toEqual(['master.key'])
})

describe('the recovery kit', () => {
  test('holds the key where this server keeps it; each time is in the audit trail, without the key', async () => {
    const { kits, vault, actions } = await open()
    expect(await kits.state()).toBeNull()
    const kit = await kits.make(serverActor)
    expect(createMasterKey(Buffer.from(kit.key ?? '', 'base64'), 'file').id).toBe(vault.key().id)
    expect((await kits.make(serverActor)).instanceId).toBe(kit.instanceId)
    expect(await kits.state()).toMatchObject({ state: 'downloaded', by: 'server' })
    const lines = await actions()
    expect(lines.map(({ action }) => action)).toEqual(['recovery-kit.downloaded', 'recovery-kit.downloaded'])
    expect(JSON.stringify(lines)).not.toContain(kit.key)
  })

  test('opens the database on another machine', async () => {
    const first = await open()
    await first.add(1)
    const { key: revealed } = await first.kits.make(serverActor)
    const file = join(folder, 'from the kit')
    writeFileSync(file, `${revealed}\n`)
    expect(await (await open(file)).read(1)).toBe('canary 1')
  })

  test('holds no key that is kept elsewhere, only where it comes from', async () => {
    const file = join(folder, 'given')
    writeFileSync(file, key())
    const { kits } = await open(file)
    expect(await kits.make(serverActor)).toMatchObject({ key: null, place: 'there', source: 'file' })
  })

  test('may be declined, and is asked for again when the key has changed', async () => {
    const { kits, change } = await open()
    await kits.decline(serverActor)
    expect(await kits.state()).toMatchObject({ state: 'declined' })
    await change()
    expect(await kits.state()).toBeNull()
  })
})
