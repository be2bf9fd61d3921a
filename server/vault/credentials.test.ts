import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CredentialCreate, credential } from '../../contract/credentials.ts'
import type { CredentialId } from '../../contract/ids.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import type { Audit } from '../audit/audit.ts'
import { serverActor } from '../lib/actor.ts'
import { createEvents } from '../lib/events.ts'
import { createIds } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import { createCredentials, type Credentials } from './credentials.ts'
import { createMasterKey } from './master-key.ts'
import { createVault } from './vault.ts'

const actor = { ...serverActor, name: 'user:anna' }
const canaries = { password: 'canary-password-1', sudo: 'canary-sudo-2' }

let base: TestDatabase
let clock: FakeClock
let credentials: Credentials
let audited: { action: string; target: string | null; detail: unknown }[]
let replaced: CredentialId[]

beforeEach(async () => {
  clock = createFakeClock()
  base = await testDatabase()
  audited = []
  replaced = []
  const events = createEvents(createLogger('silent'))
  events.on('credential.replaced', 'test', ({ credentialId }) => void replaced.push(credentialId))
  const append = async (_tx: unknown, entry: (typeof audited)[number]) => void audited.push(entry)
  credentials = createCredentials({
    db: base.db,
    vault: createVault({ masterKey: createMasterKey(randomBytes(32), 'file'), db: base.db }),
    audit: { append } as unknown as Audit,
    events,
    clock,
    newId: createIds(clock),
  })
})
afterEach(() => base.close())

const password = (name: string, sudoPassword: string | null = null): CredentialCreate => ({
  kind: 'password',
  name,
  password: canaries.password,
  sudoPassword,
})

async function useIn(id: CredentialId): Promise<void> {
  const nodeId = createIds(clock)('nod')
  await base.db.write((tx) =>
    tx
      .insertInto('node')
      .values({
        id: nodeId,
        name: 'nas',
        host: 'nas',
        port: 22,
        username: 'carl',
        credential_id: id,
        jump_node_id: null,
        transport: 'builtin',
        elevation: 'none',
        legacy_algorithms: 0,
        tags: '[]',
        allowed_agents: null,
        connections_per_hour: null,
        paused: 0,
        platform: '{}',
        python_hint: null,
        last_seen_at: null,
        last_problem: null,
        created_at: '',
        updated_at: '',
      })
      .execute(),
  )
}

describe('a credential', () => {
  test('with a generated key shows its public half and lends the private one', async () => {
    const made = await credentials.create({ kind: 'generate', name: 'nas', sudoPassword: null }, actor)
    expect(credential.parse(made)).toEqual(made)
    expect(made).toMatchObject({ kind: 'key', hasSudoPassword: false, nodeIds: [] })
    expect(made.publicKey).toMatch(/^ssh-ed25519 \S+ carl: nas$/)
    const login = await credentials.withLogin(made.id, async (lent) =>
      lent.kind === 'key' ? lent.privateKey.reveal() : null,
    )
    expect(login).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/)
  })

  test('with an uploaded key is stored without its passphrase', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const text = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open',
    })
    const wanted = { kind: 'key', name: 'old', privateKey: String(text), sudoPassword: null } as const
    await expect(credentials.create({ ...wanted, passphrase: null }, actor)).rejects.toMatchObject({
      code: 'key.passphrase_required',
    })
    const made = await credentials.create({ ...wanted, passphrase: 'open' }, actor)
    expect(made.fingerprint).toMatch(/^SHA256:\S{43}$/)
    expect(await credentials.list()).toEqual([made])
  })

  test('with a password lends it, and the one for sudo beside it', async () => {
    const made = await credentials.create(password('pi', canaries.sudo), actor)
    expect(made).toMatchObject({
      kind: 'password',
      publicKey: null,
      fingerprint: null,
      hasSudoPassword: true,
    })
    const lent = await credentials.withLogin(made.id, async (login) =>
      login.kind === 'password' ? login.password.reveal() : null,
    )
    expect(lent).toBe(canaries.password)
    expect(await credentials.withSudoPassword(made.id, async (sudo) => sudo?.reveal())).toBe(canaries.sudo)
  })

  test('without a password for sudo lends none', async () => {
    const { id } = await credentials.create(password('pi'), actor)
    expect(await credentials.withSudoPassword(id, async (sudo) => sudo)).toBeNull()
  })

  test('leaves no secret in the files, the audit trail or a list', async () => {
    await credentials.create(password('pi', canaries.sudo), actor)
    const seen = JSON.stringify([await credentials.list(), audited])
    const files = ['core.db', 'core.db-wal'].map((name) => readFile(join(base.folder, name), 'latin1'))
    const all = [seen, ...(await Promise.all(files))].join()
    for (const canary of Object.values(canaries)) expect(all).not.toContain(canary)
    expect(audited).toMatchObject([
      { action: 'credential.created', detail: { name: 'pi', kind: 'password', hasSudoPassword: true } },
    ])
  })

  test('must have a name of its own, whatever its case', async () => {
    await credentials.create(password('Pi'), actor)
    await expect(credentials.create(password('pi'), actor)).rejects.toMatchObject({
      code: 'credential.name_taken',
    })
    const other = await credentials.create(password('nas'), actor)
    await expect(credentials.replace(other.id, password('PI'), actor)).rejects.toMatchObject({
      code: 'credential.name_taken',
    })
    expect(audited).toHaveLength(2)
  })

  test('can be replaced, by another kind too, and that is told', async () => {
    const made = await credentials.create(password('pi', canaries.sudo), actor)
    await clock.advance(60_000)
    const now = await credentials.replace(
      made.id,
      { kind: 'generate', name: 'pi 4', sudoPassword: null },
      actor,
    )
    expect(now).toMatchObject({
      id: made.id,
      name: 'pi 4',
      kind: 'key',
      hasSudoPassword: false,
      createdAt: made.createdAt,
      secretSetAt: '2026-03-01T12:01:00.000Z',
    })
    expect(replaced).toEqual([made.id])
    expect(audited.map(({ action }) => action)).toEqual(['credential.created', 'credential.replaced'])
  })

  test('cannot be removed while a node uses it', async () => {
    const { id } = await credentials.create(password('pi'), actor)
    await useIn(id)
    await expect(credentials.remove(id, actor)).rejects.toMatchObject({ code: 'credential.in_use' })
    expect((await credentials.list())[0]?.nodeIds).toHaveLength(1)
    await base.db.write((tx) => tx.updateTable('node').set({ credential_id: null }).execute())
    await credentials.remove(id, actor)
    expect(await credentials.list()).toEqual([])
    expect(audited.at(-1)).toMatchObject({ action: 'credential.removed', target: id })
  })

  test('that does not exist is named as such', async () => {
    const none = createIds(clock)('cre')
    const code = { code: 'credential.not_found' }
    await expect(credentials.remove(none, actor)).rejects.toMatchObject(code)
    await expect(credentials.replace(none, password('x'), actor)).rejects.toMatchObject(code)
    await expect(credentials.withLogin(none, async () => null)).rejects.toMatchObject(code)
    await expect(credentials.withSudoPassword(none, async () => null)).rejects.toMatchObject(code)
    expect(await credentials.exists(none)).toBe(false)
  })

  test('whose sealed secret was moved from another row does not open', async () => {
    const one = await credentials.create(password('one'), actor)
    const two = await credentials.create(password('two'), actor)
    await base.db.write(async (tx) => {
      const stolen = await tx
        .selectFrom('credential')
        .select('secret')
        .where('id', '=', one.id)
        .executeTakeFirstOrThrow()
      await tx.updateTable('credential').set(stolen).where('id', '=', two.id).execute()
    })
    await expect(credentials.withLogin(two.id, async () => null)).rejects.toMatchObject({
      code: 'vault.damaged',
    })
  })
})
