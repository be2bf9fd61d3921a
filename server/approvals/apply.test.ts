import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Execution } from '../../contract/executions.ts'
import type { Plan } from '../../contract/plans.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { processesOfRun, untilSeen } from '../../testbed/processes.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'

/** From the proposal to the change, over a real SSH server, with an agent that really removes files. */

let sshd: TestSshd
let server: TestHouse
let folder: string

beforeAll(async () => {
  sshd = await startSshd()
  server = await testHouse()
  await server.drive.addNode(sshd)
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-tidies-'))
  for (const name of ['a', 'b', 'c']) put(name, `${name}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
const there = () => readdirSync(folder).sort()
const client = () => server.drive.client

async function propose(options: Record<string, unknown> = {}): Promise<Plan> {
  const { id } = await server.drive.run('tidies', 'nas', { folder, ...options })
  await server.drive.untilEnded(id)
  const { plan } = await client().plans.ofExecution({ params: { id } })
  if (!plan) throw new Error('there is no plan')
  return plan
}

const aidOf = (plan: Plan, name: string): string => {
  const found = plan.actions.find(({ object }) => object === `file:${join(folder, name)}`)
  if (!found) throw new Error(`no change of ${name} is proposed`)
  return found.aid
}

async function approve(plan: Plan, names: string[], rest: { dryRun?: boolean } = {}): Promise<Execution> {
  const body = { actions: names.map((name) => aidOf(plan, name)), ...rest }
  const { approvals } = await client().plans.approve({ params: { id: plan.id }, body })
  const executionId = approvals.at(-1)?.executionId
  if (!executionId) throw new Error('nothing was started')
  return server.drive.get(executionId)
}

/** What became of each file, by name. */
async function became(plan: Plan): Promise<Record<string, string>> {
  const { actions } = await client().plans.get({ params: { id: plan.id } })
  return Object.fromEntries(
    actions.map(({ object, state, outcome }) => [object.split('/').at(-1) ?? '', outcome?.kind ?? state]),
  )
}

test('a plan is proposed with its report, and nothing is changed by it', async () => {
  const plan = await propose()
  expect(plan).toMatchObject({ agentId: 'tidies', nodeName: 'nas', closed: null, bytesMin: 0, bytesMax: 6 })
  expect(
    plan.actions.map(({ title, risk, reversibility, state }) => [title, risk, reversibility, state]),
  ).toEqual([
    ['Remove a', 'medium', 'yes', 'waiting'],
    ['Remove b', 'medium', 'yes', 'waiting'],
    ['Remove c', 'medium', 'yes', 'waiting'],
  ])
  expect(there()).toEqual(['a', 'b', 'c'])
  const { findings } = await client().executions.report({ params: { id: plan.executionId } })
  expect(findings.map(({ key }) => key)).toContain(plan.actions[0]?.findingKey)
})

test('of two approved, the one that was written to since is left alone; the third is not touched', async () => {
  const plan = await propose()
  put('b', 'written again\n')
  const execution = await approve(plan, ['a', 'b'])
  expect(await server.drive.untilEnded(execution.id)).toMatchObject({
    state: 'succeeded',
    mode: 'apply',
    verdict: null,
  })
  expect(there()).toEqual(['a.carl-aside', 'b', 'c'])
  expect(await became(plan)).toEqual({ a: 'done', b: 'skipped', c: 'waiting' })
  const { actions, approvals } = await client().plans.get({ params: { id: plan.id } })
  expect(actions[1]?.outcome).toMatchObject({ reason: 'changed', why: 'it was written since the plan' })
  expect(approvals).toMatchObject([{ state: 'settled', executionId: execution.id }])

  const { items } = await client().audit.list({ query: { limit: 200 } })
  const sha256 = approvals[0]?.sha256
  const told = items.filter(
    ({ action, detail }) => action.startsWith('plan.') || detail['approved'] === sha256,
  )
  expect(told.slice(0, 4).map(({ action }) => action)).toEqual([
    'plan.applied',
    'execution.launched',
    'plan.approved',
    'plan.proposed',
  ])
})

test('what was set aside is in the trash, and comes back with a click, once', async () => {
  const plan = await propose()
  const inode = statSync(join(folder, 'a')).ino
  await server.drive.untilEnded((await approve(plan, ['a'])).id)
  const kept = async () =>
    (await client().trash.list({ query: { kept: 'false' } })).items.find(
      ({ object }) => object === `file:${join(folder, 'a')}`,
    )
  const entry = await kept()
  if (!entry) throw new Error('it is not in the trash')
  expect(entry).toMatchObject({ state: 'kept', title: 'Remove a', bytes: 2, type: 'file.remove' })
  expect(Date.parse(entry.until ?? '') - Date.parse(entry.removedAt)).toBe(7 * 86_400_000)

  await client().trash.restore({ params: { id: entry.id } })
  await expect(client().trash.restore({ params: { id: entry.id } })).rejects.toMatchObject({
    problem: { code: 'trash.gone' },
  })
  await untilTrash(kept, 'restored')
  expect(there()).toEqual(['a', 'b', 'c'])
  expect(statSync(join(folder, 'a')).ino).toBe(inode)
})

test('what cannot come back stays in the trash, and nothing is written over', async () => {
  const plan = await propose()
  await server.drive.untilEnded((await approve(plan, ['a'])).id)
  put('a', 'somebody else\n')
  const kept = async () =>
    (await client().trash.list()).items.find(({ object }) => object === `file:${join(folder, 'a')}`)
  const entry = await kept()
  if (!entry) throw new Error('it is not in the trash')
  await client().trash.restore({ params: { id: entry.id } })
  await untilTrash(kept, 'kept')
  expect(there()).toEqual(['a', 'a.carl-aside', 'b', 'c'])
})

async function untilTrash(look: () => Promise<{ state: string } | undefined>, state: string): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    if ((await look())?.state === state) return
    await sleepFor(50)
  }
  throw new Error(`the entry never was ${state}`)
}

test('a dry run looks at everything again and changes nothing', async () => {
  const plan = await propose()
  rmSync(join(folder, 'b'))
  await server.drive.untilEnded((await approve(plan, ['a', 'b'], { dryRun: true })).id)
  expect(there()).toEqual(['a', 'c'])
  expect(await became(plan)).toEqual({ a: 'would-run', b: 'skipped', c: 'waiting' })
  const { actions } = await client().plans.get({ params: { id: plan.id } })
  expect(actions.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
})

test('findings stay as they are when changes are made: that run did not look around', async () => {
  const plan = await propose()
  const open = async () => (await client().findings.list({ query: { limit: 200 } })).items.length
  const before = await open()
  await server.drive.untilEnded((await approve(plan, ['a'])).id)
  expect(await open()).toBe(before)
})

describe('a run that is killed', () => {
  const agentOf = (id: string) =>
    untilSeen('the agent', () => processesOfRun(id).find(({ pid }) => isYoungest(id, pid))?.pid)
  /** The agent is the process that nobody else of the run came after. */
  const isYoungest = (id: string, pid: number) =>
    processesOfRun(id).every((other) => other.pid <= pid) && processesOfRun(id).length > 1

  test('between two changes has done the first, not begun the others, and says so', async () => {
    const plan = await propose({ pauseBefore: 'b' })
    const execution = await approve(plan, ['a', 'b', 'c'])
    await untilSeen('the first change', () => existsSync(join(folder, 'a.carl-aside')))
    await server.drive.untilLogged(execution.id, `${aidOf(plan, 'a')}: done`)
    process.kill(await agentOf(execution.id), 'SIGKILL')
    expect(await server.drive.untilEnded(execution.id)).toMatchObject({ state: 'failed' })
    expect(there()).toEqual(['a.carl-aside', 'b', 'c'])
    expect(await became(plan)).toEqual({ a: 'done', b: 'not-run', c: 'not-run' })

    // What is proposed anew is what is still to do, and nothing happens twice.
    const again = await propose()
    expect(again.actions.map(({ title }) => title)).toEqual(['Remove b', 'Remove c'])
    await server.drive.untilEnded((await approve(again, ['b', 'c'])).id)
    expect(there()).toEqual(['a.carl-aside', 'b.carl-aside', 'c.carl-aside'])
  })

  test('in the middle of a change leaves that one unknown, for nobody heard its end', async () => {
    const plan = await propose({ pauseWithin: 'b' })
    const execution = await approve(plan, ['a', 'b', 'c'])
    await untilSeen('the second change', () => existsSync(join(folder, 'b.carl-aside')))
    process.kill(await agentOf(execution.id), 'SIGKILL')
    await server.drive.untilEnded(execution.id)
    expect(await became(plan)).toEqual({ a: 'done', b: 'unknown', c: 'not-run' })
  })

  test('with its supervisor says nothing more, and what was not heard of is unknown', async () => {
    const plan = await propose({ pauseBefore: 'b' })
    const execution = await approve(plan, ['a', 'b'])
    await server.drive.untilLogged(execution.id, `${aidOf(plan, 'a')}: done`)
    const record = readdirSync('/dev/shm').find((name) => name.endsWith(execution.id))
    process.kill(Number(readFileSync(`/dev/shm/${record}/pid`, 'utf8')), 'SIGKILL')
    expect(await server.drive.untilEnded(execution.id)).toMatchObject({ state: 'lost' })
    expect(await became(plan)).toEqual({ a: 'done', b: 'unknown', c: 'waiting' })
    const again = await propose()
    expect(again.actions.map(({ title }) => title)).toEqual(['Remove b', 'Remove c'])
  })

  test('by its user, between two changes, does not begin the next', async () => {
    const plan = await propose({ pauseBefore: 'b' })
    const execution = await approve(plan, ['a', 'b'])
    await server.drive.untilLogged(execution.id, `${aidOf(plan, 'a')}: done`)
    await client().executions.cancel({ params: { id: execution.id } })
    expect(await server.drive.untilEnded(execution.id)).toMatchObject({ state: 'cancelled' })
    expect(await became(plan)).toEqual({ a: 'done', b: 'not-run', c: 'waiting' })
  })

  test('goes on while the server is away, and is heard to its end when it is back', async () => {
    const plan = await propose({ pauseBefore: 'b' })
    const execution = await approve(plan, ['a', 'b', 'c'])
    await server.drive.untilLogged(execution.id, `${aidOf(plan, 'a')}: done`)
    const restarting = server.restart()
    put('b.go', '')
    await restarting
    expect(await server.drive.untilEnded(execution.id)).toMatchObject({ state: 'succeeded' })
    expect(await became(plan)).toEqual({ a: 'done', b: 'done', c: 'done' })
    expect(there()).toEqual(['a.carl-aside', 'b.carl-aside', 'b.go', 'c.carl-aside'])
  })
})

test('who may only look, and tokens of anybody, approve nothing', async () => {
  const plan = await propose()
  const body = { actions: [aidOf(plan, 'a')] }
  const { text } = await tokenOf('admin')
  await expect(server.as(text).plans.approve({ params: { id: plan.id }, body })).rejects.toMatchObject({
    problem: { code: 'auth.forbidden' },
  })
  expect((await server.as(text).plans.get({ params: { id: plan.id } })).id).toBe(plan.id)
  expect(there()).toEqual(['a', 'b', 'c'])
})

/** A token of a person who is signed in. */
async function tokenOf(role: 'admin' | 'operator' | 'viewer'): Promise<{ text: string }> {
  const link = await server.house.auth.signIn.createLink({ userName: 'anna' })
  const { token } = await server.house.auth.signIn.byLink(link, {
    ip: '10.0.0.1',
    userAgent: null,
    replaces: null,
  })
  const reply = await fetch(`${server.url}/api/v1/account/tokens`, {
    method: 'POST',
    headers: { cookie: `carl=${token.reveal()}`, origin: server.url, 'content-type': 'application/json' },
    body: JSON.stringify({ name: `as ${role}`, role, scopes: null }),
  })
  return (await reply.json()) as { text: string }
}
