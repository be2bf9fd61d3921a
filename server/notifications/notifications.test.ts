import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChannelId } from '../../contract/ids.ts'
import type { NotificationRoute } from '../../contract/notifications.ts'
import { type HttpTarget, startBroker, startHttpTarget } from '../../testbed/message-targets.ts'
import { aNotice, type NotificationFloor, notificationFloor } from '../../testbed/notification-floor.ts'
import { serverActor } from '../lib/actor.ts'

let floor: NotificationFloor
let target: HttpTarget
let second: HttpTarget

beforeEach(async () => {
  floor = await notificationFloor()
  ;[target, second] = await Promise.all([startHttpTarget(), startHttpTarget()])
  await floor.allow(`127.0.0.1:${target.port}`, `127.0.0.1:${second.port}`)
})
afterEach(async () => {
  await floor.close()
  await Promise.all([target.stop(), second.stop()])
})

const minute = 60_000
const hour = 60 * minute

const ntfy = (at: HttpTarget, name = 'phone', fallbackId: ChannelId | null = null) =>
  floor.addChannel({ name, fallbackId, settings: { kind: 'ntfy', server: at.url, topic: 'carl' } })

const titlesAt = (at: HttpTarget): string[] =>
  at.heard.map(({ body }) => (JSON.parse(body) as { title: string }).title)

const everything = (...channelIds: ChannelId[]): NotificationRoute => ({
  kinds: ['finding.new', 'finding.worse', 'finding.recovered', 'budget.reached', 'run.failed'],
  least: 'info',
  targets: [],
  agents: [],
  channelIds,
})

test('the first channel hears of all that needs somebody, and of nothing else, without further ado', async () => {
  await ntfy(target)
  await floor.tell()
  await floor.tell({ severity: 'info', key: 'other', title: 'it is Thursday' })
  await floor.pass(2 * minute)
  expect(titlesAt(target)).toEqual(['New on nas: /var is 97 % full'])
  expect(JSON.parse(target.heard[0]?.body ?? '')).toMatchObject({
    message: 'Free some space.',
    click: 'https://carl.home.lan/executions/exe_01jd0000000000000000000001',
    priority: 5,
  })
  expect(await floor.log()).toEqual([
    { channelName: 'phone', state: 'sent', title: 'New on nas: /var is 97 % full', attempts: 1 },
  ])
})

test('what was undone is told to nobody', async () => {
  await ntfy(target)
  const undone = floor.db.write(async (tx) => {
    await floor.notices.put(tx, aNotice())
    throw new Error('the power went')
  })
  await expect(undone).rejects.toThrow('the power went')
  await floor.pass(2 * minute)
  expect(target.heard).toEqual([])
})

test('ten things at once are one message, most severe first', async () => {
  await ntfy(target)
  for (let one = 0; one < 9; one++) {
    await floor.tell({ key: `k${one}`, severity: 'warning', title: `thing ${one}`, detail: null })
  }
  await floor.tell({ key: 'worst', title: 'the array is degraded' })
  await floor.pass(2 * minute)
  expect(titlesAt(target)).toEqual(['10 things, worst: New on nas: the array is degraded'])
  const { message } = JSON.parse(target.heard[0]?.body ?? '') as { message: string }
  expect(message.split('\n')).toHaveLength(10)
  expect(message.split('\n')[0]).toBe('• New on nas: the array is degraded')
})

test('what came and went before anybody was told is told as that', async () => {
  await ntfy(target)
  await floor.tell()
  await floor.tell({ kind: 'finding.recovered', detail: null })
  await floor.pass(2 * minute)
  expect(titlesAt(target)).toEqual(['Came and went on nas: /var is 97 % full'])
})

describe('the same again', () => {
  test('is told once in an hour', async () => {
    await ntfy(target)
    for (const _ of [1, 2, 3]) {
      await floor.tell({ kind: 'finding.worse' })
      await floor.pass(10 * minute)
    }
    expect(target.heard).toHaveLength(1)
    await floor.pass(hour)
    await floor.tell({ kind: 'finding.worse' })
    await floor.pass(2 * minute)
    expect(target.heard).toHaveLength(2)
  })

  test('is news when it had been over meanwhile', async () => {
    await ntfy(target)
    for (const kind of ['finding.new', 'finding.recovered', 'finding.new'] as const) {
      await floor.tell({ kind })
      await floor.pass(2 * minute)
    }
    expect(titlesAt(target).map((title) => title.split(' ')[0])).toEqual(['New', 'Recovered', 'New'])
  })
})

describe('routes', () => {
  test('send by event, severity, node and agent', async () => {
    const [phone, desk] = [await ntfy(target), await ntfy(second, 'desk')]
    const [nas, pi] = [floor.newId('nod'), floor.newId('nod')]
    floor.nodes.push({ id: nas, name: 'nas', tags: ['storage'] }, { id: pi, name: 'pi', tags: [] })
    await floor.setRules({
      groupSeconds: 0,
      routes: [
        { ...everything(phone), least: 'high' },
        { ...everything(desk), targets: ['tag:storage'], agents: ['system-health' as never] },
      ],
    })
    await floor.tell({ key: 'a', title: 'critical on pi', nodeId: pi })
    await floor.tell({ key: 'b', title: 'mild on nas', severity: 'warning', nodeId: nas })
    await floor.tell({
      key: 'c',
      title: 'other agent on nas',
      nodeId: nas,
      agentId: 'docker' as never,
      severity: 'info',
    })
    await floor.tell({
      key: 'd',
      title: 'about no node',
      kind: 'budget.reached',
      nodeId: null,
      severity: 'high',
    })
    await floor.pass(minute)
    expect(target.heard.map(({ body }) => body).join()).toMatch(/critical on pi.*about no node/)
    expect(titlesAt(second)).toEqual(['New on nas: mild on nas'])
  })

  test('that fit twice tell a channel once', async () => {
    const phone = await ntfy(target)
    await floor.setRules({ routes: [everything(phone), everything(phone)] })
    await floor.tell()
    await floor.pass(2 * minute)
    expect(target.heard).toHaveLength(1)
  })

  test('go on without a channel that is removed, and name none that is not there', async () => {
    const [phone, desk] = [await ntfy(target), await ntfy(second, 'desk')]
    await floor.setRules({ routes: [everything(phone, desk), everything(phone)] })
    await floor.notifications.removeChannel(phone, serverActor)
    const { rules } = await floor.notifications.state()
    expect(rules.routes.map(({ channelIds }) => channelIds)).toEqual([[desk]])
    await expect(floor.setRules({ routes: [everything(phone)] })).rejects.toMatchObject({
      code: 'channel.not_found',
    })
  })
})

describe('quiet hours', () => {
  const quiet = { isOn: true, from: '22:00', to: '07:00', exceptCritical: true }

  test('hold what can wait and sum it up in the morning; what is critical comes at once', async () => {
    const phone = await ntfy(target)
    await floor.setRules({ routes: [everything(phone)], quiet, zone: 'Europe/Berlin' })
    // 23:00 in Berlin.
    await floor.clock.advance(10 * hour)
    for (const key of ['a', 'b', 'c'])
      await floor.tell({ key, severity: 'warning', title: key, detail: null })
    await floor.tell({ key: 'critical' })
    await floor.pass(5 * minute)
    expect(titlesAt(target)).toEqual(['New on nas: /var is 97 % full'])
    const { held } = await floor.notifications.deliveries({ limit: 10 })
    expect(held).toMatchObject([{ notices: 3, why: 'quiet', dueAt: '2026-11-27T06:00:00.000Z' }])
    await floor.pass(8 * hour, 10 * minute)
    expect(titlesAt(target)).toEqual(['New on nas: /var is 97 % full', '3 things, worst: New on nas: a'])
  })

  test('that are switched off let go of what they held', async () => {
    const phone = await ntfy(target)
    await floor.setRules({ routes: [everything(phone)], quiet: { ...quiet, from: '00:00', to: '23:59' } })
    await floor.tell({ severity: 'warning' })
    await floor.pass(5 * minute)
    expect(target.heard).toEqual([])
    await floor.setRules({ routes: [everything(phone)] })
    await floor.pass(minute)
    expect(target.heard).toHaveLength(1)
  })
})

describe('a target that is down', () => {
  test('for a day gets one message for each that waited, and one for all that came behind it', async () => {
    await ntfy(target)
    target.answer((reply) => reply.writeHead(503).end())
    await floor.tell({ key: 'first' })
    await floor.pass(2 * minute)
    for (let one = 0; one < 40; one++) {
      await floor.tell({ key: `k${one}`, title: `thing ${one}` })
      await floor.pass(30 * minute, 30 * minute)
    }
    const attempts = target.heard.length
    expect(attempts).toBeLessThanOrEqual(9)
    expect(await floor.log()).toMatchObject([{ state: 'waiting', attempts }])
    target.answer((reply) => reply.end())
    await floor.pass(13 * hour, 30 * minute)
    expect(titlesAt(target).slice(attempts)).toEqual([
      'New on nas: /var is 97 % full',
      '40 things, worst: New on nas: thing 0',
    ])
  })

  test('is given up after a day, and says why', async () => {
    await ntfy(target)
    target.answer((reply) => reply.writeHead(503).end())
    await floor.tell()
    await floor.pass(30 * hour, 30 * minute)
    expect(await floor.log()).toMatchObject([{ state: 'failed', attempts: 9 }])
    const { channels } = await floor.notifications.state()
    expect(channels[0]?.lastProblem?.code).toBe('channel.busy')
  })

  test('is tried again after a restart, when its time has come and not before', async () => {
    await ntfy(target)
    target.answer((reply) => reply.writeHead(503).end())
    await floor.tell()
    await floor.pass(2 * minute)
    const before = target.heard.length
    await floor.restart()
    await floor.pass(1_000)
    expect(target.heard).toHaveLength(before)
    target.answer((reply) => reply.end())
    await floor.pass(10 * minute)
    expect(await floor.log()).toMatchObject([{ state: 'sent' }])
  })

  test('is let rest for as long as it asks', async () => {
    await ntfy(target)
    target.answer((reply) => reply.writeHead(429, { 'retry-after': '1200' }).end())
    await floor.tell()
    await floor.pass(20 * minute)
    expect(target.heard).toHaveLength(1)
    await floor.pass(3 * minute)
    expect(target.heard).toHaveLength(2)
  })

  test('has another one stand in for it within minutes', async () => {
    const mail = await ntfy(second, 'spare')
    const phone = await ntfy(target, 'phone', mail)
    await floor.setRules({ routes: [everything(phone)] })
    target.answer((reply) => reply.writeHead(503).end())
    await floor.tell()
    await floor.pass(6 * minute)
    expect(titlesAt(second)).toEqual(['New on nas: /var is 97 % full'])
    expect(await floor.log()).toMatchObject([
      { channelName: 'spare', state: 'sent' },
      { channelName: 'phone', state: 'handed-over', attempts: 3 },
    ])
  })

  test('that says no for good has another one stand in at once', async () => {
    const spare = await ntfy(second, 'spare')
    const phone = await ntfy(target, 'phone', spare)
    await floor.setRules({ routes: [everything(phone)] })
    target.answer((reply) => reply.writeHead(403).end())
    await floor.tell()
    await floor.pass(2 * minute)
    expect([target.heard.length, titlesAt(second).length]).toEqual([1, 1])
  })

  test('keeps no other channel waiting', async () => {
    const [phone, desk] = [await ntfy(target), await ntfy(second, 'desk')]
    await floor.setRules({ routes: [everything(phone, desk)], groupSeconds: 0 })
    // It takes the request and never answers.
    target.answer(() => {})
    await floor.tell()
    await floor.clock.advance(1_000)
    await until(() => second.heard.length === 1)
    await floor.clock.advance(1_000)
    // Its own time is over after ten seconds.
    for (let second_ = 0; second_ < 12; second_++) await floor.clock.advance(1_000)
    await floor.notifications.dispatch.settled()
    const { channels } = await floor.notifications.state()
    expect(channels.map(({ name, lastProblem }) => [name, lastProblem?.code])).toEqual([
      ['desk', undefined],
      ['phone', 'outgoing.too_slow'],
    ])
  })
})

test('a message that went nowhere can be sent again by hand', async () => {
  await ntfy(target)
  target.answer((reply) => reply.writeHead(403).end())
  await floor.tell()
  await floor.pass(2 * minute)
  const [failed] = (await floor.notifications.deliveries({ limit: 1 })).items
  expect(failed).toMatchObject({ state: 'failed', problem: { code: 'channel.refused' } })
  target.answer((reply) => reply.end())
  await floor.notifications.sendAgain(failed?.id as never, serverActor)
  await floor.pass(1_000)
  expect(await floor.log()).toMatchObject([{ state: 'sent' }])
})

describe('the secrets of a channel', () => {
  const change = { name: 'phone', enabled: true, fallbackId: null, secrets: {} }

  test('stay when it is changed, and are not sent to another place', async () => {
    const id = await floor.addChannel({
      name: 'phone',
      settings: { kind: 'ntfy', server: target.url, topic: 'carl' },
      secrets: { token: 'tk_secret' },
    })
    const kept = await floor.notifications.changeChannel(
      id,
      { ...change, settings: { kind: 'ntfy', server: target.url, topic: 'other' } },
      serverActor,
    )
    expect(kept.secrets).toEqual(['token'])
    const elsewhere = { ...change, settings: { kind: 'ntfy', server: second.url, topic: 'other' } } as const
    await expect(floor.notifications.changeChannel(id, elsewhere, serverActor)).rejects.toMatchObject({
      code: 'channel.secret_missing',
    })
    await expect(floor.notifications.tryDraft(id, elsewhere, serverActor)).rejects.toMatchObject({
      code: 'channel.secret_missing',
    })
    expect(second.heard).toEqual([])
    await floor.notifications.changeChannel(id, { ...elsewhere, secrets: { token: 'tk_new' } }, serverActor)
  })

  test('that are missing are named', async () => {
    await expect(floor.addChannel({ settings: { kind: 'discord' } })).rejects.toMatchObject({
      code: 'channel.secret_missing',
      issues: [expect.objectContaining({ path: 'secrets.url' })],
    })
  })
})

test('channels do not stand in for each other in a ring, and names are told apart', async () => {
  const first = await ntfy(target, 'one')
  const next = await ntfy(target, 'two', first)
  const settings = { kind: 'ntfy', server: target.url, topic: 'carl' } as const
  const change = { enabled: true, secrets: {}, settings }
  await expect(
    floor.notifications.changeChannel(first, { ...change, name: 'one', fallbackId: next }, serverActor),
  ).rejects.toMatchObject({ code: 'channel.fallback_loop' })
  await expect(ntfy(target, 'ONE')).rejects.toMatchObject({ code: 'channel.name_taken' })
})

describe('the morning report', () => {
  test('comes at its time in its zone, once a day, also over a restart', async () => {
    const phone = await ntfy(target)
    floor.setSummary({ nodesTotal: 3, nodesUp: 3 })
    await floor.setRules({
      zone: 'America/New_York',
      report: { isOn: true, at: '07:30', channelIds: [phone] },
      quiet: { isOn: true, from: '00:00', to: '23:59', exceptCritical: false },
    })
    expect((await floor.notifications.state()).nextReportAt).toBe('2026-11-26T12:30:00.000Z')
    await floor.pass(29 * minute, minute)
    expect(target.heard).toEqual([])
    await floor.pass(3 * minute, minute)
    expect(titlesAt(target)).toEqual(['Morning report: all is well on 3 nodes'])
    await floor.restart()
    await floor.pass(23 * hour, 10 * minute)
    expect(target.heard).toHaveLength(1)
    await floor.pass(hour, 10 * minute)
    expect(target.heard).toHaveLength(2)
  })

  test('that a stopped server missed comes late, but not the day after', async () => {
    const phone = await ntfy(target)
    await floor.setRules({ report: { isOn: true, at: '12:30', channelIds: [phone] } })
    await floor.notifications.stop()
    floor.clock.jump(3 * hour)
    await floor.restart()
    await floor.pass(minute)
    expect(target.heard).toHaveLength(1)
    await floor.notifications.stop()
    floor.clock.jump(40 * hour)
    await floor.restart()
    await floor.pass(minute)
    expect(target.heard).toHaveLength(1)
  })
})

describe('a watchman', () => {
  test('is pinged at the start and the end of each run, at night as well, and hears nothing else', async () => {
    await floor.addChannel({
      settings: { kind: 'ping', flavour: 'healthchecks' },
      secrets: { url: `${target.url}/ping/uuid` },
    })
    const { rules } = await floor.notifications.state()
    await floor.setRules({
      ...rules,
      quiet: { isOn: true, from: '00:00', to: '23:59', exceptCritical: false },
    })
    const run = { key: 'run/1', severity: 'info', title: 'system-health', detail: null } as const
    await floor.tell({ ...run, kind: 'run.started' })
    await floor.tell({ ...run, kind: 'run.succeeded' })
    await floor.tell({ ...run, key: 'run/2', kind: 'run.failed', severity: 'high' })
    await floor.tell()
    await floor.pass(5 * minute)
    expect(target.heard.map(({ path }) => path)).toEqual([
      '/ping/uuid/start',
      '/ping/uuid',
      '/ping/uuid/fail',
    ])
  })

  test('of the other kind is told up or down', async () => {
    await floor.addChannel({
      settings: { kind: 'ping', flavour: 'uptime-kuma' },
      secrets: { url: `${target.url}/api/push/abc?status=up&msg=OK&ping=` },
    })
    for (const kind of ['run.started', 'run.succeeded', 'run.failed'] as const) {
      await floor.tell({ kind, key: kind, title: 'system-health & more', detail: null })
    }
    await floor.pass(5 * minute)
    expect(target.heard.map(({ path }) => path)).toEqual([
      '/api/push/abc?status=up&msg=Succeeded+on+nas%3A+system-health+%26+more&ping=',
      '/api/push/abc?status=down&msg=Failed+on+nas%3A+system-health+%26+more&ping=',
    ])
  })

  test('is what makes runs worth a row: without one, none is written', async () => {
    await ntfy(target)
    for (const kind of ['run.started', 'run.succeeded'] as const) await floor.tell({ kind })
    expect(await floor.db.read.selectFrom('notice').select('id').execute()).toEqual([])
  })
})

test('Home Assistant finds the server and its nodes by itself, and forgets a node that is gone', async () => {
  const broker = await startBroker()
  try {
    await floor.allow(`127.0.0.1:${broker.port}`)
    await floor.addChannel({
      settings: {
        kind: 'mqtt',
        host: '127.0.0.1',
        port: broker.port,
        security: 'none',
        username: '',
        topic: 'carl',
        discovery: true,
        discoveryPrefix: 'homeassistant',
      },
    })
    await floor.notifications.publishStates()
    const config = broker.published.find(
      ({ topic }) => topic === 'homeassistant/sensor/carl_server/costTodayUsd/config',
    )
    expect(JSON.parse(config?.payload ?? '')).toMatchObject({
      state_topic: 'carl/server',
      device: { name: 'Carl' },
    })
    expect(broker.published.every(({ retain }) => retain)).toBe(true)
  } finally {
    await broker.stop()
  }
})

test('old messages go, and what still waits stays', async () => {
  await ntfy(target)
  await floor.tell()
  await floor.pass(2 * minute)
  target.answer((reply) => reply.writeHead(503).end())
  await floor.tell({ key: 'other' })
  await floor.pass(2 * minute)
  expect(
    await floor.notifications.removeBefore(new Date(floor.clock.now().getTime() + hour)),
  ).toBeGreaterThan(0)
  expect(await floor.log()).toMatchObject([{ state: 'waiting' }])
})

/** Real servers answer in their own time. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(isSo()).toBe(true)
}
