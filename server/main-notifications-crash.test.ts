import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { NotificationRules } from '../contract/notifications.ts'
import { driver, testConfig } from '../testbed/house.ts'
import { type HttpTarget, startHttpTarget } from '../testbed/message-targets.ts'
import { type Failpoint, type ServerProcess, startServer } from '../testbed/server-process.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { findServer } from './cli/client.ts'
import { createHouse } from './house.ts'

/** A server that is killed on the way from what happens to who is told. */

let sshd: TestSshd
let http: HttpTarget
/** A data folder with a node and a channel, copied for each test. */
let prepared: string
const servers: ServerProcess[] = []
const folders: string[] = []

beforeAll(async () => {
  ;[sshd, http] = await Promise.all([startSshd(), startHttpTarget()])
  prepared = newFolder()
  const config = testConfig(prepared)
  const house = await createHouse(config)
  await house.start()
  const drive = driver(findServer({}, config))
  await drive.allowLoopback()
  await drive.addNode(sshd)
  await drive.client.settings.change({ body: { outgoingHosts: [`127.0.0.1:${http.port}`] } })
  await drive.client.notifications.addChannel({
    body: {
      name: 'hook',
      settings: { kind: 'webhook' },
      secrets: { url: `${http.url}/hook`, secret: 'sixteen-characters' },
    },
  })
  const { rules } = await drive.client.notifications.get()
  const now: NotificationRules = { ...rules, groupSeconds: 0 }
  await drive.client.notifications.setRules({ body: now })
  await house.stop()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
  http.heard.length = 0
})
afterAll(async () => {
  await Promise.all([sshd.stop(), http.stop()])
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-outbox-'))
  folders.push(folder)
  return folder
}

async function open(folder: string, failpoint?: Failpoint): Promise<ServerProcess> {
  const server = await startServer(folder, failpoint)
  servers.push(server)
  return server
}

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
    const folder = newFolder()
    cpSync(prepared, folder, { recursive: true })
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
