import { createHmac } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
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
const firings = async () => (await server.drive.client.triggers.firings({ params: { id: trigger.id } })).items

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
    await sleepFor(50)
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

test('who does not know the key starts nothing, and hears why', async () => {
  const before = (await firings()).length
  const wrong = { status: 401, body: { error: { code: 'trigger.signature_invalid' } } }
  expect(await post(hook.path, '{}')).toMatchObject(wrong)
  expect(await post(hook.path, '{}', signed('{} ', 'msg_3'))).toMatchObject(wrong)
  const other = `whsec_${Buffer.alloc(32).toString('base64')}`
  expect(await post(hook.path, '{}', signed('{}', 'msg_4', other))).toMatchObject(wrong)
  expect(await firings()).toHaveLength(before)
})

test('a push as GitHub, Gitea and Forgejo sign it is taken, once', async () => {
  const before = (await firings()).length
  const body = '{"ref":"refs/heads/main"}'
  const signature = createHmac('sha256', hook.key).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }
  expect(await post(hook.path, body, headers)).toMatchObject({ status: 202 })
  expect(await post(hook.path, body, headers)).toMatchObject({ status: 202 })
  expect(await untilStarted(before + 1)).toHaveLength(before + 1)
})

test('an address that nobody has is no address, and neither is one that was renewed', async () => {
  const missing = { status: 404, body: { error: { code: 'trigger.not_found' } } }
  expect(await post('/api/v1/hooks/nobody', '{}')).toMatchObject(missing)
  const old = hook
  hook = await server.drive.client.triggers.renewHook({ params: { id: trigger.id }, body: {} })
  expect(await post(old.path, '{}', signed('{}', 'msg_5', old.key))).toMatchObject(missing)
  expect(await post(hook.path, '{}', signed('{}', 'msg_6'))).toMatchObject({ status: 202 })
})

test('neither address nor key can be read again, and neither is in the audit trail', async () => {
  const { client } = server.drive
  const shown = JSON.stringify([
    await client.triggers.list(),
    await client.audit.list({ query: { limit: 200 } }),
    await client.schedules.export(),
  ])
  expect(shown).toContain('Deployed')
  for (const secret of [hook.key, hook.path.split('/').at(-1) ?? '']) expect(shown).not.toContain(secret)
})

test('a browser that another site sends is not let in', async () => {
  const headers = { ...signed('{}', 'msg_7'), origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect(await post(hook.path, '{}', headers)).toMatchObject({
    status: 403,
    body: { error: { code: 'request.cross_site' } },
  })
})

test('calls without end are told to wait, and the trigger starts no more than it may', async () => {
  let last = 0
  for (let call = 0; call < 40 && last !== 429; call++) {
    last = (await post(hook.path, '{}', signed('{}', `flood_${call}`))).status
  }
  expect(last).toBe(429)
  const { items } = await server.drive.client.triggers.firings({
    params: { id: trigger.id },
    query: { limit: 200 },
  })
  expect(items.length).toBeLessThanOrEqual(31)
})
