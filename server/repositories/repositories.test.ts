import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentId, type ExecutionId, type NodeId, type RepositoryId } from '../../contract/ids.ts'
import { repository as repositoryShape, repositoryCreate } from '../../contract/repositories.ts'
import type { Report } from '../../contract/reports.ts'
import { anna, nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'
import { createIds } from '../lib/id.ts'
import { createMasterKey, type MasterKey } from '../vault/master-key.ts'
import { createVault } from '../vault/vault.ts'
import { createRepositories, type Repositories } from './repositories.ts'

const canary = 'canary-pa"ss\\word-9'
const validator = { id: agentId.parse('backup-validator'), secrets: ['repository' as const] }

let floor: NodeFloor
let masterKey: MasterKey
let repositories: Repositories
let nas: NodeId
let executionId: ExecutionId

beforeEach(async () => {
  floor = await nodeFloor()
  masterKey = createMasterKey(randomBytes(32), 'file')
  repositories = withKey(masterKey)
  nas = (await floor.addNode('nas')).id
  executionId = createIds(floor.clock)('exe')
})
afterEach(() => floor.close())

function withKey(key: MasterKey): Repositories {
  const { db, audit, clock } = floor
  const vault = createVault({ masterKey: key, db })
  return createRepositories({ db, vault, audit, clock, newId: createIds(clock) })
}

const named = (wanted: object) =>
  repositories.create(
    repositoryCreate.parse({ nodeId: nas, kind: 'restic', location: '/srv/r', ...wanted }),
    anna,
  )
const secret = (password = canary, variables = {}) => ({ password, variables })
const lend = (options: object = { discover: true, targets: [] }, nodeId = nas) =>
  repositories.lend({ executionId, nodeId, manifest: validator, options: { ...options } }, anna)

const target = (changed: object = {}) => ({
  name: '/srv/r',
  kind: 'restic',
  state: 'open',
  newest_at: 1_795_000_000,
  backups: 3,
  size: 1_000,
  checks: [{ how: 'sums', ok: true }],
  drill: null,
  ...changed,
})
const drill = (changed: object = {}) => ({
  proved: true,
  files: 50,
  bytes: 900,
  identical: 48,
  failed: null,
  stopped: null,
  wrong: [],
  ...changed,
})
const reportOf = (targets: unknown, changed: Partial<Report> = {}): Report =>
  ({
    executionId,
    nodeId: nas,
    agentId: validator.id,
    createdAt: floor.clock.now().toISOString(),
    schema: 'backup-validator/1',
    facts: { targets },
    findings: [],
    ...changed,
  }) as unknown as Report
const learn = (targets: unknown, changed: Partial<Report> = {}) =>
  floor.db.write((tx) => repositories.learn(tx, reportOf(targets, changed)))
const only = async () => {
  const [one, ...others] = await repositories.list()
  expect(others).toEqual([])
  if (!one) throw new Error('there is none')
  return repositoryShape.parse(one)
}

describe('secrets of repositories', () => {
  test('come out of nothing but a loan, and nobody reads them in the database or the audit trail', async () => {
    const { id } = await named({ secret: secret('first one') })
    await repositories.setSecret(id, secret(canary, { B2_ACCOUNT_KEY: `${canary}-key` }), anna)
    const one = await only()
    expect(one.secret).toEqual({ setAt: floor.clock.now().toISOString(), variables: ['B2_ACCOUNT_KEY'] })
    expect(await lend()).toEqual({
      'restic:/srv/r': canary,
      'restic:/srv/r\nB2_ACCOUNT_KEY': `${canary}-key`,
    })
    const trail = await floor.audit.list({ limit: 200 })
    const rows = await floor.db.read.selectFrom('repository').selectAll().execute()
    const readable = JSON.stringify([one, trail, rows, rows.map((row) => row.secret?.toString('latin1'))])
    for (const form of [
      canary,
      JSON.stringify(canary).slice(1, -1),
      Buffer.from(canary).toString('base64').slice(0, 20),
    ])
      expect(readable).not.toContain(form)
  })

  test('what was lent to which run stands in the audit trail, before it goes out', async () => {
    await named({ secret: secret() })
    await lend()
    const { items } = await floor.audit.list({ limit: 1 })
    expect(items[0]).toMatchObject({
      action: 'repository.secret-lent',
      target: nas,
      detail: { executionId, agent: 'backup-validator', repositories: ['restic:/srv/r'] },
    })
  })

  test('are lent to the node they belong to, and to no other', async () => {
    await named({ secret: secret() })
    const other = (await floor.addNode('pi')).id
    expect(await lend({ discover: true }, other)).toEqual({})
    expect(await lend({ discover: false, targets: ['restic:/srv/r'] }, other)).toEqual({})
  })

  test.each([
    [{ discover: false, targets: ['restic:/srv/r'] }, ['restic:/srv/r']],
    [{ discover: false, targets: ['restic:/srv//r/'] }, ['restic:/srv/r']],
    [{ discover: false, targets: ['borg:/srv/r'] }, []],
    [{ discover: false, targets: [] }, []],
    [{ discover: false, targets: [7, null] }, []],
    [{ discover: true, targets: [] }, ['borg:/srv/b', 'restic:/srv/r']],
  ])('a run with %o is lent what it looks at: %o', async (options, keys) => {
    await named({ secret: secret() })
    await named({ kind: 'borg', location: '/srv/b', secret: secret('other') })
    expect(Object.keys(await lend(options)).sort()).toEqual(keys)
  })

  test('an agent that does not ask for them is lent none', async () => {
    await named({ secret: secret() })
    const manifest = { id: agentId.parse('system-health'), secrets: [] }
    expect(await repositories.lend({ executionId, nodeId: nas, manifest, options: {} }, anna)).toEqual({})
  })

  test('a loan fails whole when a secret was moved to another row', async () => {
    await named({ secret: secret() })
    await named({ location: '/srv/other', secret: secret('second') })
    const [a, b] = await floor.db.read.selectFrom('repository').select(['id', 'secret']).execute()
    await floor.db.write(async (tx) => {
      for (const [id, sealed] of [
        [a?.id, b?.secret],
        [b?.id, a?.secret],
      ] as [RepositoryId, Buffer][])
        await tx.updateTable('repository').set({ secret: sealed }).where('id', '=', id).execute()
    })
    await expect(lend()).rejects.toMatchObject({ code: 'vault.damaged' })
  })

  test('a forgotten one is lent no more', async () => {
    const { id } = await named({ secret: secret() })
    expect((await repositories.removeSecret(id, anna)).secret).toBeNull()
    expect(await lend()).toEqual({})
    await repositories.remove(id, anna)
    expect(await repositories.list()).toEqual([])
    expect((await floor.done()).slice(-3)).toEqual([
      'repository.created',
      'repository.secret-removed',
      'repository.removed',
    ])
  })

  test('archives take no password, a place is named once, and an unknown node has none', async () => {
    await expect(named({ kind: 'archives', secret: secret() })).rejects.toMatchObject({
      code: 'repository.no_secret',
    })
    const { id } = await named({ kind: 'archives' })
    await expect(repositories.setSecret(id, secret(), anna)).rejects.toMatchObject({
      code: 'repository.no_secret',
    })
    await expect(named({ kind: 'archives' })).rejects.toMatchObject({ code: 'repository.exists' })
    const nobody = createIds(floor.clock)('nod')
    await expect(named({ nodeId: nobody })).rejects.toMatchObject({ code: 'node.not_found' })
    const none = createIds(floor.clock)('rep')
    await expect(repositories.remove(none, anna)).rejects.toMatchObject({ code: 'repository.not_found' })
  })

  test('go with their node', async () => {
    await named({ secret: secret() })
    await floor.nodes.remove(nas, anna)
    expect(await repositories.list()).toEqual([])
  })
})

describe('places', () => {
  test.each([
    'borg:--rsh=x',
    '-x',
    'sftp:-oProxyCommand=x:/y',
    'ssh://-oProxyCommand=x/y',
    'anna@-x:/y',
    'rest:https://anna:secret@backup.example/',
    '/srv//r',
    '/srv/../etc',
    '/srv/r/',
    '/srv/\u001b[2J',
    'with space:/x',
    '',
  ])('%s is refused: a program could take it for an option, or it holds a password', (location) => {
    expect(repositoryCreate.safeParse({ nodeId: nas, kind: 'restic', location }).success).toBe(false)
  })

  test.each([
    '/srv/backup',
    '/mnt/with space/é',
    'sftp:anna@nas:/pool/r',
    'ssh://anna@nas:22/./repo',
    's3:https://s3.example/bucket/x',
    'tank/data',
  ])('%s is taken', (location) => {
    expect(repositoryCreate.safeParse({ nodeId: nas, kind: 'restic', location }).success).toBe(true)
  })
})

describe('what runs say', () => {
  test('a repository that is found is in the list, with its age, its check and its proof', async () => {
    const at = floor.clock.now().toISOString()
    await learn([target({ drill: drill() })])
    expect(await only()).toMatchObject({
      nodeName: 'nas',
      kind: 'restic',
      location: '/srv/r',
      state: 'open',
      newestAt: new Date(1_795_000_000_000).toISOString(),
      backups: 3,
      sizeBytes: 1_000,
      lookedAt: at,
      executionId,
      check: { at, isWhole: true, how: 'sums' },
      drill: { at, isProved: true },
      proof: { at, executionId, files: 50, bytes: 900, identical: 48 },
    })
  })

  test('a drill that fails later leaves the last proof as it was, and is told', async () => {
    await learn([target({ drill: drill() })])
    const { proof } = await only()
    await floor.clock.advance(86_400_000)
    await learn([target({ drill: drill({ proved: false, failed: { said: 'pack damaged' } }) })])
    const later = await only()
    expect(later.proof).toEqual(proof)
    expect(later.drill).toMatchObject({ isProved: false, why: 'pack damaged' })
  })

  test('a run without a drill, and a place that cannot be entered, take nothing away', async () => {
    await learn([target({ drill: drill() })])
    const { proof, newestAt, check } = await only()
    await learn([target({ state: 'missing', newest_at: null, backups: 0, size: null, checks: [] })])
    expect(await only()).toMatchObject({ state: 'missing', proof, newestAt, check, backups: 3 })
  })

  test('what a person named and a secret that is kept stay with the repository that is found', async () => {
    const { id } = await named({ secret: secret() })
    await learn([target()])
    expect(await only()).toMatchObject({ id, state: 'open', secret: { variables: [] } })
    expect(await lend()).toEqual({ 'restic:/srv/r': canary })
  })

  test('findings are counted for the repository they are about', async () => {
    const finding = (subject: string, severity: string, state = 'new', rule = 'backup.stale') => ({
      rule,
      subject,
      severity,
      state,
    })
    const findings = [
      finding('/srv/r', 'critical'),
      finding('/srv/r [nas]', 'high'),
      finding('/srv/r/x.tar', 'warning'),
      finding('/srv/r2', 'critical'),
      finding('/srv/r', 'critical', 'resolved'),
      finding('/srv/r', 'critical', 'new', 'disk.full'),
    ] as unknown as Report['findings']
    await learn([target()], { findings })
    expect((await only()).findings).toEqual({ critical: 1, high: 1, warning: 1, info: 0 })
  })

  test.each([
    ['no list', 'text'],
    ['no objects', [null, 7, 'x', []]],
    ['a kind that nobody knows', [target({ kind: 'tape' })]],
    ['no name', [target({ name: '' }), target({ name: 7 })]],
  ])('of a hostile node, nothing is kept: %s', async (_, targets) => {
    await learn(targets)
    expect(await repositories.list()).toEqual([])
  })

  test('odd values of a hostile node become harmless ones', async () => {
    const odd = {
      state: 'hacked',
      newest_at: 1e300,
      backups: -5,
      size: 'x',
      checks: 'x',
      drill: { proved: true },
    }
    await learn([target({ ...odd, name: '/srv/\u001b[2J\u202ex\nnew' })])
    const one = await only()
    expect(one).toMatchObject({ state: 'error', newestAt: null, proof: null, sizeBytes: null, check: null })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(one.location).not.toMatch(/[\u0000-\u001f\u202e]/)
  })

  test('a drill that restored nothing proves nothing, whatever it claims', async () => {
    await learn([target({ drill: drill({ files: 0 }) })])
    expect((await only()).proof).toBeNull()
  })

  test('another agent cannot claim proofs, and a node can only fill its own share of the list', async () => {
    await learn([target({ drill: drill() })], { agentId: agentId.parse('big-logs') })
    expect(await repositories.list()).toEqual([])
    for (const round of [0, 1]) {
      await learn(Array.from({ length: 400 }, (_, n) => target({ name: `/srv/${round}/${n}` })))
    }
    expect(await repositories.list()).toHaveLength(200)
    await expect(named({ location: '/one/more' })).rejects.toMatchObject({ code: 'repository.too_many' })
  })
})
