import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeAccess } from '../../contract/access.ts'
import { ApiError } from '../../contract/client.ts'
import { agentId, credentialId, type NodeId } from '../../contract/ids.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { canAddUsers, startSshd, type TestSshd } from '../../testbed/sshd.ts'

const hello = agentId.parse('hello')
const counts = agentId.parse('counts')
const systemHealth = agentId.parse('system-health')

let sshd: TestSshd
let server: TestHouse
/** A person with the role operator. */
let operator: ReturnType<TestHouse['as']>
/** What only a person may do who has just signed in. */
let asAdmin: (path: string, body: object) => Promise<Response>

beforeAll(async () => {
  sshd = await startSshd({ config: ['AuthorizedKeysFile .ssh/authorized_keys', 'StrictModes yes'] })
  server = await testHouse()
  const admin = await server.house.auth.signIn.createLink({ userName: 'admin' })
  const { token } = await server.house.auth.signIn.byLink(admin, {
    ip: '10.0.0.1',
    userAgent: null,
    replaces: null,
  })
  asAdmin = (path, body) =>
    fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { cookie: `carl=${token.reveal()}`, origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const reply = await asAdmin('/account/tokens', { name: 'op', role: 'operator' })
  operator = server.as(((await reply.json()) as { text: string }).text)
})
afterAll(async () => {
  await server?.close()
  await sshd?.stop()
})

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
  )
const accessOf = async (id: NodeId) => {
  const access = await server.drive.client.access.get({ params: { id } })
  expect(nodeAccess.parse(access)).toEqual(access)
  return access
}
const grant = (id: NodeId, allowedAgents: ReturnType<typeof agentId.parse>[] | null) =>
  server.drive.client.nodes.change({ params: { id }, body: { allowedAgents } })
describe.runIf(canAddUsers)('a node that is added by the block', () => {
  const username = `carl-${randomBytes(4).toString('hex')}`
  let id: NodeId
  /** Once it is there. */
  let known: NodeId | null = null
  let remove = ''
  const root = (input: string) => expect(spawnSync('sh', { input, encoding: 'utf8' }).stderr).toBe('')
  const pasteFor = async (agents: ReturnType<typeof agentId.parse>[] | null, from = '') => {
    const credential = (await server.drive.client.credentials.list()).items.find(
      ({ name }) => name === 'by block',
    )
    const block = await server.drive.client.access.enrol({
      body: {
        nodeId: known,
        credentialId: credential?.id as never,
        username,
        elevation: 'commands',
        agents,
        from,
      },
    })
    remove = block.remove
    root(block.paste)
    return block
  }

  beforeAll(async () => {
    const { client } = server.drive
    const credential = await client.credentials.create({ body: { kind: 'generate', name: 'by block' } })
    await pasteFor([hello, systemHealth])
    const added = await client.nodes.create({
      body: {
        name: 'enrolled',
        host: '127.0.0.1',
        port: sshd.port,
        username,
        credentialId: credential.id,
        elevation: 'commands',
        allowedAgents: [hello, systemHealth],
      },
    })
    id = added.id
    known = id
    await client.nodes.confirmHostKey({ params: { id }, body: { ...sshd.hostKey } })
  })
  afterAll(() => spawnSync('sh', { input: remove }))

  const run = async (agent: string) => {
    const { id: execution } = await server.drive.run(agent, 'enrolled')
    return server.drive.untilEnded(execution)
  }

  test('is examined, graded, and runs what is granted', async () => {
    expect(await accessOf(id)).toMatchObject({ facts: null, grade: null, reasons: [] })
    const report = await server.drive.client.nodes.test({ params: { id } })
    expect(report).toMatchObject({ ok: true })
    expect(report).not.toHaveProperty('probe')
    expect(await accessOf(id)).toMatchObject({
      grade: 'B',
      reasons: [{ reason: 'from-anywhere' }],
      facts: { user: username, seenFrom: '127.0.0.1', isForced: true, sudo: 'commands' },
    })
    expect(await run('hello')).toMatchObject({ state: 'succeeded' })
  })

  test('tells System Health what its sudo rules let it see', async () => {
    const options = { network_probes: false, sample_s: 0.3 }
    const { id: execution } = await server.drive.run('system-health', 'enrolled', options)
    expect(await server.drive.untilEnded(execution)).toMatchObject({ state: 'succeeded' })
    const { items } = await server.drive.client.executions.commands({ params: { id: execution } })
    const asRoot = items.filter(({ argv }) => argv[0]?.endsWith('sudo'))
    expect(asRoot.map(({ argv, rc }) => [argv.slice(1).join(' '), rc])).toContainEqual([
      expect.stringContaining('sshd -T -C'),
      0,
    ])
  })

  test('is graded A once the key is bound to the address that it told', async () => {
    const { facts } = await accessOf(id)
    await pasteFor([hello, systemHealth], facts?.seenFrom ?? '')
    await server.drive.client.nodes.test({ params: { id } })
    const { grade, agents } = await accessOf(id)
    expect(grade).toBe('A')
    expect(agents.find((agent) => agent.agentId === hello)).toMatchObject({
      isGranted: true,
      onNode: 'allowed',
    })
    expect(agents.find((agent) => agent.agentId === counts)).toMatchObject({
      isGranted: false,
      onNode: 'refused',
    })
  })

  test('runs nothing else: the server refuses it, and where that is told otherwise the node does', async () => {
    expect(await codeOf(server.drive.run('counts', 'enrolled'))).toBe('node.agent_not_allowed')
    await grant(id, [hello, counts, systemHealth])
    expect(await run('counts')).toMatchObject({
      state: 'blocked',
      outcome: { problem: { code: 'launch.gate_refused' } },
    })
    expect(await accessOf(id)).toMatchObject({
      grade: 'B',
      reasons: [{ reason: 'gate-behind', subject: 'Counts' }],
    })
    await pasteFor([hello, counts, systemHealth], '127.0.0.1')
    expect(await run('counts')).toMatchObject({ state: 'succeeded' })
  })

  test('shows what its gate allows beyond what is granted', async () => {
    await server.drive.client.nodes.test({ params: { id } })
    await grant(id, [hello, systemHealth])
    expect(await accessOf(id)).toMatchObject({
      grade: 'B',
      reasons: [{ reason: 'gate-beyond', subject: expect.stringMatching(/^counts /) }],
    })
  })

  test('is not known any more once it is another machine', async () => {
    await server.drive.client.nodes.change({ params: { id }, body: { port: 1 } })
    expect(await accessOf(id)).toMatchObject({ facts: null, grade: null })
    await server.drive.client.nodes.change({ params: { id }, body: { port: sshd.port } })
    await server.drive.client.nodes.confirmHostKey({ params: { id }, body: { ...sshd.hostKey } })
    await server.drive.client.nodes.test({ params: { id } })
  })

  test('gets a new key by the block, which lets that in for no more than the old one', async () => {
    const { keys } = server.drive.client
    expect((await asAdmin(`/nodes/${id}/key/rotate`, {})).status).toBeLessThan(300)
    const until = async (isSo: (key: Awaited<ReturnType<typeof keys.get>>) => boolean) => {
      for (let turn = 0; turn < 200; turn++) {
        const key = await keys.get({ params: { id } })
        if (isSo(key)) return key
        await sleepFor(50)
      }
      throw new Error(`it stays at ${JSON.stringify((await keys.get({ params: { id } })).rotation)}`)
    }
    const { rotation } = await until((key) => key.rotation?.waitsForPerson === true)
    expect(rotation?.line).toContain(
      `restrict,from="127.0.0.1",command="/usr/local/lib/carl/${username}/gate" ssh-ed25519 `,
    )
    const block = await pasteFor([hello, systemHealth], '127.0.0.1')
    expect(block.paste).toContain(rotation?.line?.split(' ')[2])
    await keys.confirm({ params: { id } })
    await until((key) => key.rotation?.step === 'grace')
    expect(await run('hello')).toMatchObject({ state: 'succeeded' })
  })
})

describe('which agents may run on a node', () => {
  let id: NodeId
  beforeAll(async () => {
    id = (
      await server.drive.client.nodes.create({
        body: { name: 'strict', host: '127.0.0.1', port: 1, username: 'carl' },
      })
    ).id
  })

  test('is the one that only reads, before anybody grants more', async () => {
    const node = await server.drive.client.nodes.get({ params: { id } })
    expect(node.allowedAgents).toEqual(['system-health'])
  })

  // As Dokploy's schedules could: starting something is running code, whoever may start other things.
  test('holds for who may start agents: an operator starts none that is not granted, and grants none', async () => {
    const body = { agentId: hello, targets: ['strict'] }
    expect(await codeOf(operator.executions.start({ body }))).toBe('node.agent_not_allowed')
    expect(await codeOf(operator.nodes.change({ params: { id }, body: { allowedAgents: null } }))).toBe(
      'auth.forbidden',
    )
    const { items } = await server.drive.client.executions.list({ query: { nodeId: id } })
    expect(items).toEqual([])
  })

  test('is told by the audit trail, before and after', async () => {
    await grant(id, [hello])
    await grant(id, [hello])
    const { items } = await server.drive.client.audit.list({ query: { limit: 200 } })
    const told = items.filter(({ action, target }) => action === 'node.agents-granted' && target === id)
    expect(told.map(({ detail }) => detail)).toEqual([{ before: ['system-health'], after: ['hello'] }])
  })

  test('is asked once more before an execution that waited is launched', async () => {
    const node = await server.drive.addNode(await plainSshd(), {
      name: 'busy',
      allowedAgents: [hello, counts],
    })
    const first = await server.drive.run('counts', 'busy', { count: 200, everyMs: 100 })
    await server.drive.until(first.id, ({ state }) => state === 'running')
    const waiting = await server.drive.run('hello', 'busy')
    await grant(node.id, [counts])
    await server.drive.client.executions.cancel({ params: { id: first.id } })
    expect(await server.drive.untilEnded(waiting.id)).toMatchObject({
      state: 'blocked',
      outcome: { problem: { code: 'node.agent_not_allowed' } },
    })
    expect(await server.drive.printedBy(waiting.id)).toEqual([])
    // It says nothing about the node, which is well.
    expect((await server.drive.client.nodes.get({ params: { id: node.id } })).lastProblem).toBeNull()
    expect(await launched()).toContain(first.id)
    expect(await launched()).not.toContain(waiting.id)
  })

  const launched = async () =>
    (await server.drive.client.audit.list({ query: { limit: 200 } })).items
      .filter(({ action }) => action === 'execution.launched')
      .map(({ detail }) => detail.executionId)
})

// As n8n did: a credential that somebody else had set up could be sent to a machine of one's own.
describe('a credential', () => {
  test('is written into no block by who may not point nodes at machines', async () => {
    const { items } = await server.drive.client.credentials.list()
    const body = {
      credentialId: items[0]?.id as never,
      username: 'carl',
      elevation: 'none',
      agents: [] as never[],
    } as const
    expect(await codeOf(operator.access.enrol({ body }))).toBe('auth.forbidden')
  })

  test.each([
    [
      'one that is not there',
      { credentialId: credentialId.parse(`cre_${'0'.repeat(26)}`) },
      'credential.not_found',
    ],
    ['a user name that is a command', { username: 'carl; reboot' }, 'enrolment.not_possible'],
    ['a user name that is an option', { username: '-rf' }, 'enrolment.not_possible'],
    ['a user name that leads elsewhere', { username: '../etc' }, 'enrolment.not_possible'],
    ['an address that ends the quotes', { from: '10.0.0.1",command="reboot' }, 'enrolment.not_possible'],
    ['an agent that is not there', { agents: [agentId.parse('nix')] }, 'agent.not_found'],
  ])('gets no block for %s', async (_, wrong, code) => {
    const credential = await server.drive.client.credentials.create({
      body: { kind: 'generate', name: `a key for ${code} ${randomBytes(3).toString('hex')}` },
    })
    const body = {
      credentialId: credential.id,
      username: 'carl',
      elevation: 'none',
      agents: [],
      ...wrong,
    } as const
    expect(
      await codeOf(server.drive.client.access.enrol({ body: { ...body, agents: [...body.agents] } })),
    ).toBe(code)
  })

  test('that is a password gets none either: nothing binds it', async () => {
    const { client } = server.drive
    const { id } = await client.credentials.create({
      body: { kind: 'password', name: 'pw', password: 'secret' },
    })
    const body = { credentialId: id, username: 'carl', elevation: 'none', agents: [] as never[] } as const
    expect(await codeOf(client.access.enrol({ body }))).toBe('enrolment.not_possible')
  })
})

let plain: TestSshd | null = null
async function plainSshd(): Promise<TestSshd> {
  plain ??= await startSshd()
  return plain
}
afterAll(() => plain?.stop())
