import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Hook, Trigger } from '../contract/triggers.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

/** Triggers that are called from elsewhere, over HTTP as it comes, and what they start on a real node. */

let sshd: TestSshd
let server: TestHouse
let trigger: Trigger
let hook: Hook

beforeAll(async () => {
  sshd = await startSshd()
  server = await testHouse()
  await server.drive.addNode(sshd)
  const made = await server.drive.client.triggers.create({
    body: {
      name: 'Deployed',
      when: { kind: 'webhook' },
      targets: ['nas'],
      agentId: 'hello',
      coolDownMinutes: 0,
    },
  })
  trigger = made.trigger
  if (!made.hook) throw new Error('it has no address')
  hook = made.hook
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
})

const post = async (path: string, body: string | Buffer, headers: Record<string, string> = {}) => {
  const reply = await server.house.http.inject({
    method: 'POST',
    url: path,
    payload: body,
    headers: { 'content-type': 'application/octet-stream', ...headers },
  })
  return { status: reply.statusCode, body: reply.json<{ error?: { code: string }; accepted?: boolean }>() }
}
const firings = async () =>
  (await server.drive.client.triggers.firings({ params: { id: trigger.id } })).items

function signed(body: string | Buffer, id: string, key = hook.key): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const bytes = Buffer.from(key.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', bytes).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}

/** What it started, once that has ended. */
async function untilStarted(count: number) {
  for (let turn = 0; turn < 400; turn++) {
    const found = await firings()
    if (found.length >= count) return found
    await server.house.house.settled?.()
  }
  throw new Error('nothing was started')
}

test('a call that is signed starts a run, and the same call again does not', async () => {
  // Bytes that are no text, and no JSON.
  const body = Buffer.from([0xff, 0xfe, 0x00, 0x7b])
  const headers = signed(body, 'msg_1')
  expect(await post(hook.path, body, headers)).toMatchObject({ status: 202, body: { accepted: true } })
  const [first] = await untilStarted(1)
  expect(first).toMatchObject({ state: 'started', cause: { kind: 'webhook' } })
  expect(await post(hook.path, body, headers)).toMatchObject({ status: 202 })
  expect(await post(hook.path, body, signed(body, 'msg_2'))).toMatchObject({ status: 202 })
  expect(await untilStarted(2)).toHaveLength(2)
})
