import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentId, scheduleId } from '../contract/ids.ts'
import type { NotificationRules } from '../contract/notifications.ts'
import {
  type HttpTarget,
  type MailTarget,
  startHttpTarget,
  startMailTarget,
} from '../testbed/message-targets.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { createShiftedClock } from '../testbed/shifted-clock.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

/** From a real node to a real mail server and a real web server, and what other programs read of all that. */

let sshd: TestSshd
let server: TestHouse
let mail: MailTarget
let http: HttpTarget
const clock = createShiftedClock()

beforeAll(async () => {
  ;[sshd, mail, http] = await Promise.all([startSshd(), startMailTarget(), startHttpTarget()])
  server = await testHouse({
    overrides: { clock },
    env: { PUBLIC_URL: 'https://carl.home.lan' },
  })
  const { client } = server.drive
  await server.drive.addNode(sshd, { name: 'nas <@1> https://evil.example' })
  await client.settings.change({
    body: { outgoingHosts: [`127.0.0.1:${mail.port}`, `127.0.0.1:${http.port}`] },
  })
  const post = await client.notifications.addChannel({
    body: {
      name: 'mail',
      settings: {
        kind: 'email',
        host: '127.0.0.1',
        port: mail.port,
        security: 'none',
        from: 'carl@home.lan',
        to: ['anna@home.lan'],
      },
    },
  })
  const hook = await client.notifications.addChannel({
    body: {
      name: 'hook',
      settings: { kind: 'webhook' },
      secrets: { url: `${http.url}/hook`, secret: 'sixteen characters'.replace(' ', '-') },
    },
  })
  const { rules } = await client.notifications.get()
  await client.notifications.setRules({
    body: {
      ...rules,
      groupSeconds: 0,
      routes: rules.routes.map((route) => ({ ...route, channelIds: [post.id, hook.id] })),
    } satisfies NotificationRules,
  })
})
afterAll(async () => {
  await server.close()
  await Promise.all([sshd.stop(), mail.stop(), http.stop()])
})

async function runFaults(found: string[]) {
  const { executions } = await server.drive.client.executions.start({
    body: { agentId: agentId.parse('faults'), targets: ['all'], options: { found } },
  })
  const [execution] = executions
  if (!execution) throw new Error('nothing was started')
  await server.drive.untilEnded(execution.id)
  return execution
}

/** Looks at most 400 times, 50 ms apart. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 400 && !(await isSo()); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(await isSo()).toBe(true)
}

test('a finding on a node arrives by mail and at a program, and so does that it is over', async () => {
  const execution = await runFaults(['disk.full /var'])
  await until(() => mail.mails.length === 1 && http.heard.length === 1)
  const { raw } = mail.mails[0] as (typeof mail.mails)[number]
  expect(raw).toMatch(/^Subject: \[Carl\] New on nas <@1> https\[:\]\/\/evil\.example: \/var is not well/m)
  expect(raw.replace(/=\r\n/g, '')).toContain(`https://carl.home.lan/executions/${execution.id}`)
  expect(JSON.parse(http.heard[0]?.body ?? '')).toMatchObject({
    severity: 'high',
    link: `https://carl.home.lan/executions/${execution.id}`,
    notices: [{ kind: 'finding.new' }],
  })

  await runFaults(['disk.full /var'])
  await runFaults([])
  await runFaults([])
  await until(() => mail.mails.length === 2 && http.heard.length === 2)
  expect(mail.mails[1]?.raw).toMatch(/^Subject: \[Carl\] Recovered on nas/m)
  const { items } = await server.drive.client.notifications.deliveries()
  expect(items.map(({ channelName, state }) => `${channelName} ${state}`).toSorted()).toEqual([
    'hook sent',
    'hook sent',
    'mail sent',
    'mail sent',
  ])
}, 60_000)

test('what is talked to is listed, with what it is for', async () => {
  const { items } = await server.drive.client.outgoing.list()
  expect(items).toMatchObject([
    { purpose: 'mail', host: `127.0.0.1:${mail.port}`, isAllowed: true, lastResult: { connected: true } },
    { purpose: 'notification', host: `127.0.0.1:${http.port}`, isAllowed: true, lastResult: { status: 200 } },
  ])
})

describe('what other programs read', () => {
  const metrics = (token: string | null) =>
    fetch(`${server.url}/metrics`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })

  test('is flat, for widgets, and counts what happened', async () => {
    const summary = await server.drive.client.summary.get()
    expect(summary).toMatchObject({
      nodesTotal: 1,
      nodesUp: 1,
      nodesDown: 0,
      runsToday: 4,
      runsFailedToday: 0,
      findingsOpen: 0,
      status: 'ok',
    })
    expect(Object.values(summary).every((value) => value === null || typeof value !== 'object')).toBe(true)
  })

  test('is no metric before somebody switches them on, and opens to their token alone', async () => {
    const { client } = server.drive
    expect((await metrics(null)).status).toBe(404)
    const { token } = await client.metricsToken.create({ body: {} })
    expect((await metrics(null)).status).toBe(401)
    expect((await metrics('carl_wrong')).status).toBe(401)
    // Runs are counted from here on.
    await runFaults([])
    await until(async () => (await (await metrics(token)).text()).includes('outcome="succeeded"} 1'))
    const reply = await metrics(token)
    expect(reply.headers.get('content-type')).toContain('text/plain')
    const text = await reply.text()
    expect(text).toMatch(/^carl_runs_total\{agent="faults",outcome="succeeded"\} 1$/m)
    expect(text).toMatch(/^carl_nodes\{health="ok"\} 1$/m)
    expect(text).toMatch(/^carl_notifications\{channel="email",state="sent"\} 2$/m)
    expect(text).toMatch(/^carl_run_duration_seconds_count\{agent="faults"\} 1$/m)

    // It opens nothing else, and nothing else opens it.
    const api = await fetch(`${server.url}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } })
    expect(api.status).toBe(401)
    const { token: next } = await client.metricsToken.create({ body: {} })
    expect([(await metrics(token)).status, (await metrics(next)).status]).toEqual([401, 200])
    await server.restart()
    expect((await metrics(next)).status).toBe(200)
    await server.drive.client.metricsToken.remove()
    expect((await metrics(next)).status).toBe(404)
  })
})

test('whom the document of a schedule names hears of its runs, at an address and by a channel, and nobody else', async () => {
  const { client } = server.drive
  const text = `name: Every minute
schedule: "* * * * *"
nodes: all
agent: faults
notifications:
  webhook: "${http.url}/of-the-schedule"
  channel: mail
  on: run.succeeded
`
  const { items: applied } = await client.schedules.apply({ body: { text } })
  expect(applied).toMatchObject([{ kind: 'new', warnings: [] }])
  const id = scheduleId.parse(applied[0]?.id)
  const before = { mails: mail.mails.length, heard: http.heard.length }
  clock.shift(61_000)
  // Whoever changes anything makes the server look at once.
  await client.schedules.change({ params: { id }, body: { jitterS: 0 } })
  await until(() => mail.mails.length > before.mails && http.heard.length > before.heard)
  await client.schedules.change({ params: { id }, body: { paused: true } })
  expect(http.heard.at(-1)?.path).toBe('/of-the-schedule')
  const { notices } = JSON.parse(http.heard.at(-1)?.body ?? '') as { notices: { kind: string }[] }
  expect(notices).toMatchObject([{ kind: 'run.succeeded' }])
  // It stands among the channels, and in the list of messages, without its address.
  const { items } = await client.notifications.deliveries()
  expect(items[0]?.channelName ?? '').toMatch(/^mail$|^Every minute → 127\.0\.0\.1/)
  const shown = JSON.stringify([await client.notifications.get(), items])
  expect(shown).toContain('Every minute → 127.0.0.1')
  expect(shown).not.toContain('of-the-schedule')

  // How late it started is a figure as well; its minute had just passed.
  const { token } = await client.metricsToken.create({ body: {} })
  const scraped = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const [, lag] =
    /^carl_schedule_lag_seconds\{schedule="Every minute"\} ([\d.]+)$/m.exec(await scraped.text()) ?? []
  expect(Number(lag)).toBeLessThan(61)
  await client.metricsToken.remove()

  // What a click starts is none of the schedule's.
  const heard = http.heard.length
  await runFaults([])
  expect(http.heard).toHaveLength(heard)
  await client.schedules.remove({ params: { id } })
  expect(JSON.stringify(await client.notifications.get())).not.toContain('Every minute')
}, 60_000)
