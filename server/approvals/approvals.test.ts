import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActionOrder } from '../../contract/actions.ts'
import type { ProposedAction } from '../../contract/agent-protocol.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Execution } from '../../contract/executions.ts'
import type { PlanId, UserId } from '../../contract/ids.ts'
import { plan as planShape } from '../../contract/plans.ts'
import { executionFloor, type ExecutionFloor, tidiesUp } from '../../testbed/execution-floor.ts'
import { anna } from '../../testbed/node-floor.ts'
import type { Actor } from '../lib/actor.ts'
import { isAsApproved } from '../plans/bound.ts'
import { type Approvals, createApprovals } from './approvals.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { createPolicies, type Policies } from './policies.ts'

const hostKey = { type: 'ssh-ed25519', fingerprint: 'SHA256:first', key: Buffer.from('first') }
const person = (name: string, changed: Partial<Actor> = {}): Actor => ({
  ...anna,
  name: `user:${name}`,
  userId: `usr_${name}` as UserId,
  ...changed,
})
const ben = person('ben')
const operator = person('otto', { role: 'operator' })

let floor: ExecutionFloor
let inbox: Inbox
let approvals: Approvals
let policies: Policies
let nodeId: Awaited<ReturnType<ExecutionFloor['addNode']>>['id']

beforeEach(async () => {
  floor = await executionFloor()
  inbox = createInbox(floor)
  approvals = createApprovals({ ...floor, inbox })
  policies = createPolicies({ ...floor, inbox, approvals })
  nodeId = (await floor.addNode('nas', { allowedAgents: null })).id
  await floor.nodes.confirmHostKey(nodeId, hostKey as never, anna)
})
afterEach(() => floor.close())

const refused = (code: ErrorCode) => expect.objectContaining({ code })

const removal = (path: string, aside = true): ActionOrder => ({
  type: 'file.remove',
  target: { path },
  args: { aside, keepDays: 7 },
  precondition: { device: 1, inode: 2, bytes: 3, mtimeNs: '4' },
})
const volume: ActionOrder = {
  type: 'docker.volume.remove',
  target: { name: 'pgdata' },
  args: { aside: false, keepDays: 7 },
  precondition: { createdAt: '2026-01-01T00:00:00Z', driver: 'local', isAnonymous: false },
}
const selfTest: ActionOrder = {
  type: 'smart.selftest.start',
  target: { device: '/dev/sda', serial: 'WD-CA1B2C3D' },
  args: { kind: 'short' },
  precondition: {},
}
const proposal = (aid: string, order: ActionOrder, bytesMax: number | null = 100): ProposedAction => ({
  aid,
  order,
  title: `Remove ${aid}`,
  why: '',
  findingKey: null,
  bytesMin: bytesMax === null ? null : 0,
  bytesMax,
  readAt: 1_795_330_000,
})

/** A run of the agent that proposes these. */
async function propose(...actions: ProposedAction[]): Promise<PlanId> {
  const [execution] = await floor.queueOn('nas', { agentId: tidiesUp })
  if (!execution) throw new Error('nothing was queued')
  const announce = await floor.db.write((tx) =>
    floor.plans.keep(tx, execution, { actions, hostKey: hostKey.fingerprint }),
  )
  announce()
  const { plan } = await inbox.ofExecution(execution.id)
  if (!plan) throw new Error('there is no plan')
  return plan.id
}
const three = () =>
  propose(proposal('a', removal('/a')), proposal('b', removal('/b')), proposal('c', removal('/c')))
const choice = (actions: string[], rest: object = {}) => ({ actions, typed: {}, dryRun: false, ...rest })
const statesOf = async (id: PlanId) => (await inbox.get(id)).actions.map(({ state }) => state)
const applying = async () =>
  (await floor.executions.list({ limit: 200 })).items.filter(({ mode }) => mode === 'apply')

test('approving some changes starts one execution that is bound to just these', async () => {
  const id = await three()
  const plan = await approvals.approve(id, choice(['c', 'a']), anna)
  expect(planShape.parse(plan)).toEqual(plan)
  expect(plan.actions.map(({ state }) => state)).toEqual(['approved', 'waiting', 'approved'])
  const [execution] = await applying()
  expect(execution).toMatchObject({ nodeId, dryRun: false, startedBy: 'user:anna', state: 'queued' })
  const approval = await floor.plans.approval(plan.approvals[0]?.id as never)
  expect(approval).toMatchObject({
    executionId: execution?.id,
    state: 'running',
    hostKey: hostKey.fingerprint,
  })
  expect(JSON.parse(approval?.body ?? '')).toMatchObject({
    nodeId,
    hostKey: hostKey.fingerprint,
    bundleSha256: plan.bundleSha256,
    actions: [{ aid: 'a' }, { aid: 'c' }],
  })
  expect((await floor.done()).filter((action) => action.startsWith('plan.'))).toEqual([
    'plan.proposed',
    'plan.approved',
  ])
})

test('of a hundred people who approve or reject at once, one decides, and the others learn who', async () => {
  const id = await three()
  const all = Array.from({ length: 100 }, (_, at) =>
    at % 3 === 0
      ? approvals.reject(id, { actions: ['a', 'b'], why: '', forDays: 0 }, person(`no-${at}`))
      : approvals.approve(id, choice(['b', 'c']), person(`yes-${at}`)),
  )
  const ended = await Promise.allSettled(all)
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of ended) {
    if (one.status === 'fulfilled') continue
    expect(one.reason).toMatchObject({ code: 'plan.decided' })
    expect(one.reason.problem.detail).toMatch(/^user:(yes|no)-\d+ (approved|rejected) “Remove [abc]” at 2026/)
  }
  expect((await applying()).length).toBeLessThanOrEqual(1)
})

test('the same changes cannot be approved again', async () => {
  const id = await three()
  await approvals.approve(id, choice(['a']), anna)
  await expect(approvals.approve(id, choice(['a', 'b']), ben)).rejects.toEqual(refused('plan.decided'))
  expect(await statesOf(id)).toEqual(['approved', 'waiting', 'waiting'])
  expect(await applying()).toHaveLength(1)
})

test('after a day a plan has expired', async () => {
  const id = await three()
  await floor.clock.advance(24 * 3_600_000)
  await expect(approvals.approve(id, choice(['a']), anna)).rejects.toEqual(refused('plan.expired'))
  expect(await statesOf(id)).toEqual(['expired', 'expired', 'expired'])
  expect(await inbox.count()).toEqual({ plans: 0, actions: 0 })
  expect((await inbox.list({ waiting: true, limit: 50 })).items).toEqual([])
})

test('a newer run takes the place of what still waits, also when it finds nothing to do', async () => {
  const first = await three()
  await approvals.reject(first, { actions: ['a'], why: 'still needed', forDays: 30 }, anna)
  const second = await propose(proposal('b', removal('/b')))
  expect(await statesOf(first)).toEqual(['rejected', 'superseded', 'superseded'])
  await expect(approvals.approve(first, choice(['b']), anna)).rejects.toEqual(refused('plan.superseded'))
  const [execution] = await floor.queueOn('nas', { agentId: tidiesUp })
  await floor.db.write((tx) =>
    floor.plans.keep(tx, execution as never, { actions: [], hostKey: hostKey.fingerprint }),
  )
  expect(await statesOf(second)).toEqual(['superseded'])
})

test('another host key of the node takes every plan for it back', async () => {
  const id = await three()
  const other = { ...hostKey, fingerprint: 'SHA256:other', key: Buffer.from('other') }
  await floor.nodes.confirmHostKey(nodeId, other as never, anna)
  await expect(approvals.approve(id, choice(['a']), anna)).rejects.toEqual(refused('plan.superseded'))
})

describe('what cannot be taken back', () => {
  let id: PlanId
  beforeEach(async () => {
    id = await propose(proposal('v', volume), proposal('a', removal('/a')))
  })
  const typed = { v: 'pgdata' }

  test.each<[string, Actor, object, ErrorCode]>([
    ['by an operator', operator, { typed }, 'plan.needs_admin'],
    [
      'by somebody who has not proved to be there',
      person('eve', { isPresent: false, sessionId: 'ses_x' as never }),
      { typed },
      'auth.step_up_required',
    ],
    ['without its name', anna, {}, 'plan.name_not_typed'],
    ['with another name', anna, { typed: { v: 'pgdata2' } }, 'plan.name_not_typed'],
  ])('is not approved %s', async (_, actor, rest, code) => {
    await expect(approvals.approve(id, choice(['v', 'a'], rest), actor)).rejects.toEqual(refused(code))
    expect(await statesOf(id)).toEqual(['waiting', 'waiting'])
  })

  test('is approved by an administrator who is there and types its name, which goes to the node', async () => {
    const { approvals: made } = await approvals.approve(id, choice(['v'], { typed }), anna)
    const approval = await floor.plans.approval(made[0]?.id as never)
    expect(JSON.parse(approval?.body ?? '').actions[0].confirmedName).toBe('pgdata')
  })

  test('does not keep an operator from approving the rest', async () => {
    await approvals.approve(id, choice(['a']), operator)
    expect(await statesOf(id)).toEqual(['waiting', 'approved'])
  })
})

describe('where two people have to approve', () => {
  beforeEach(() => floor.settings.change({ secondApproval: 'always' }, anna))

  test('the first one starts nothing, and cannot be the second as well', async () => {
    const id = await three()
    const { approvals: made } = await approvals.approve(id, choice(['a', 'b']), anna)
    expect(made).toMatchObject([{ state: 'second-person', executionId: null, secondBy: null }])
    expect(await applying()).toEqual([])
    await expect(approvals.approve(id, choice(['a', 'b']), anna)).rejects.toEqual(refused('plan.same_person'))
    await expect(approvals.approve(id, choice(['a']), ben)).rejects.toEqual(refused('plan.decided'))

    const after = await approvals.approve(id, choice(['a', 'b']), ben)
    expect(after.approvals).toMatchObject([
      { state: 'running', approvedBy: 'user:anna', secondBy: 'user:ben' },
    ])
    expect(await statesOf(id)).toEqual(['approved', 'approved', 'waiting'])
    const approval = await floor.plans.approval(made[0]?.id as never)
    expect(approval && isAsApproved({ text: approval.body, sha256: approval.sha256 })).toBe(true)
    expect(await applying()).toHaveLength(1)
  })

  test('a rejection takes the first approval away, and the rest waits again', async () => {
    const id = await three()
    await approvals.approve(id, choice(['a', 'b']), anna)
    await approvals.reject(id, { actions: ['a'], why: '', forDays: 0 }, ben)
    expect(await statesOf(id)).toEqual(['rejected', 'waiting', 'waiting'])
    expect((await inbox.get(id)).approvals).toMatchObject([{ state: 'withdrawn' }])
  })
})

describe('a rejected change', () => {
  const no = (id: PlanId, actions: string[], forDays: number | null) =>
    approvals.reject(id, { actions, why: 'it is mine', forDays }, anna)
  const remembered = async () => (await approvals.rejections({ limit: 50 })).items

  test('is in the next plan and is not asked again, nor counted', async () => {
    await no(await three(), ['a'], 30)
    const id = await three()
    const { actions } = await inbox.get(id)
    expect(actions.map(({ state }) => state)).toEqual(['held', 'waiting', 'waiting'])
    expect(actions[0]?.rejection).toMatchObject({ by: 'user:anna', why: 'it is mine' })
    expect(planShape.parse(await inbox.get(id)).actions[1]?.rejection).toBeNull()
    expect(await inbox.count()).toEqual({ plans: 1, actions: 2 })
    await expect(approvals.approve(id, choice(['a']), anna)).rejects.toEqual(refused('plan.decided'))
  })

  test('with nothing else to decide nobody is told of the plan', async () => {
    let told = 0
    floor.events.on('plan.proposed', 'the test', () => void (told += 1))
    const first = await propose(proposal('a', removal('/a')))
    await no(first, ['a'], 30)
    await propose(proposal('a', removal('/a')))
    expect(told).toBe(1)
    expect((await inbox.list({ waiting: true, limit: 50 })).items).toEqual([])
  })

  test('is asked again when its time is over', async () => {
    await no(await three(), ['a'], 2)
    await floor.clock.advance(47 * 3_600_000)
    expect(await statesOf(await three())).toEqual(['held', 'waiting', 'waiting'])
    await floor.clock.advance(3_600_000)
    expect(await remembered()).toEqual([])
    expect(await statesOf(await three())).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test.each<[forDays: number | null, state: string]>([
    [0, 'waiting'],
    [null, 'held'],
  ])('for %s days is %s a year later', async (forDays, state) => {
    await no(await three(), ['a'], forDays)
    await floor.clock.advance(365 * 24 * 3_600_000)
    expect((await statesOf(await three()))[0]).toBe(state)
  })

  test('that is taken back waits at once, in the plan that stands, and can be approved', async () => {
    await no(await three(), ['a', 'b'], null)
    const id = await three()
    const [rejection] = (await remembered()).filter(({ title }) => title === 'Remove a')
    if (!rejection) throw new Error('nothing is remembered')
    await approvals.takeBack(rejection.id, ben)
    expect(await statesOf(id)).toEqual(['waiting', 'held', 'waiting'])
    await expect(approvals.takeBack(rejection.id, ben)).rejects.toEqual(refused('rejection.not_found'))
    await approvals.approve(id, choice(['a']), anna)
    expect((await statesOf(id))[0]).toBe('approved')
  })

  test('that was rejected by mistake waits again in its own plan', async () => {
    const id = await three()
    await no(id, ['a'], 30)
    const [rejection] = await remembered()
    await approvals.takeBack(rejection?.id as never, anna)
    expect(await statesOf(id)).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test('is another one on another node, of another kind, or of a thing made anew', async () => {
    const made = (createdAt: string): ActionOrder =>
      ({ ...volume, precondition: { ...volume.precondition, createdAt } }) as ActionOrder
    const first = await propose(proposal('v', made('2026-01-01T00:00:00Z')), proposal('a', removal('/a')))
    await no(first, ['v', 'a'], 30)
    const second = await propose(
      proposal('v', made('2026-02-01T00:00:00Z')),
      proposal('a', removal('/a', false)),
    )
    expect(await statesOf(second)).toEqual(['waiting', 'held'])
  })

  test('has a history: found, proposed, rejected, and not asked again', async () => {
    await no(await three(), ['a'], 30)
    await floor.clock.advance(60_000)
    await three()
    const kinds = (await inbox.objectHistory(nodeId, 'file:/a')).map(({ kind, by }) => [kind, by])
    expect(kinds).toEqual([
      ['held', 'user:anna'],
      ['rejected', 'user:anna'],
      ['proposed', null],
    ])
  })
})

test('a dry run decides nothing, and needs no second person', async () => {
  await floor.settings.change({ secondApproval: 'always' }, anna)
  const id = await propose(proposal('v', volume))
  await approvals.approve(id, choice(['v'], { dryRun: true }), operator)
  const [execution] = await applying()
  expect(execution).toMatchObject({ dryRun: true })
  expect(await statesOf(id)).toEqual(['waiting'])
  // What was looked at without a decision cannot become a change.
  await expect(
    floor.db.write((tx) =>
      floor.plans.orderFor(tx, { ...(execution as Execution), dryRun: false }, hostKey.fingerprint),
    ),
  ).rejects.toEqual(refused('plan.superseded'))
})

test('a change that the plan does not have cannot be approved', async () => {
  const id = await three()
  await expect(approvals.approve(id, choice(['a', 'z']), anna)).rejects.toEqual(refused('plan.not_found'))
})

describe('an approval counts', () => {
  async function approved() {
    const id = await three()
    await approvals.approve(id, choice(['a']), anna)
    const [execution] = await applying()
    if (!execution) throw new Error('nothing runs')
    return execution
  }
  const orderFor = (execution: Awaited<ReturnType<typeof approved>>, key = hostKey.fingerprint) =>
    floor.db.write((tx) => floor.plans.orderFor(tx, execution, key))

  test('for its own execution, on its node, with its host key and bundle, for an hour', async () => {
    const execution = await approved()
    const { text } = await orderFor(execution)
    expect(JSON.parse(text)).toMatchObject({ actions: [{ aid: 'a' }] })
    await expect(orderFor(execution, 'SHA256:other')).rejects.toEqual(refused('plan.superseded'))
    await expect(orderFor({ ...execution, bundleSha256: 'b'.repeat(64) })).rejects.toEqual(
      refused('plan.superseded'),
    )
    await expect(orderFor({ ...execution, dryRun: true })).rejects.toEqual(refused('plan.superseded'))
    await expect(orderFor({ ...execution, nodeId: 'nod_other' as never })).rejects.toEqual(
      refused('plan.superseded'),
    )
    await floor.clock.advance(3_600_001)
    await expect(orderFor(execution)).rejects.toEqual(refused('plan.expired'))
  })

  test('once', async () => {
    const execution = await approved()
    await expect(orderFor({ ...execution, id: 'exe_other' as never })).rejects.toEqual(
      refused('plan.superseded'),
    )
    await floor.db.write((tx) =>
      floor.plans.settle(tx, execution, { outcome: 'failed', told: null, bytesFreed: null }),
    )
    await expect(orderFor(execution)).rejects.toEqual(refused('plan.superseded'))
  })

  test('only as it was approved, to the letter', async () => {
    const execution = await approved()
    await floor.db.write((tx) =>
      tx
        .updateTable('approval')
        .set((value) => ({ body: value.fn('replace', ['body', value.val('/a'), value.val('/b')]) }))
        .execute(),
    )
    await expect(orderFor(execution)).rejects.toEqual(refused('plan.superseded'))
  })

  test('as not carried out when its execution is cancelled while it waits', async () => {
    const { id, approvalId } = await approved()
    await floor.executions.cancel(id, anna)
    const { plan } = await inbox.ofExecution(id)
    expect(plan?.actions[0]).toMatchObject({ state: 'settled', outcome: { kind: 'not-run' } })
    expect(plan?.approvals.find((one) => one.id === approvalId)).toMatchObject({ state: 'settled' })
  })
})

test('the history of an object tells what was proposed, decided and done, newest first', async () => {
  const id = await three()
  await floor.clock.advance(1_000)
  await approvals.approve(id, choice(['a']), anna)
  const [execution] = await applying()
  await floor.clock.advance(1_000)
  await floor.db.write((tx) =>
    floor.plans.settle(tx, execution as never, { outcome: 'failed', told: null, bytesFreed: null }),
  )
  const steps = await inbox.objectHistory(nodeId, 'file:/a')
  expect(steps.map(({ kind, by }) => [kind, by])).toEqual([
    ['outcome', null],
    ['approved', 'user:anna'],
    ['proposed', null],
  ])
  expect(await inbox.objectHistory(nodeId, 'file:/nothing')).toEqual([])
})

describe('the room of the trash of a node', () => {
  const gib = 1_073_741_824
  const two = () => propose(proposal('a', removal('/a'), 3 * gib), proposal('b', removal('/b'), 3 * gib))

  test('is what the settings allow, for all that is chosen together', async () => {
    await floor.settings.change({ trashMaxGib: 5 }, anna)
    const id = await two()
    await expect(approvals.approve(id, choice(['a', 'b']), anna)).rejects.toMatchObject({
      problem: {
        code: 'plan.no_trash_room',
        detail: '0.0 GiB are set aside, these would add 6.0, and 5 are allowed.',
      },
    })
    expect(await statesOf(id)).toEqual(['waiting', 'waiting'])
    await approvals.approve(id, choice(['a']), anna)
    expect(await statesOf(id)).toEqual(['approved', 'waiting'])
  })

  test('is not asked for by a check, nor by what sets nothing aside', async () => {
    await floor.settings.change({ trashMaxGib: 0 }, anna)
    const id = await propose(proposal('a', removal('/a'), gib), proposal('b', selfTest, null))
    await approvals.approve(id, { ...choice(['a']), dryRun: true }, anna)
    await approvals.approve(id, choice(['b']), anna)
    await expect(approvals.approve(id, choice(['a']), anna)).rejects.toEqual(refused('plan.no_trash_room'))
  })
})

describe('approval in advance', () => {
  const forAll = { type: 'file.remove' as const, targets: ['all'], maxBytes: 100 }

  test('is never there unless somebody made it', async () => {
    const id = await three()
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test('covers its kind, on its nodes, up to its size, and only what can be taken back', async () => {
    const policy = await policies.create(forAll, anna)
    const id = await propose(
      proposal('fits', removal('/a')),
      proposal('large', removal('/b'), 101),
      proposal('unknown', removal('/c'), null),
      proposal('gone for good', removal('/d', false)),
      proposal('other', volume),
    )
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['approved', 'waiting', 'waiting', 'waiting', 'waiting'])
    expect((await inbox.get(id)).approvals).toMatchObject([{ approvedBy: `policy:${policy.id}` }])
  })

  test('covers work that ends by itself, which frees nothing', async () => {
    await policies.create({ type: 'smart.selftest.start', targets: ['all'], maxBytes: 0 }, anna)
    const id = await propose(proposal('test', selfTest, null), proposal('file', removal('/a'), null))
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['approved', 'waiting'])
  })

  test.each<[string, object]>([
    ['of another node', { ...forAll, targets: ['tag:lab'] }],
    ['of another kind', { ...forAll, type: 'docker.buildcache.prune' }],
  ])('%s covers nothing here', async (_, policy) => {
    await policies.create(policy as typeof forAll, anna)
    const id = await three()
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test('gives way where two people have to approve every change', async () => {
    await policies.create(forAll, anna)
    await floor.settings.change({ secondApproval: 'always' }, anna)
    const id = await three()
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test('is not possible for volumes', async () => {
    await expect(policies.create({ ...forAll, type: 'docker.volume.remove' as never }, anna)).rejects.toEqual(
      refused('policy.too_risky'),
    )
  })

  test('ends when it is removed', async () => {
    const { id: policy } = await policies.create(forAll, anna)
    await policies.remove(policy, anna)
    const id = await three()
    await policies.onProposed(id)
    expect(await statesOf(id)).toEqual(['waiting', 'waiting', 'waiting'])
    await expect(policies.remove(policy, anna)).rejects.toEqual(refused('policy.not_found'))
  })
})
