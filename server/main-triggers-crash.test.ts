import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { TriggerId } from '../contract/ids.ts'
import { driver, testConfig } from '../testbed/house.ts'
import { type Failpoint, type ServerProcess, startServer } from '../testbed/server-process.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { findServer } from './cli/client.ts'
import { createHouse } from './house.ts'

/** A server that is killed between what happens and what a trigger starts for it. */

let sshd: TestSshd
/** A data folder with a node and a trigger, copied for each test. */
let prepared: string
let id: TriggerId
const servers: ServerProcess[] = []
const folders: string[] = []

beforeAll(async () => {
  sshd = await startSshd()
  prepared = newFolder()
  const config = testConfig(prepared)
  const house = await createHouse(config)
  await house.start()
  const drive = driver(findServer({}, config))
  await drive.allowLoopback()
  await drive.addNode(sshd)
  const { trigger } = await drive.client.triggers.create({
    body: {
      name: 'After counting',
      when: { kind: 'execution', agents: ['counts'] },
      agentId: 'hello',
      coolDownMinutes: 0,
    },
  })
  id = trigger.id
  await house.stop()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
})
afterAll(async () => {
  await sshd.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-triggers-'))
  folders.push(folder)
  return folder
}

async function open(folder: string, failpoint?: Failpoint): Promise<ServerProcess> {
  const server = await startServer(folder, failpoint)
  servers.push(server)
  return server
}

const points: Failpoint[] = ['occasion', 'firing:started'].flatMap((step): Failpoint[] => [
  { when: 'before', step },
  { when: 'after', step },
])

test.each(points)('killed $when "$step" is written: it fires once, all the same', async (point) => {
  const folder = newFolder()
  cpSync(prepared, folder, { recursive: true })
  const first = await open(folder, point)
  await first.drive.run('counts', 'nas', { count: 1, everyMs: 1 })
  expect(await first.ended).toBe('SIGKILL')

  const second = await open(folder)
  const { client, untilEnded } = second.drive
  const firings = async () => (await client.triggers.firings({ params: { id } })).items
  for (let turn = 0; turn < 600 && (await firings()).length === 0; turn++) await sleepFor(50)
  expect(await firings()).toMatchObject([{ state: 'started', executions: { total: 1 } }])
  const { items } = await client.executions.list({ query: { limit: 50 } })
  const ended = await Promise.all(items.map((one) => untilEnded(one.id)))
  expect(ended.map(({ agentId, startedBy, state }) => [agentId, startedBy, state])).toEqual([
    ['hello', 'trigger:After counting', 'succeeded'],
    ['counts', 'local', 'succeeded'],
  ])
  expect(await firings()).toHaveLength(1)
})
