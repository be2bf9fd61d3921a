import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anna } from '../../testbed/node-floor.ts'
import { aSpec, type ScheduleFloor, scheduleFloor } from '../../testbed/schedule-floor.ts'

let floor: ScheduleFloor
beforeEach(async () => {
  floor = await scheduleFloor()
  await floor.addNode('nas')
})
afterEach(() => floor.close())

const apply = (text: string, dryRun = false) => floor.schedules.apply(text, dryRun, anna)
const written = async () => (await floor.schedules.exportText(undefined)).body

const nightly = `# Looks around every night.
name: "Nightly"
schedule: "0 3 * * *"   # after the backup
nodes: ["nas"]
agent: looks_around
notifications:
  webhook: "https://discord.com/api/webhooks/1/very-secret"
estimated_cost: "$0.15/day"
`

describe('a document', () => {
  test('tells what it would change, changes it, and then changes nothing', async () => {
    const [seen] = await apply(nightly, true)
    expect(seen).toMatchObject({ name: 'Nightly', kind: 'new', id: null, warnings: [] })
    expect((await floor.schedules.list({ limit: 10 })).items).toEqual([])
    expect(await apply(nightly)).toMatchObject([{ kind: 'new' }])
    expect(await apply(nightly)).toMatchObject([{ kind: 'same', differences: [] }])
    const [changed] = await apply(nightly.replace('0 3', '0 4').replace('["nas"]', '["nas", "docker-*"]'))
    expect(changed).toMatchObject({
      kind: 'changed',
      differences: [
        { path: 'timing.cron', before: '0 3 * * *', after: '0 4 * * *' },
        { path: 'targets', before: 'nas', after: 'nas, docker-*' },
      ],
    })
  })

  test('comes out as it went in, until it is changed on the screen', async () => {
    await apply(nightly)
    expect(await written()).toBe(nightly)
    const [{ id } = { id: null }] = (await floor.schedules.list({ limit: 1 })).items
    await floor.schedules.change(id as never, { overlap: 'queue' }, anna)
    expect(await written()).toContain('overlap: queue')
    expect(await written()).toContain('https://discord.com/api/webhooks/1/very-secret')
    expect(await apply(await written())).toMatchObject([{ kind: 'same' }])
  })

  test('all of it or nothing', async () => {
    await expect(
      apply(`${nightly}---\nname: x\nschedule: nonsense\nnodes: all\nagent: a\n`),
    ).rejects.toMatchObject({
      code: 'schedule.document_invalid',
    })
    expect((await floor.schedules.list({ limit: 10 })).items).toEqual([])
  })

  test('warns of what will keep it from running', async () => {
    const [seen] = await apply(nightly.replace('looks_around', 'docker_janitor'))
    expect(seen?.warnings).toEqual(['No agent is called docker-janitor.'])
    const [other] = await apply(nightly.replace('["nas"]', '["nobody"]'))
    expect(other?.warnings).toEqual(['Nothing matches nobody.'])
  })

  test('of an interval goes on from where it began', async () => {
    const text = 'name: x\nevery: 90m\nnodes: all\nagent: looks-around\n'
    await apply(text)
    await floor.pass(60_000)
    expect(await apply(text)).toMatchObject([{ kind: 'same' }])
  })

  test('keeps the address of a webhook from whoever only reads, and from the audit trail', async () => {
    const items = await apply(nightly)
    await apply(nightly.replace('very-secret', 'other-secret'))
    const shown = JSON.stringify([
      items,
      await floor.schedules.list({ limit: 10 }),
      await floor.audit.list({ limit: 100 }),
      await floor.db.read.selectFrom('schedule').select(['spec', 'name']).execute(),
    ])
    expect(shown).toContain('discord.com')
    expect(shown).not.toMatch(/very-secret|other-secret/)
    const [{ id } = { id: null }] = (await floor.schedules.list({ limit: 1 })).items
    expect(await floor.schedules.notificationsOf(id as never)).toEqual({
      webhook: 'https://discord.com/api/webhooks/1/other-secret',
    })
  })
})

describe('an address that messages go to', () => {
  const otto = { ...anna, name: 'user:otto', role: 'operator' } as const
  const applyAs = (text: string, dryRun = false) => floor.schedules.apply(text, dryRun, otto)
  const elsewhere = nightly.replace('discord.com', 'evil.example')

  test('is named by an administrator alone, whichever way it comes', async () => {
    const refused = { code: 'schedule.address_needs_admin' }
    await expect(applyAs(nightly)).rejects.toMatchObject(refused)
    await expect(applyAs(nightly, true)).rejects.toMatchObject(refused)
    const notifications = { webhooks: ['https://evil.example/x'] }
    await expect(floor.schedules.create(aSpec({ notifications }), otto)).rejects.toMatchObject({
      problem: { ...refused, detail: expect.stringMatching(/is to tell evil\.example\.$/) as string },
    })
    const { id } = await floor.create()
    await expect(floor.schedules.change(id, { notifications }, otto)).rejects.toMatchObject(refused)
    expect(await floor.schedules.wishes()).toEqual([])
  })

  test('stays where an operator changes something else, and is not changed by one', async () => {
    await apply(nightly)
    expect(await applyAs(nightly.replace('0 3', '0 4'))).toMatchObject([{ kind: 'changed' }])
    await expect(applyAs(elsewhere)).rejects.toMatchObject({ code: 'schedule.address_needs_admin' })
    expect(await floor.schedules.wishes()).toMatchObject([
      { addresses: ['https://discord.com/api/webhooks/1/very-secret'] },
    ])
  })

  test('is not needed where an operator names a channel', async () => {
    const text = nightly.replace(/webhook: .*/, 'channel: phone')
    expect(await applyAs(text)).toMatchObject([{ kind: 'new' }])
    expect(await floor.schedules.wishes()).toMatchObject([{ addresses: [], channels: ['phone'] }])
  })
})

describe('a schedule', () => {
  test('has a name of its own, whatever the case', async () => {
    await floor.create({ name: 'Nightly' })
    await expect(floor.create({ name: 'nightly' })).rejects.toMatchObject({ code: 'schedule.name_taken' })
  })

  test('is made for an agent that is there, with options it has', async () => {
    await expect(floor.create({ agentId: 'nobody' })).rejects.toMatchObject({ code: 'agent.not_found' })
    await expect(floor.create({ options: { depth: 99 } })).rejects.toMatchObject({
      code: 'agent.options_invalid',
    })
  })

  test('is gone with its record when it is removed, and what it ran stays', async () => {
    floor.queue.start()
    await floor.schedules.start()
    const { id } = await floor.create()
    await floor.pass(1)
    await floor.schedules.remove(id, anna)
    await expect(floor.schedules.get(id)).rejects.toMatchObject({ code: 'schedule.not_found' })
    expect((await floor.executions.list({ limit: 10 })).items).toHaveLength(1)
    expect(await floor.done()).toEqual(expect.arrayContaining(['schedule.created', 'schedule.removed']))
  })

  test('keeps its place when only its name changes, and looks anew when its time does', async () => {
    const { id, nextAt } = await floor.create({ timing: { kind: 'cron', cron: '0 3 * * *' } })
    expect((await floor.schedules.change(id, { name: 'Other' }, anna)).nextAt).toBe(nextAt)
    const changed = await floor.schedules.change(id, { timing: { kind: 'cron', cron: '0 4 * * *' } }, anna)
    expect(changed.nextAt).toBe('2026-03-02T04:00:00.000Z')
  })

  test('runs now when somebody asks, in their name', async () => {
    const { id } = await floor.create()
    const { batchId } = await floor.schedules.run(id, anna)
    const { items } = await floor.executions.list({ limit: 10, batchId })
    expect(items).toMatchObject([{ startedBy: 'user:anna' }])
  })

  test('is found page by page', async () => {
    for (const name of ['c', 'A', 'b']) await floor.create({ name })
    const first = await floor.schedules.list({ limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['A', 'b'])
    const second = await floor.schedules.list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect(second.items.map(({ name }) => name)).toEqual(['c'])
    expect((await floor.schedules.list({ limit: 2, search: 'B' })).items).toHaveLength(1)
  })
})

describe('a preview', () => {
  test('shows the next runs, the next change of the clock, and what a month costs', async () => {
    const { timing: _, ...rest } = aSpec()
    const shown = await floor.schedules.preview({
      ...rest,
      timing: { kind: 'cron', cron: '30 2 * * *' },
      zone: 'Europe/Berlin',
    })
    expect(shown.next).toHaveLength(10)
    expect(shown.clockChange).toEqual({ at: '2026-03-29T01:00:00.000Z', byMinutes: 60 })
    expect(shown.runsPerMonth).toBe(30)
    expect(shown.cost).toEqual({ likelyNanoUsd: 30_000_000, mostNanoUsd: 90_000_000, nodes: 1 })
  })
})

describe('the calendar', () => {
  test('shows what was and what will be', async () => {
    floor.queue.start()
    await floor.schedules.start()
    const { id } = await floor.create({ timing: { kind: 'cron', cron: '0 * * * *' } })
    await floor.pass(1)
    const { past, coming, isCut } = await floor.schedules.calendar(
      '2026-03-01T00:00:00.000Z',
      '2026-03-02T00:00:00.000Z',
    )
    expect(past.map(({ at, state }) => [at, state])).toEqual([['2026-03-01T12:00:00.000Z', 'ran']])
    expect(coming).toHaveLength(11)
    expect(coming[0]).toMatchObject({ scheduleId: id, at: '2026-03-01T13:00:00.000Z' })
    expect(isCut).toBe(false)
  })

  test('is bounded', async () => {
    await expect(
      floor.schedules.calendar('2026-03-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z'),
    ).rejects.toMatchObject({ code: 'request.invalid' })
    await floor.create()
    const { coming, isCut } = await floor.schedules.calendar(
      '2026-03-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
    )
    expect([coming.length, isCut]).toEqual([3_000, true])
  })
})
