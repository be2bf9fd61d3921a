import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TriggerId } from '../../contract/ids.ts'
import { type TriggerSpec, triggerSpec } from '../../contract/triggers.ts'
import { looksAround, tidiesUp } from '../../testbed/execution-floor.ts'
import { anna } from '../../testbed/node-floor.ts'
import { type ScheduleFloor, scheduleFloor } from '../../testbed/schedule-floor.ts'
import type { Occasion } from '../occasions/occasions.ts'

let floor: ScheduleFloor
let nas: Awaited<ReturnType<ScheduleFloor['addNode']>>
beforeEach(async () => {
  floor = await scheduleFloor()
  nas = await floor.addNode('nas')
  floor.events.on('occasion.written', 'test', floor.triggers.look)
  await floor.triggers.start()
})
afterEach(() => floor.close())

const aTrigger = (changed: object = {}): TriggerSpec =>
  triggerSpec.parse({ name: 'Look closer', when: { kind: 'node-back' }, agentId: looksAround, ...changed })
const make = async (changed: object = {}) => (await floor.triggers.create(aTrigger(changed), anna)).trigger.id

async function happen(occasion: Occasion): Promise<void> {
  await floor.db.write((tx) => floor.occasions.put(tx, occasion))
  await floor.settled()
}
const back = (): Occasion => ({ kind: 'node-back', nodeId: nas.id, nodeName: 'nas' })
/** What came of it, oldest first: `started`, `held (cool-down)`, … */
const told = async (id: TriggerId): Promise<string[]> => {
  const { items } = await floor.triggers.firings(id, { limit: 200 })
  return items.toReversed().map(({ state, reason }) => (reason ? `${state} (${reason})` : state))
}
const executions = async () => (await floor.executions.list({ limit: 200 })).items

describe('what happens', () => {
  test('starts a run where it happened, as a click would, in the name of the trigger', async () => {
    const id = await make()
    await happen(back())
    expect(await told(id)).toEqual(['started'])
    expect(await executions()).toMatchObject([{ startedBy: 'trigger:Look closer', nodeName: 'nas' }])
    expect(await floor.done()).toEqual(expect.arrayContaining(['trigger.created', 'execution.queued']))
    const { lastStarted } = await floor.triggers.get(id)
    expect(lastStarted).toMatchObject({
      cause: { kind: 'node-back', nodeName: 'nas' },
      executions: { total: 1 },
    })
  })

  test('starts it on the nodes of the trigger, where it has some', async () => {
    await floor.addNode('docker-1')
    await make({ targets: ['docker-*'] })
    await happen(back())
    expect((await executions()).map(({ nodeName }) => nodeName)).toEqual(['docker-1'])
  })

  test('is left behind when it was before the trigger was made', async () => {
    await make({ name: 'Other' })
    await floor.triggers.stop()
    await happen(back())
    await floor.clock.advance(1)
    const id = await make()
    await floor.triggers.start()
    await floor.settled()
    expect(await told(id)).toEqual([])
  })

  test('is not even written down where nobody waits for it', async () => {
    await happen(back())
    expect(await floor.db.read.selectFrom('occasion').selectAll().execute()).toEqual([])
  })

  test('and does not fit is told of with the field that left it out', async () => {
    const id = await make({ when: { kind: 'node-back', nodes: ['pi'] } })
    await happen(back())
    expect(await told(id)).toEqual([])
    expect((await floor.triggers.get(id)).nearMiss).toMatchObject({
      field: 'nodes',
      cause: { nodeName: 'nas' },
    })
  })

  test('and cannot be followed is refused with the words of the refusal', async () => {
    const id = await make({ targets: ['nobody'] })
    await happen(back())
    const { items } = await floor.triggers.firings(id, { limit: 1 })
    expect(items).toMatchObject([{ state: 'refused', detail: 'Nothing matches nobody.' }])
    // A person has to mend that, and hears of it; that it holds something back is as it should be.
    const notice = { kind: 'trigger.refused', key: `trigger/${id}`, page: `/schedules/triggers/${id}` }
    expect(floor.noted).toMatchObject([notice])
    await floor.triggers.pause(id, true, anna)
    await floor.clock.advance(1)
    await happen(back())
    expect(await told(id)).toEqual(['refused (refused)', 'held (paused)'])
    expect(floor.noted).toHaveLength(1)
  })
})

describe('the cool-down', () => {
  test('holds what comes too soon, for each node by itself', async () => {
    const pi = await floor.addNode('pi')
    const id = await make({ coolDownMinutes: 10 })
    await happen(back())
    await floor.clock.advance(9 * 60_000)
    await happen(back())
    await floor.clock.advance(1)
    await happen({ kind: 'node-back', nodeId: pi.id, nodeName: 'pi' })
    await floor.clock.advance(60_000)
    await happen(back())
    expect(await told(id)).toEqual(['started', 'held (cool-down)', 'started', 'started'])
  })

  test('counts for all nodes together where the trigger has targets of its own', async () => {
    const pi = await floor.addNode('pi')
    const id = await make({ targets: ['nas'] })
    await happen(back())
    await floor.clock.advance(1)
    await happen({ kind: 'node-back', nodeId: pi.id, nodeName: 'pi' })
    expect(await told(id)).toEqual(['started', 'held (cool-down)'])
  })
})

describe('a loop', () => {
  /** The newest run ended, as its end is written. */
  async function lastRunEnds(): Promise<void> {
    const [last] = await executions()
    if (!last) throw new Error('nothing runs')
    await floor.clock.advance(1)
    await happen({
      kind: 'run',
      executionId: last.id,
      nodeId: last.nodeId,
      nodeName: last.nodeName,
      agentId: last.agentId,
      outcome: 'succeeded',
      findings: [],
      disks: [],
    })
  }

  test('of a trigger and its own run ends at once', async () => {
    const id = await make({ when: { kind: 'execution' }, coolDownMinutes: 0 })
    await floor.queueOn('nas')
    await lastRunEnds()
    await lastRunEnds()
    expect(await told(id)).toEqual(['started', 'held (own-run)'])
    expect(await executions()).toHaveLength(2)
  })

  test('of two triggers that start each other ends when it comes round', async () => {
    const whose = (agentId: string) => ({ kind: 'execution', agents: [agentId] })
    const one = await make({ name: 'a', when: whose(looksAround), agentId: tidiesUp, coolDownMinutes: 0 })
    const other = await make({ name: 'b', when: whose(tidiesUp), coolDownMinutes: 0 })
    await floor.queueOn('nas')
    for (let turn = 0; turn < 3; turn++) await lastRunEnds()
    expect(await told(one)).toEqual(['started', 'held (own-run)'])
    expect(await told(other)).toEqual(['started'])
    expect(await executions()).toHaveLength(3)
  })

  test('of many triggers ends with the third', async () => {
    const all: TriggerId[] = []
    for (const name of ['a', 'b', 'c', 'd']) {
      all.push(await make({ name, when: { kind: 'execution' }, coolDownMinutes: 0 }))
    }
    await floor.queueOn('nas')
    for (let turn = 0; turn < 5; turn++) await lastRunEnds()
    // The run of a person sets off four, the newest of these three, the newest of those two, and then it is enough.
    expect(await executions()).toHaveLength(1 + 4 + 3 + 2)
    const held = (await Promise.all(all.map(told))).flat().filter((one) => one === 'held (chain)')
    expect(held).toHaveLength(2)
  })

  test('is seen through changes that somebody approved', async () => {
    const id = await make({ when: { kind: 'execution' }, agentId: tidiesUp, coolDownMinutes: 0 })
    await floor.queueOn('nas')
    await lastRunEnds()
    const [proposing] = await executions()
    if (!proposing) throw new Error('nothing was started')
    // The run that makes the changes is one of its own, and belongs to no batch of the trigger.
    await floor.clock.advance(1)
    const planId = floor.newId('pln')
    const approvalId = floor.newId('apr')
    await floor.db.write(async (tx) => {
      const at = floor.clock.now().toISOString()
      const common = { node_id: proposing.nodeId, agent_id: tidiesUp, bundle_sha256: '', host_key: '' }
      await tx
        .insertInto('plan')
        .values({
          id: planId,
          execution_id: proposing.id,
          agent_version: '1.0.0',
          created_at: at,
          expires_at: at,
          superseded_by: null,
          ...common,
        })
        .execute()
      await tx
        .insertInto('approval')
        .values({
          id: approvalId,
          kind: 'plan',
          plan_id: planId,
          trash_id: null,
          body: '{}',
          sha256: '',
          approved_by: 'user:anna',
          approved_at: at,
          second_by: null,
          second_at: null,
          state: 'running',
          dry_run: 0,
          expires_at: at,
          execution_id: null,
          bytes_freed: null,
          ...common,
        })
        .execute()
    })
    await floor.executions.startApply(
      { agentId: tidiesUp, nodeId: proposing.nodeId, approvalId, dryRun: false, as: proposing.id },
      anna,
      async () => {},
    )
    await lastRunEnds()
    expect(await told(id)).toEqual(['started', 'held (own-run)'])
  })
})

describe('a trigger', () => {
  test('that is paused records what it would have fired for, and makes up for nothing', async () => {
    const id = await make()
    await floor.triggers.pause(id, true, anna)
    await happen(back())
    await floor.triggers.pause(id, false, anna)
    await floor.settled()
    expect(await told(id)).toEqual(['held (paused)'])
    expect(await executions()).toEqual([])
  })

  test('fires when somebody asks, in their name, and does not rest after that', async () => {
    const id = await make()
    await floor.triggers.fire(id, ['nas'], anna)
    await floor.clock.advance(1)
    await happen(back())
    expect(await told(id)).toEqual(['started', 'started'])
    expect((await executions()).map(({ startedBy }) => startedBy)).toEqual([
      'trigger:Look closer',
      'user:anna',
    ])
  })

  test('that waits for what has no node names its own', () => {
    expect(triggerSpec.safeParse(aTrigger()).success).toBe(true)
    const nowhere = { ...aTrigger(), when: { kind: 'webhook' } }
    expect(triggerSpec.safeParse(nowhere).success).toBe(false)
    expect(triggerSpec.safeParse({ ...nowhere, targets: ['nas'] }).success).toBe(true)
  })

  test('has a name of its own, an agent that is there, and options it has', async () => {
    await make()
    await expect(make({ name: 'look CLOSER' })).rejects.toMatchObject({ code: 'trigger.name_taken' })
    await expect(make({ name: 'x', agentId: 'nobody' })).rejects.toMatchObject({ code: 'agent.not_found' })
    await expect(make({ name: 'x', options: { depth: 99 } })).rejects.toMatchObject({
      code: 'agent.options_invalid',
    })
  })

  test('is gone with its record when it is removed, and what it ran stays', async () => {
    const id = await make()
    await happen(back())
    await floor.triggers.remove(id, anna)
    await expect(floor.triggers.get(id)).rejects.toMatchObject({ code: 'trigger.not_found' })
    expect(await executions()).toHaveLength(1)
    expect(await floor.done()).toContain('trigger.removed')
  })
})

describe('a document', () => {
  const text = `name: Look closer
when:
  event: finding
  state: [ new, worse ]
  severity: high
  rule: disk.*
  nodes: tag:storage
agent: looks_around
options:
  depth: 3
cool_down: 1h
`
  const apply = (given: string, dryRun = false) => floor.schedules.apply(given, dryRun, anna)

  test('makes a trigger, changes it, and comes back by export as the same', async () => {
    expect(await apply(text, true)).toMatchObject([{ what: 'trigger', kind: 'new', id: null }])
    expect(await floor.triggers.list()).toEqual([])
    expect(await apply(text)).toMatchObject([{ what: 'trigger', kind: 'new', warnings: [] }])
    expect(await floor.triggers.list()).toMatchObject([
      {
        when: { kind: 'finding', least: 'high', rules: ['disk.*'], nodes: ['tag:storage'] },
        targets: null,
        options: { depth: 3 },
        coolDownMinutes: 60,
      },
    ])
    const { body } = await floor.schedules.exportText(undefined)
    expect(await apply(body)).toMatchObject([{ kind: 'same', differences: [] }])
    expect(await apply(text.replace('1h', '2h'))).toMatchObject([
      { kind: 'changed', differences: [{ path: 'coolDownMinutes', before: '60', after: '120' }] },
    ])
  })

  const events: [event: string, more: string][] = [
    ['node-back', ''],
    ['execution', '  outcome: [failed, timed-out]\n  agent: [looks_around]\n'],
    ['disk', '  percent: 90\n  mount: /srv*\n'],
    ['cost', '  limit: month\n  percent: 80\n'],
    ['webhook', '  signed: false\n'],
  ]
  test.each(events)('of %s comes back as the same', async (event, more) => {
    const given = `name: x\nwhen:\n  event: ${event}\n${more}nodes: [nas]\nagent: looks-around\n`
    expect(await apply(given)).toMatchObject([{ kind: 'new' }])
    expect(await apply((await floor.schedules.exportText(undefined)).body)).toMatchObject([{ kind: 'same' }])
  })

  const wrong: [string, string, RegExp][] = [
    ['an event that is none', text.replace('event: finding', 'event: flood'), /when\.event/],
    ['a field that it has not', text.replace('severity: high', 'percent: 3'), /percent/],
    ['no node anywhere', 'name: x\nwhen: { event: webhook }\nagent: looks-around\n', /choose the nodes/],
    ['a length that is none', text.replace('1h', 'soon'), /cool_down/],
  ]
  test.each(wrong)('with %s is refused in words, whole', async (_, given, words) => {
    await expect(apply(given)).rejects.toMatchObject({
      code: 'schedule.document_invalid',
      problem: { detail: expect.stringMatching(words) },
    })
  })
})
