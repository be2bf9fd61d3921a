import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { agentId } from '../contract/ids.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { untilGone, untilSeen } from '../testbed/processes.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../testbed/tcp-proxy.ts'
import { openLive } from '../testbed/live-client.ts'
import { problemOf } from './cli/problem.ts'

let sshd: TestSshd
let proxy: TcpProxy
let server: TestHouse

beforeAll(async () => {
  sshd = await startSshd()
  proxy = await startTcpProxy(() => sshd.port)
  server = await testHouse()
  await server.drive.addNode(sshd)
  await server.drive.addNode(sshd, { name: 'behind-proxy', port: proxy.port, tags: ['far'] })
})
afterAll(async () => {
  await server.close()
  await proxy.close()
  await sshd.stop()
})

const codeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    (error: unknown) => problemOf(error)?.code,
  )

describe('an execution', () => {
  test('reports facts, remembers them, and leaves nothing on the node', async () => {
    const { drive } = server
    const first = await drive.run('hello', 'nas', { name: 'anna' })
    const ended = await drive.untilEnded(first.id)
    expect(ended).toMatchObject({ state: 'succeeded', outcome: { exitCode: 0, left: [], problem: null } })
    expect(await drive.printedBy(first.id)).toEqual(['hello anna'])

    const second = await drive.run('hello', 'nas', { name: 'anna' })
    await drive.untilEnded(second.id)
    const report = await drive.client.executions.report({ params: { id: second.id } })
    expect(report.facts).toMatchObject({ host: { name: 'anna', visits: 2 } })
    expect(report.comparedWith).toBe(first.id)

    const { items } = await drive.client.executions.commands({ params: { id: first.id } })
    expect(items.map(({ argv }) => argv.at(-1))).toContainEqual(expect.stringContaining('true'))
    await untilGone(first.id)
  })

  test.each(['builtin', 'openssh'] as const)(
    'over the %s transport leaves no folder behind',
    async (transport) => {
      const { drive } = server
      await drive.addNode(sshd, { name: `by ${transport}`, transport })
      const { id } = await drive.run('counts', `by ${transport}`, { count: 5, everyMs: 1 })
      expect(await drive.untilEnded(id)).toMatchObject({ state: 'succeeded' })
      expect(await drive.printedBy(id)).toHaveLength(5)
      const left = () =>
        ['/dev/shm', '/tmp'].flatMap((place) => readdirSync(place)).filter((name) => name.endsWith(id))
      await untilSeen('the end of its folder', () => left().length === 0)
    },
  )

  test('is told live, line by line, to whoever listens', async () => {
    const { drive, url } = server
    const { ticket } = await drive.client.system.ticket({})
    const live = await openLive(`${url}/api/v1/live?ticket=${ticket}`)
    const { id } = await drive.run('counts', 'nas', { count: 20, everyMs: 1 })
    live.say({ type: 'subscribe', topic: `log:${id}`, after: 0 })
    await live.hears('complete')
    const texts = live.frames.flatMap((frame) => (frame.type === 'log' ? frame.entries : []))
    expect(texts.filter(({ stream }) => stream === 'out')).toHaveLength(20)
    expect(live.seqs()).toEqual(live.seqs().map((_, at) => at + 1))
    live.socket.terminate()
    await live.closed
  })

  test('of an agent that fails says so, with its last lines and its traceback', async () => {
    const { drive } = server
    const { id } = await drive.run('hello', 'nas', { fails: true })
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({
      kind: 'failed',
      exitCode: 1,
      problem: { code: 'execution.agent_failed' },
    })
    expect(outcome?.lastLines).toContain('hello world')
    const texts = (await drive.logOf(id)).map(({ text }) => text).join('\n')
    expect(texts).toContain('ValueError: as it was told to')
    expect(await codeOf(drive.client.executions.report({ params: { id } }))).toBe('execution.no_report')
  })

  test('that is cancelled takes every process with it, also those that do not want to go', async () => {
    const { drive } = server
    const { id } = await drive.run('stubborn', 'nas')
    await drive.untilLogged(id, 'all of it runs')
    await drive.client.executions.cancel({ params: { id } })
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({ kind: 'cancelled', forced: true, left: [] })
    await untilGone(id)
    expect(await codeOf(drive.client.executions.cancel({ params: { id } }))).toBe('execution.finished')
  })

  test('that takes too long is stopped, and a cancel on top of it does not rewrite why', async () => {
    const { drive } = server
    const { executions } = await drive.client.executions.start({
      body: { agentId: agentId.parse('stubborn'), targets: ['nas'], timeoutS: 1 },
    })
    const id = executions[0]!.id
    await drive.untilLogged(id, 'Stopping on the node: timeout')
    await drive.client.executions.cancel({ params: { id } })
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({ kind: 'timed-out', problem: { code: 'execution.timed_out' }, left: [] })
    await untilGone(id)
  })

  test('that waits for another on its node says so, and can be taken back', async () => {
    const { drive } = server
    const busy = await drive.run('stubborn', 'nas')
    await drive.untilLogged(busy.id, 'all of it runs')
    const waiting = await drive.run('hello', 'nas')
    expect(waiting).toMatchObject({ state: 'queued', waitingFor: '1 before it on this node' })
    await drive.client.executions.cancel({ params: { id: waiting.id } })
    expect(await drive.untilEnded(waiting.id)).toMatchObject({ state: 'cancelled' })
    await drive.client.executions.cancel({ params: { id: busy.id } })
    await drive.untilEnded(busy.id)
  })

  test('on many nodes is one batch, and the preview tells which nodes are meant', async () => {
    const { drive } = server
    const body = { agentId: agentId.parse('hello'), targets: ['all', '!tag:far', '!by *', 'nobody'] }
    const preview = await drive.client.executions.preview({ body })
    expect(preview.nodes.map(({ name }) => name)).toEqual(['nas'])
    expect(preview.unmatched).toEqual(['nobody'])
    const { batchId, executions } = await drive.client.executions.start({
      body: { ...body, targets: ['nas', 'behind-*'], dryRun: true },
    })
    expect(executions).toHaveLength(2)
    for (const { id } of executions) await drive.untilEnded(id)
    const { items } = await drive.client.executions.list({ query: { batchId } })
    expect(items.map(({ state, dryRun }) => ({ state, dryRun }))).toEqual([
      { state: 'succeeded', dryRun: true },
      { state: 'succeeded', dryRun: true },
    ])
  })
})

describe('a link that breaks', () => {
  test('in the middle of a run is taken up again, without loss or repetition', async () => {
    const { drive } = server
    const { id } = await drive.run('counts', 'behind-proxy', { count: 300, everyMs: 5 })
    await drive.untilLogged(id, 'line 20')
    proxy.cut()
    await drive.untilLogged(id, 'Connected to the node again')
    await drive.untilLogged(id, 'line 120')
    proxy.cut()
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({ kind: 'succeeded' })
    expect(await drive.printedBy(id)).toEqual(Array.from({ length: 300 }, (_, at) => `line ${at + 1}`))
    await untilGone(id)
  })

  test('under an agent that cannot go on alone ends it, and the node is swept', async () => {
    const { drive } = server
    const { id } = await drive.run('talks', 'behind-proxy', { what: 'flood', bytes: 1_900_000_000 })
    await drive.until(id, ({ state }) => state === 'running')
    proxy.cut()
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({ kind: 'lost', problem: { code: 'execution.lost' } })
    await untilGone(id)
  })
})

describe('an agent that says what it should not', () => {
  test('is shown as text: broken UTF-8, escape sequences, no JSON', async () => {
    const { drive } = server
    const { id } = await drive.run('talks', 'nas', { what: 'garbage' })
    expect(await drive.untilEnded(id)).toMatchObject({ state: 'succeeded' })
    const printed = (await drive.printedBy(id)).join('\n')
    expect(printed).toContain('not UTF-8')
    expect(printed).toContain('{not json}')
  })

  test('cannot forge the end of its own run', async () => {
    const { drive } = server
    const { id } = await drive.run('talks', 'nas', { what: 'forged' })
    expect(await drive.untilEnded(id)).toMatchObject({ state: 'succeeded' })
    const report = await drive.client.executions.report({ params: { id } })
    expect(report.facts).toMatchObject({ host: { said: 'forged' } })
  })

  test.each([
    ['a line of 50 MB', 'long-line', 50_000_000],
    ['a gigabyte', 'flood', 1_000_000_000],
  ])('%s is cut on the node, with the gap told', async (_, what, bytes) => {
    const { drive } = server
    const { id } = await drive.run('talks', 'nas', { what, bytes })
    expect(await drive.untilEnded(id)).toMatchObject({ state: 'succeeded' })
    const entries = await drive.logOf(id)
    expect(entries.some(({ stream }) => stream === 'gap')).toBe(true)
    const kept = entries.reduce((sum, { text }) => sum + text.length, 0)
    expect(kept).toBeLessThan(2_000_000)
  })
})

describe('a node that cannot be used', () => {
  const unusable: [
    what: string,
    change: Parameters<typeof server.drive.addNode>[1],
    code: string,
    state: string,
  ][] = [
    ['a wrong port', { port: 1 }, 'ssh.connection_refused', 'unreachable'],
    ['a name nobody knows', { host: 'nobody.invalid' }, 'ssh.dns_not_found', 'unreachable'],
    ['an address outside the allowed networks', { host: '192.0.2.1' }, 'ssh.address_not_allowed', 'blocked'],
    ['a user who is refused', { username: 'nobody-here' }, 'ssh.auth_failed', 'blocked'],
    ['no credential', { credentialId: null }, 'credential.missing', 'blocked'],
  ]
  test.each(unusable)('because of %s is told with the way out', async (what, change, code, state) => {
    const { drive } = server
    const node = await drive.addNode(sshd, { name: `with ${what}`.slice(0, 60), ...change })
    const { id } = await drive.run('hello', node.id)
    const ended = await drive.untilEnded(id)
    expect(ended.state).toBe(state)
    expect(ended.outcome?.problem).toMatchObject({ code, fix: expect.stringMatching(/\w+/) })
    const seen = await drive.client.nodes.get({ params: { id: node.id } })
    expect(seen.lastProblem?.code).toBe(code)
  })

  test('because its host key changed is blocked until a person confirms the new one', async () => {
    const { drive } = server
    const other = await startSshd()
    try {
      const node = await drive.addNode(other, { name: 'reinstalled' })
      other.changeHostKeys()
      await other.restart()
      const { id } = await drive.run('hello', node.id)
      expect((await drive.untilEnded(id)).outcome?.problem?.code).toBe('ssh.host_key_changed')

      const { offeredHostKey } = await drive.client.nodes.test({ params: { id: node.id } })
      expect(offeredHostKey?.fingerprint).toBe(other.hostKey.fingerprint)
      await drive.client.nodes.confirmHostKey({ params: { id: node.id }, body: offeredHostKey! })
      const again = await drive.run('hello', node.id)
      expect(await drive.untilEnded(again.id)).toMatchObject({ state: 'succeeded' })
    } finally {
      await other.stop()
    }
  })

  test('because it refused the credential is left alone until somebody asks for it', async () => {
    const { drive } = server
    const node = await drive.addNode(sshd, { name: 'refusing', username: 'nobody-here' })
    const first = await drive.run('hello', node.id)
    await drive.untilEnded(first.id)
    const second = await drive.run('hello', node.id)
    expect((await drive.untilEnded(second.id)).outcome?.problem?.code).toBe('credential.quarantined')
  })
})

describe('requests that make no sense', () => {
  test.each([
    ['an agent that does not exist', { agentId: 'nothing', targets: ['nas'] }, 'agent.not_found'],
    ['a node that does not exist', { agentId: 'hello', targets: ['nothing'] }, 'node.none_selected'],
    [
      'an unknown option',
      { agentId: 'hello', targets: ['nas'], options: { nam: 'x' } },
      'agent.options_invalid',
    ],
    ['a timeout beyond the limit', { agentId: 'hello', targets: ['nas'], timeoutS: 61 }, 'request.invalid'],
    ['an unknown field', { agentId: 'hello', targets: ['nas'], dryrun: true }, 'request.invalid'],
  ])('%s is refused and starts nothing', async (_, body, code) => {
    const { drive } = server
    const before = await drive.client.executions.list({ query: { limit: 1 } })
    expect(await codeOf(drive.client.executions.start({ body: body as never }))).toBe(code)
    expect(await drive.client.executions.list({ query: { limit: 1 } })).toEqual(before)
  })
})

describe('a restart', () => {
  afterEach(async () => {
    // The other tests go on with the same server.
    await server.drive.allowLoopback()
  })

  test('keeps nodes, reports and the audit trail, whose chain holds', async () => {
    const before = await server.drive.client.executions.list({ query: { limit: 5 } })
    await server.restart()
    expect(await server.drive.client.executions.list({ query: { limit: 5 } })).toEqual(before)
    const { items } = await server.drive.client.audit.list({ query: { limit: 200 } })
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['node.created', 'execution.queued', 'execution.launched', 'command.ran']),
    )
    expect(JSON.stringify(items)).not.toContain('PRIVATE KEY')
  })
})
