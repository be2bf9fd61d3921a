import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ErrorCode, toProblem } from '../../contract/errors.ts'
import type { CredentialId, NodeId, SessionId } from '../../contract/ids.ts'
import { node as nodeShape, nodeCreate } from '../../contract/nodes.ts'
import { anna, nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'
import { createIds } from '../lib/id.ts'
import type { ConnectEvent, HostKeyBlob } from '../ssh/transport.ts'

let floor: NodeFloor
let changed: NodeId[]

beforeEach(async () => {
  floor = await nodeFloor()
  changed = []
  floor.events.on('node.changed', 'test', ({ nodeId }) => void changed.push(nodeId))
})
afterEach(() => floor.close())

const refused = (code: ErrorCode) => expect.objectContaining({ code })
const key = (name: string): HostKeyBlob => ({ type: 'ssh-ed25519', key: name, fingerprint: `SHA256:${name}` })

const addCredential = async (name = 'pi'): Promise<CredentialId> =>
  (await floor.credentials.create({ kind: 'password', name, password: 'open', sudoPassword: null }, anna)).id

const keysOf = async (id: NodeId) =>
  (await floor.nodes.get(id)).hostKeys.map(({ fingerprint, source }) => `${source} ${fingerprint}`)

const actor = anna
const targetOf = (id: NodeId, byHand = false) => floor.nodes.targetOf(id, { actor, byHand })

/** Tells the node what happened on the way to it, and waits until that is kept. */
async function hears(id: NodeId, ...told: ConnectEvent[]): Promise<void> {
  const target = await targetOf(id, true)
  for (const event of told) target.onEvent(event)
  await floor.db.write(() => Promise.resolve())
}
const connected = (hostKey: HostKeyBlob): ConnectEvent => ({
  kind: 'connected',
  address: '10.0.0.7',
  hostKey,
  algorithms: { kex: 'curve25519-sha256' },
  attempt: 1,
  ms: 12.3,
})
const failedBy = (code: ErrorCode): ConnectEvent => ({
  kind: 'failed',
  code,
  detail: 'no',
  attempt: 1,
  willRetry: false,
})

describe('a node', () => {
  test('is shown as the API promises, with what is not known yet', async () => {
    const made = await floor.addNode('nas', { tags: ['storage'] })
    expect(nodeShape.parse(made)).toEqual(made)
    expect(made).toMatchObject({ name: 'nas', port: 22, health: 'unknown', connected: false, hostKeys: [] })
    expect(await floor.done()).toEqual(['node.created'])
    expect(changed).toEqual([made.id])
  })

  test('shows what is found on it', async () => {
    const { id } = await floor.addNode('nas')
    await floor.nodes.recordSeen(id, { os: 'Debian', kernel: 'Linux 6.1' }, null)
    // A run tells less than the doctor does.
    await floor.nodes.recordSeen(id, { os: 'Debian' }, null)
    expect((await floor.nodes.get(id)).platform).toEqual({ os: 'Debian', kernel: 'Linux 6.1' })
    expect((await floor.nodes.get(id)).health).toBe('ok')
    floor.counts.set(id, { critical: 1, high: 0, warning: 0, info: 0 })
    expect(await floor.nodes.get(id)).toMatchObject({ health: 'findings', findings: { critical: 1 } })
  })

  test.each(['nas', 'NAS'])('has a name of its own: not %s again', async (name) => {
    await floor.addNode('nas')
    await expect(floor.addNode(name)).rejects.toEqual(refused('node.name_taken'))
    const other = await floor.addNode('pi')
    await expect(floor.nodes.change(other.id, { name }, anna)).rejects.toEqual(refused('node.name_taken'))
  })

  test('has a name of its own in every alphabet', async () => {
    await floor.addNode('Ärger')
    await expect(floor.addNode('Ärger')).rejects.toEqual(refused('node.name_taken'))
  })

  test('may keep its name in another case', async () => {
    const { id } = await floor.addNode('nas')
    expect((await floor.nodes.change(id, { name: 'NAS' }, anna)).name).toBe('NAS')
  })

  test('needs a credential that exists', async () => {
    const credentialId = await addCredential()
    await floor.credentials.remove(credentialId, anna)
    await expect(floor.addNode('nas', { credentialId })).rejects.toEqual(refused('credential.not_found'))
    expect(await floor.store.forSelection()).toEqual([])
  })

  test('that does not exist is not found', async () => {
    const id = createIds(floor.clock)('nod')
    const none = refused('node.not_found')
    await expect(floor.nodes.get(id)).rejects.toEqual(none)
    await expect(floor.nodes.change(id, { name: 'x' }, anna)).rejects.toEqual(none)
    await expect(floor.nodes.remove(id, anna)).rejects.toEqual(none)
    await expect(floor.nodes.confirmHostKey(id, key('a'), anna)).rejects.toEqual(none)
    await expect(floor.nodes.test(id, anna, new AbortController().signal)).rejects.toEqual(none)
  })

  test('is listed page by page', async () => {
    for (const name of ['c', 'B', 'a']) await floor.addNode(name)
    const first = await floor.nodes.list({ limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'B'])
    const second = await floor.nodes.list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect(second.items.map(({ name }) => name)).toEqual(['c'])
    expect(second.nextCursor).toBeNull()
  })
})

describe('two people who change a node at the same time', () => {
  test('both have their way, as they changed different things', async () => {
    const { id } = await floor.addNode('nas')
    await Promise.all([
      floor.nodes.change(id, { tags: ['prod'] }, anna),
      floor.nodes.change(id, { paused: true }, anna),
    ])
    expect(await floor.nodes.get(id)).toMatchObject({ tags: ['prod'], paused: true, health: 'paused' })
  })
})

describe('a jump host', () => {
  test('is reached on the way, with a login of its own', async () => {
    const gate = await floor.addNode('gate', { credentialId: await addCredential('gate') })
    const inner = await floor.addNode('inner', {
      credentialId: await addCredential('inner'),
      jumpNodeId: gate.id,
    })
    expect(await targetOf(inner.id)).toMatchObject({ name: 'inner', jump: { name: 'gate', jump: null } })
  })

  test('cannot lead back', async () => {
    const a = await floor.addNode('a')
    const b = await floor.addNode('b', { jumpNodeId: a.id })
    const c = await floor.addNode('c', { jumpNodeId: b.id })
    const loop = refused('node.jump_loop')
    await expect(floor.nodes.change(a.id, { jumpNodeId: c.id }, anna)).rejects.toEqual(loop)
    await expect(floor.nodes.change(a.id, { jumpNodeId: a.id }, anna)).rejects.toEqual(loop)
  })

  test('must exist', async () => {
    const jumpNodeId = createIds(floor.clock)('nod')
    await expect(floor.addNode('a', { jumpNodeId })).rejects.toEqual(refused('node.not_found'))
  })

  test('cannot be removed while it is needed', async () => {
    const gate = await floor.addNode('gate')
    const inner = await floor.addNode('inner', { jumpNodeId: gate.id })
    await expect(floor.nodes.remove(gate.id, anna)).rejects.toEqual(refused('node.in_use'))
    await floor.nodes.remove(inner.id, anna)
    await floor.nodes.remove(gate.id, anna)
    expect(await floor.store.forSelection()).toEqual([])
  })
})

describe('a host key', () => {
  test('is trusted once a person confirmed it, and then alone', async () => {
    const { id } = await floor.addNode('nas')
    await floor.nodes.recordProblem(id, toProblem('ssh.host_key_unknown'))
    expect((await floor.nodes.get(id)).health).toBe('blocked')
    expect(await floor.nodes.confirmHostKey(id, key('a'), anna)).toMatchObject({ lastProblem: null })
    await floor.nodes.confirmHostKey(id, key('b'), anna)
    expect(await keysOf(id)).toEqual(['confirmed SHA256:b'])
  })

  test('of another kind than before is trusted only by somebody who has just proved to be there', async () => {
    const { id } = await floor.addNode('nas')
    const awhileAgo = { ...anna, sessionId: 'ses_x' as SessionId, isPresent: false }
    await floor.nodes.confirmHostKey(id, key('a'), awhileAgo)
    await floor.nodes.confirmHostKey(id, key('a'), awhileAgo)
    const other = floor.nodes.confirmHostKey(id, key('b'), awhileAgo)
    await expect(other).rejects.toMatchObject({ code: 'auth.step_up_required' })
    const byToken = floor.nodes.confirmHostKey(id, key('b'), { ...awhileAgo, sessionId: null })
    await expect(byToken).rejects.toMatchObject({ code: 'auth.forbidden' })
    expect(await keysOf(id)).toEqual(['confirmed SHA256:a'])
  })

  test('that a trusted one vouches for is learnt, with a line in the audit trail', async () => {
    const { id } = await floor.addNode('nas', { credentialId: await addCredential() })
    await floor.nodes.confirmHostKey(id, key('a'), anna)
    await hears(id, { kind: 'host-keys', keys: [key('a'), key('b')] })
    await hears(id, { kind: 'host-keys', keys: [key('a'), key('b')] })
    expect(await keysOf(id)).toEqual(['confirmed SHA256:a', 'learnt SHA256:b'])
    expect((await floor.done()).filter((action) => action === 'host-key.learnt')).toHaveLength(1)
  })

  test.each([{ host: 'other.example' }, { port: 2222 }])(
    'was confirmed for one machine: %j is another',
    async (change) => {
      const { id } = await floor.addNode('nas')
      await floor.nodes.confirmHostKey(id, key('a'), anna)
      await floor.nodes.change(id, { ...change, name: 'moved' }, anna)
      expect(await keysOf(id)).toEqual([])
    },
  )

  test('stays when only a name changes', async () => {
    const { id } = await floor.addNode('nas')
    await floor.nodes.confirmHostKey(id, key('a'), anna)
    await floor.nodes.change(id, { name: 'storage', tags: ['x'] }, anna)
    expect(await keysOf(id)).toEqual(['confirmed SHA256:a'])
  })

  test('of the old machine does not come back by a connection that was still under way', async () => {
    const { id } = await floor.addNode('nas', { credentialId: await addCredential() })
    await floor.nodes.confirmHostKey(id, key('a'), anna)
    const before = await targetOf(id)
    await floor.nodes.change(id, { host: 'other.example' }, anna)
    before.onEvent(connected(key('a')))
    before.onEvent({ kind: 'host-keys', keys: [key('b')] })
    await floor.db.write(() => Promise.resolve())
    expect(await keysOf(id)).toEqual([])
  })

  test('is seen again at each connection', async () => {
    const { id } = await floor.addNode('nas', { credentialId: await addCredential() })
    await floor.nodes.confirmHostKey(id, key('a'), anna)
    await floor.clock.advance(60_000)
    await hears(id, connected(key('a')))
    expect((await floor.nodes.get(id)).hostKeys).toMatchObject([
      { pinnedAt: '2026-03-01T12:00:00.000Z', seenAt: '2026-03-01T12:01:00.000Z' },
    ])
  })
})

describe('a login that was refused', () => {
  let credentialId: CredentialId
  let id: NodeId
  beforeEach(async () => {
    credentialId = await addCredential()
    id = (await floor.addNode('nas', { credentialId })).id
    await hears(id, failedBy('ssh.auth_failed'))
    await floor.nodes.recordProblem(id, toProblem('ssh.auth_failed'))
  })
  const quarantined = refused('credential.quarantined')
  const free = { name: 'nas' }

  test('is not tried again by itself, so that nobody is locked out', async () => {
    await expect(targetOf(id)).rejects.toEqual(quarantined)
    expect(await floor.done()).toContain('ssh.failed')
  })

  test('may be tried again by a person, and is free when that goes well', async () => {
    await hears(id, connected(key('a')))
    await expect(targetOf(id)).resolves.toMatchObject(free)
  })

  test('is free when the secret is replaced', async () => {
    floor.events.on('credential.replaced', 'test', (event) =>
      floor.nodes.onCredentialReplaced(event.credentialId),
    )
    const wanted = { kind: 'password', name: 'pi', password: 'new', sudoPassword: null } as const
    await floor.credentials.replace(credentialId, wanted, anna)
    await floor.db.write(() => Promise.resolve())
    await expect(targetOf(id)).resolves.toMatchObject(free)
    expect((await floor.nodes.get(id)).lastProblem).toBeNull()
  })

  test.each([{ username: 'root' }, { host: 'other.example' }])('is free when %j', async (change) => {
    expect(await floor.nodes.change(id, change, anna)).toMatchObject({ lastProblem: null, health: 'unknown' })
    await expect(targetOf(id)).resolves.toMatchObject(free)
  })

  test('stays refused when only the name changes', async () => {
    await floor.nodes.change(id, { name: 'storage' }, anna)
    await expect(targetOf(id)).rejects.toEqual(quarantined)
  })

  test.each<ErrorCode>(['ssh.connection_timeout', 'ssh.host_key_changed'])(
    'is not what %s means',
    async (code) => {
      await floor.nodes.change(id, { username: 'root' }, anna)
      await hears(id, failedBy(code))
      await expect(targetOf(id)).resolves.toMatchObject(free)
    },
  )
})

describe('what the SSH floor is told of a node', () => {
  test('is everything it needs, with limits of the settings where the node has none', async () => {
    const credentialId = await addCredential()
    const a = await floor.addNode('a', { credentialId })
    const b = await floor.addNode('b', {
      credentialId,
      connectionsPerHour: 0,
      port: 2222,
      transport: 'openssh',
    })
    await floor.nodes.confirmHostKey(b.id, key('b'), anna)
    expect(await targetOf(a.id)).toMatchObject({ port: 22, connectionsPerHour: 60, hostKeys: [], jump: null })
    expect(await targetOf(b.id)).toMatchObject({
      poolKey: `${b.id}:${credentialId}`,
      port: 2222,
      transport: 'openssh',
      connectionsPerHour: 0,
      hostKeys: [key('b')],
    })
    const login = await (await targetOf(a.id)).withLogin((lent) => Promise.resolve(lent.kind))
    expect(login).toBe('password')
  })

  test('is refused without a credential, by the name of the node', async () => {
    const { id } = await floor.addNode('nas')
    await expect(targetOf(id)).rejects.toMatchObject({
      code: 'credential.missing',
      problem: { detail: 'nas has no credential.' },
    })
  })
})

describe('a test of the connection', () => {
  test('keeps what fails, until it no longer does', async () => {
    const { id } = await floor.addNode('nas', { credentialId: await addCredential() })
    const problem = toProblem('ssh.connection_refused')
    floor.seen.inspection = {
      steps: [{ step: 'tcp', state: 'failed', detail: 'refused', ms: 1, problem }],
      offeredHostKey: null,
      connection: null,
    }
    const report = await floor.nodes.test(id, anna, new AbortController().signal)
    expect(report).toMatchObject({ nodeId: id, ok: false })
    expect(await floor.nodes.get(id)).toMatchObject({ health: 'unreachable', lastProblem: problem })
    await floor.nodes.recordSeen(id, {}, null)
    expect(await floor.nodes.get(id)).toMatchObject({ health: 'ok', lastProblem: null })
    expect(await floor.done()).toContain('node.tested')
  })
})

test('what is not allowed for a node leaves neither a trace of it nor a line', async () => {
  await floor.addNode('nas')
  const before = await floor.done()
  await expect(
    floor.nodes.create(nodeCreate.parse({ name: 'nas', host: 'x', username: 'y' }), anna),
  ).rejects.toEqual(refused('node.name_taken'))
  expect(await floor.done()).toEqual(before)
})
