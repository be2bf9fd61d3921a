import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type HttpTarget, startHttpTarget } from '../../testbed/message-targets.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { testChannel } from './test-channel.ts'

let server: TestHouse
let target: HttpTarget
beforeEach(async () => {
  ;[server, target] = await Promise.all([testHouse(), startHttpTarget()])
  const { client } = server.drive
  await client.settings.change({ body: { outgoingHosts: [`127.0.0.1:${target.port}`] } })
  await client.notifications.addChannel({
    body: { name: 'phone', settings: { kind: 'ntfy', server: target.url, topic: 'carl' } },
  })
})
afterEach(async () => {
  await server.close()
  await target.stop()
})

async function printed(name: string | undefined, json: boolean, status: number): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    expect(await testChannel(name, json, server.config)).toBe(status)
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

test('says what came of it, and fails when a message was not taken', async () => {
  expect(await printed(undefined, false, 0)).toMatch(/phone: taken by the other side in \d+ ms/)
  target.answer((reply) => reply.writeHead(403).end('<hostile>'))
  expect(await printed('phone', false, 1)).toMatch(
    /phone: The other side did not take the message\. It answered 403\./,
  )
  expect(JSON.parse(await printed('phone', true, 1))).toMatchObject([
    { name: 'phone', isSent: false, problem: { code: 'channel.refused' } },
  ])
  expect(target.heard).toHaveLength(3)
})

test('refuses a name that no channel has', async () => {
  await expect(testChannel('desk', false, server.config)).rejects.toMatchObject({ code: 'channel.not_found' })
})
