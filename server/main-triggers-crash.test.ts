import { setTimeout as sleepFor } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TriggerId } from '../contract/ids.ts'
import { killedServers } from '../testbed/killed-servers.ts'
import type { Failpoint } from '../testbed/server-process.ts'

/** A server that is killed between what happens and what a trigger starts for it. */

let id: TriggerId
const { dataFolder, open } = killedServers(async ({ client }) => {
  const { trigger } = await client.triggers.create({
    body: {
      name: 'After counting',
      when: { kind: 'execution', agents: ['counts'] },
      agentId: 'hello',
      coolDownMinutes: 0,
    },
  })
  id = trigger.id
})

const points: Failpoint[] = ['occasion', 'firing:started'].flatMap((step): Failpoint[] => [
  { when: 'before', step },
  { when: 'after', step },
])

test.each(points)('killed $when "$step" is written: it fires once, all the same', async (point) => {
  const folder = dataFolder()
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
