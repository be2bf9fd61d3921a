import { resolve } from 'node:path'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '../contract/api.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { errorReply } from '../contract/errors.ts'
import {
  agentId,
  aiCallId,
  type ExecutionId,
  type NodeId,
  type PasskeyId,
  planId,
  policyId,
  rejectionId,
  trashId,
} from '../contract/ids.ts'
import type { Role, Scope } from '../contract/permissions.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { openLive } from '../testbed/live-client.ts'
import type { Database } from './db/database.ts'

/**
 * Every route and topic × every kind of caller, on a real server. What comes out is docs/who-may-what.md, which is
 * kept for review: a route that opens to somebody else shows there as a change.
 */

const callers = [
  'nobody',
  'viewer',
  'operator',
  'admin',
  'admin, an hour later',
  'viewer token',
  'operator token',
  'admin token',
  'token, owner demoted',
  'admin token for costs',
  'token, expired',
  'token, revoked',
] as const
type Caller = (typeof callers)[number]

const routes = Object.entries(api).flatMap(([feature, calls]) =>
  Object.entries(calls).map(([call, endpoint]): { name: string; endpoint: Endpoint } => ({
    name: `${feature}.${call}`,
    endpoint,
  })),
)
const guarded = routes.filter(({ endpoint }) => endpoint.permission !== 'public')

let server: TestHouse
let db: Database
let tokens: Readonly<Partial<Record<Caller, string>>>
/** By feature: the id of something that is there. */
let existing: Readonly<Record<string, string>>
let logins = 0
let passkeys = 0

beforeAll(async () => {
  server = await testHouse({ overrides: { database: (opened) => (db = opened) } })
  for (const role of ['viewer', 'operator', 'admin', 'demoted']) await signIn(role)
  for (const role of ['viewer', 'operator'] as const) await setRole(role, role)
  tokens = {
    'viewer token': (await tokenOf('admin', 'viewer')).text,
    'operator token': (await tokenOf('admin', 'operator')).text,
    'admin token': (await tokenOf('admin', 'admin')).text,
    'token, owner demoted': (await tokenOf('demoted', 'admin')).text,
    'admin token for costs': (await tokenOf('admin', 'admin', ['cost'])).text,
    'token, expired': await expiredToken(),
    'token, revoked': await revokedToken(),
  }
  await setRole('demoted', 'viewer')
  existing = await makeSomeOfEach()
})
afterAll(() => server.close())

const setRole = (name: string, role: Role) =>
  db.write((tx) => tx.updateTable('user').set({ role }).where('name', '=', name).execute())

/** A new session; the cookie of a person by the name of the role. */
async function signIn(name: string): Promise<Record<string, string>> {
  logins += 1
  const link = await server.house.auth.signIn.createLink({ userName: name })
  const ip = `10.${logins >> 8}.${logins & 255}.1`
  const { token } = await server.house.auth.signIn.byLink(link, { ip, userAgent: null, replaces: null })
  return { cookie: `carl=${token.reveal()}`, origin: server.url }
}

async function headersOf(caller: Caller): Promise<Record<string, string>> {
  if (caller === 'nobody') return {}
  const token = tokens[caller]
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (caller !== 'admin, an hour later') return signIn(caller)
  const headers = await signIn('admin')
  await db.write((tx) => tx.updateTable('session').set({ proven_at: '2020-01-01T00:00:00.000Z' }).execute())
  return headers
}

interface Answer {
  readonly status: number
  /** Of a refusal. */
  readonly code: string | null
  readonly detail: string | null
  readonly json: unknown
}

async function call(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answer> {
  const reply = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(method !== 'GET' && { 'content-type': 'application/json' }) },
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
  })
  const text = await reply.text()
  const json: unknown = reply.headers.get('content-type')?.startsWith('application/json;')
    ? JSON.parse(text)
    : null
  const refusal = errorReply.safeParse(json)
  const { code, detail } = refusal.success ? refusal.data.error : { code: null, detail: null }
  return { status: reply.status, code, detail, json }
}

async function tokenOf(name: string, role: Role, scopes: Scope[] | null = null) {
  const { json } = await call('POST', '/account/tokens', await signIn(name), {
    name: `${name} as ${role}`,
    role,
    scopes,
  })
  return json as { token: { id: string }; text: string }
}

async function expiredToken(): Promise<string> {
  const { token, text } = await tokenOf('admin', 'admin')
  await db.write((tx) =>
    tx
      .updateTable('api_token')
      .set({ expires_at: '2020-01-01T00:00:00.000Z' })
      .where('id', '=', token.id as never)
      .execute(),
  )
  return text
}

async function revokedToken(): Promise<string> {
  const { token, text } = await tokenOf('admin', 'admin')
  await call('DELETE', `/account/tokens/${token.id}`, await signIn('admin'))
  return text
}

/** Put there by hand: a passkey is made by a browser. */
async function passkeyOf(userName: string): Promise<string> {
  passkeys += 1
  const id = `pky_${String(passkeys).padStart(26, '0')}` as PasskeyId
  const { id: userId } = await db.read
    .selectFrom('user')
    .select('id')
    .where('name', '=', userName)
    .executeTakeFirstOrThrow()
  const row = { user_id: userId, name: 'phone', host: 'carl.home', credential_id: id, transports: '[]' }
  await db.write((tx) =>
    tx
      .insertInto('passkey')
      .values({ id, ...row, public_key: Buffer.alloc(1), counter: 0, created_at: '2020-01-01T00:00:00.000Z' })
      .execute(),
  )
  return id
}

async function makeSomeOfEach(): Promise<Record<string, string>> {
  const { client, run, untilEnded } = server.drive
  const credential = await client.credentials.create({ body: { kind: 'generate', name: 'some key' } })
  const node = await client.nodes.create({
    body: {
      name: 'nas',
      host: '127.0.0.1',
      port: 1,
      username: 'root',
      credentialId: credential.id,
      allowedAgents: null,
    },
  })
  const repository = await client.repositories.create({
    body: { nodeId: node.id, kind: 'restic', location: '/srv/backup' },
  })
  const execution = await run('hello', 'nas')
  await untilEnded(execution.id)
  const { trigger } = await client.triggers.create({
    body: { name: 'nightly', when: { kind: 'webhook' }, targets: ['nas'], agentId: 'hello' },
  })
  const schedule = await client.schedules.create({
    body: {
      name: 'Some schedule',
      timing: { kind: 'cron', cron: '0 0 29 2 *' },
      zone: 'UTC',
      agentId: 'hello',
      targets: ['nas'],
    },
  })
  const { token } = await tokenOf('admin', 'viewer')
  const users = await client.users.list()
  const sessions = await call('GET', '/account/sessions', await signIn('admin'))
  const { items } = sessions.json as { items: { id: string }[] }
  return {
    credentials: credential.id,
    nodes: node.id,
    keys: node.id,
    repositories: repository.id,
    // No place is named here: only the shape of the id counts.
    ownBackups: 'bpl_01jd0000000000000000000001',
    access: node.id,
    metrics: node.id,
    story: node.id,
    factors: await passkeyOf('admin'),
    users: users.items.find(({ name }) => name === 'operator')?.id ?? '',
    executions: execution.id,
    explanations: execution.id,
    ...(await makeApprovals(node.id, execution.id)),
    costs: await callOfModel(),
    schedules: schedule.id,
    triggers: trigger.id,
    agents: 'hello',
    // No model was asked here: only the shape of the id counts.
    ai: 'aic_01jd0000000000000000000001',
    notifications: (
      await client.notifications.addChannel({
        body: {
          name: 'phone',
          settings: { kind: 'ntfy', server: 'https://ntfy.home.lan', topic: 'carl' },
        },
      })
    ).id,
    // Nothing was sent: only the shape of the id counts.
    'notifications.sendAgain': 'dlv_01jd0000000000000000000001',
    'account.revokeToken': token.id,
    'account.revokeSession': items[0]?.id ?? '',
  }
}

/** A plan, an entry of the trash, a rejection and a policy, put there by hand: no agent here proposes anything. */
async function makeApprovals(nodeId: NodeId, executionId: ExecutionId): Promise<Record<string, string>> {
  const plan = planId.parse(`pln_${'0'.repeat(26)}`)
  const trash = trashId.parse(`tra_${'0'.repeat(26)}`)
  const rejection = rejectionId.parse(`rej_${'0'.repeat(26)}`)
  const policy = policyId.parse(`pol_${'0'.repeat(26)}`)
  const at = '2020-01-01T00:00:00.000Z'
  const of = { node_id: nodeId, agent_id: agentId.parse('hello'), execution_id: executionId }
  await db.write(async (tx) => {
    const bound = { agent_version: '1.0.0', bundle_sha256: '', host_key: '', superseded_by: null }
    await tx
      .insertInto('plan')
      .values({ id: plan, ...of, ...bound, created_at: at, expires_at: at })
      .execute()
    const thing = {
      aid: 'a',
      type: 'file.remove',
      object: 'file:/a',
      title: 'a',
      body: '{}',
      bytes: 0,
    } as const
    await tx
      .insertInto('trash')
      .values({ id: trash, ...of, ...thing, removed_at: at, removed_by: 'local', until: null, state: 'gone' })
      .execute()
    const { execution_id: _, ...whose } = of
    const no = { change_key: 'file:/a', type: 'file.remove', object: 'file:/a', title: 'a' } as const
    await tx
      .insertInto('rejection')
      .values({ id: rejection, ...whose, ...no, by: 'local', why: '', at, until: null })
      .execute()
    const limits = { type: 'file.remove', targets: '["none"]', max_bytes: 0 } as const
    await tx
      .insertInto('approval_policy')
      .values({ id: policy, ...limits, created_by: 'local', created_at: at })
      .execute()
  })
  return {
    plans: plan,
    trash,
    rejections: rejection,
    policies: policy,
    'plans.ofExecution': executionId,
    'plans.objectHistory': nodeId,
  }
}

/** A call of a model whose bill is not known. */
async function callOfModel(): Promise<string> {
  const id = aiCallId.parse(`aic_${'0'.repeat(26)}`)
  const nobody = { executionId: null, nodeId: null, agentId: null }
  const bounds = { mode: 'direct', inputBound: 1, maxOutput: 1 } as const
  const { ledger } = server.house.costs
  await ledger.reserve({
    id,
    purpose: 'test',
    ...nobody,
    driver: 'anthropic',
    model: 'claude-haiku-5-5',
    ...bounds,
  })
  await ledger.hold(id, 'timed out')
  return id
}

const existingFor = (name: string): string => existing[name] ?? existing[name.split('.')[0] ?? ''] ?? ''
/** An id of the same kind that nothing has. */
const missingFor = (name: string): string => {
  const id = existingFor(name)
  return id.includes('_') ? `${id.slice(0, -6)}zzzzzz` : 'no-such-agent'
}
const pathOf = ({ path }: Endpoint, id: string) => path.replace(':id', id)

/**
 * What becomes of a call: not let in (–), known but not allowed (no), asked to prove to be there (proof), or taken up
 * (yes), whatever it then comes to.
 */
function verdictOf({ status, code }: Answer): '–' | 'no' | 'proof' | 'yes' {
  if (status === 401 && code === 'auth.required') return '–'
  if (status === 403 && code === 'auth.forbidden') return 'no'
  if (status === 403 && code === 'auth.step_up_required') return 'proof'
  if (status >= 500) throw new Error(`answered with ${status} ${code}`)
  return 'yes'
}

test('who may call what is as it was reviewed', async () => {
  const rows: string[][] = [['', ...callers]]
  // Whoever is let in learns that it is not there, or that the body is wrong, and nothing happens.
  const odd: string[] = []
  for (const { name, endpoint } of routes) {
    const cells: string[] = []
    for (const caller of callers) {
      const answer = await call(endpoint.method, pathOf(endpoint, missingFor(name)), await headersOf(caller))
      const verdict = verdictOf(answer)
      const { status } = answer
      if (endpoint.path.includes(':id') && verdict === 'yes' && status !== 404 && status !== 422) {
        odd.push(`${name} for ${caller}: ${status}`)
      }
      cells.push(verdict)
    }
    rows.push([`${endpoint.method} ${endpoint.path}`, ...cells])
  }
  expect(odd).toEqual([])
  for (const topic of [
    'nodes',
    'findings',
    'plans',
    'costs',
    'schedules',
    'executions',
    `log:${existing['executions']}`,
    `log:${missingFor('executions')}`,
    'settings',
  ]) {
    const cells: string[] = []
    for (const caller of callers) cells.push(await subscribing(topic, caller))
    const shown =
      topic === `log:${existing['executions']}`
        ? 'log of an execution'
        : topic.startsWith('log:')
          ? 'log of none'
          : topic
    rows.push([`live: ${shown}`, ...cells])
  }
  await expect(toPage(rows)).toMatchFileSnapshot(resolve(import.meta.dirname, '../docs/who-may-what.md'))
}, 120_000)

/** What becomes of a subscription to a topic of the live socket. */
async function subscribing(topic: string, caller: Caller): Promise<'–' | 'no' | 'yes'> {
  const { status, json } = await call('POST', '/live/ticket', await headersOf(caller))
  if (status === 401) return '–'
  const { ticket } = json as { ticket: string }
  const live = await openLive(`${server.url}/api/v1/live?ticket=${ticket}`)
  live.say({ type: 'subscribe', topic: topic as never, after: 0 })
  const verdict = await Promise.any([
    live.hears('ready').then(() => 'yes' as const),
    live.hears('complete').then(() => 'yes' as const),
    live.hears('refused').then(() => 'no' as const),
  ])
  live.socket.terminate()
  return verdict
}

function toPage(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return `# Who may call what

Made by \`server/main-access.test.ts\`, which asks a real server; a change of it is a change of who may do what. \`–\`: not
let in. \`no\`: known, and not allowed. \`proof\`: only for whoever has proved to be there in the last five minutes, as
signing in does. \`yes\`: let in. Which role holds which permission stands in
\`contract/permissions.ts\`.

${line(head)}
${line(widths.map((width) => '-'.repeat(width)))}
${body.map(line).join('\n')}
`
}

describe('who may not is told nothing', () => {
  const withId = guarded.filter(({ endpoint }) => endpoint.path.includes(':id'))
  test.each(withId.map(({ name, endpoint }) => [name, endpoint] as const))(
    '%s answers the same for what is there and what is not',
    async (name, endpoint) => {
      for (const caller of ['nobody', 'viewer', 'operator', 'viewer token'] as const) {
        const ask = async (id: string) => call(endpoint.method, pathOf(endpoint, id), await headersOf(caller))
        const missing = await ask(missingFor(name))
        if (verdictOf(missing) === 'yes') continue
        const { status, code, detail } = await ask(existingFor(name))
        expect({ caller, status, code, detail }).toEqual({
          caller,
          status: missing.status,
          code: missing.code,
          detail: missing.detail,
        })
      }
    },
  )
})

describe('what is somebody else’s', () => {
  test.each(['viewer', 'operator', 'admin'] as const)(
    'session or token is not there for the %s, and their own is',
    async (role) => {
      const other = role === 'admin' ? 'demoted' : 'admin'
      await setRole('demoted', 'admin')
      const { token: theirs } = await tokenOf(other, 'viewer')
      const sessions = await call('GET', '/account/sessions', await signIn(other))
      const theirSession = (sessions.json as { items: { id: string; current: boolean }[] }).items.find(
        ({ current }) => current,
      )
      const { token: own } = await tokenOf(role, 'viewer')
      const remove = async (what: string) =>
        (await call('DELETE', `/account/${what}`, await signIn(role))).status
      expect(await remove(`tokens/${theirs.id}`)).toBe(404)
      expect(await remove(`sessions/${theirSession?.id}`)).toBe(404)
      expect(await remove(`tokens/${own.id}`)).toBe(200)
    },
  )
})

test('whoever is half-way through signing in is a stranger to every call', async () => {
  const { user, password } = await server.drive.client.users.create({
    body: { name: 'half', role: 'admin' },
  })
  await passkeyOf(user.name)
  const { json } = await call('POST', '/session', {}, { name: 'half', password })
  const { token } = z.object({ kind: z.literal('second-factor'), token: z.string() }).parse(json)
  for (const { name, endpoint } of guarded) {
    for (const headers of [
      { cookie: `carl=${token}`, origin: server.url },
      { authorization: `Bearer ${token}` },
    ]) {
      const { status } = await call(endpoint.method, pathOf(endpoint, existingFor(name)), headers)
      expect({ name, status }).toEqual({ name, status: 401 })
    }
  }
})

test('a token never gives more than its owner has, and makes no session or token above it', async () => {
  const { status, code } = await call(
    'POST',
    '/account/tokens',
    { authorization: `Bearer ${tokens['operator token']}` },
    { name: 'more', role: 'admin' },
  )
  expect({ status, code }).toEqual({ status: 403, code: 'auth.forbidden' })
})

test.each(['userId', 'role', 'ownerId', 'id', 'actor'])(
  'a body cannot say who somebody is: %s is refused',
  async (field) => {
    const body = { name: 'mine', role: 'viewer', [field]: field === 'role' ? 'owner' : 'usr_0' }
    const { status, code } = await call('POST', '/account/tokens', await signIn('viewer'), body)
    expect({ status, code }).toEqual({ status: 422, code: 'request.invalid' })
  },
)
