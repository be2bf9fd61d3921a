import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'
import type { NotificationRules } from '../contract/notifications.ts'
import { killedServers } from '../testbed/killed-servers.ts'
import { type HttpTarget, startHttpTarget } from '../testbed/message-targets.ts'
import type { Failpoint } from '../testbed/server-process.ts'

/** A server that is killed on the way from what happens to who is told. */

let http: HttpTarget
const { dataFolder, open } = killedServers(async ({ client }) => {
  http = await startHttpTarget()
  await client.settings.change({ body: { outgoingHosts: [`127.0.0.1:${http.port}`] } })
  await client.notifications.addChannel({
    body: {
      name: 'hook',
      settings: { kind: 'webhook' },
      secrets: { url: `${http.url}/hook`, secret: 'sixteen-characters' },
    },
  })
  const { rules } = await client.notifications.get()
  const now: NotificationRules = { ...rules, groupSeconds: 0 }
  await client.notifications.setRules({ body: now })
})
afterEach(() => {
  http.heard.length = 0
})
afterAll(() => http.stop())

const points: Failpoint[] = [
  { when: 'after', step: 'notice:fresh' },
  { when: 'before', step: 'notice:routed' },
  { when: 'after', step: 'delivery:waiting' },
  // It went out, and nobody has written that down.
  { when: 'before', step: 'delivery:sent' },
]

test.each(points)(
  'killed $when "$step" is written: it is told, and known as the same if it comes twice',
  async (point) => {
    const folder = dataFolder()
    const first = await open(folder, point)
    await first.drive.run('faults', 'nas', { found: ['disk.full /var'] })
    expect(await first.ended).toBe('SIGKILL')
    const before = http.heard.length
    expect(before).toBe(point.step === 'delivery:sent' ? 1 : 0)

    const second = await open(folder)
    const deliveries = async () => (await second.drive.client.notifications.deliveries()).items
    const isSent = async () => (await deliveries()).some(({ state }) => state === 'sent')
    for (let turn = 0; turn < 600 && !(await isSent()); turn++) await sleepFor(50)
    expect(await deliveries()).toMatchObject([{ state: 'sent', channelName: 'hook' }])
    expect(http.heard).toHaveLength(before + 1)
    expect(new Set(http.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  },
)
