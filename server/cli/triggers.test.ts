import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { printed } from '../../testbed/printed.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { apply } from './configuration.ts'
import { exportSchedules } from './schedules.ts'
import {
  fireTrigger,
  listTriggers,
  pauseTrigger,
  removeTrigger,
  renewWebhook,
  showTrigger,
} from './triggers.ts'

const documents = `name: Look when it is back
when: { event: node-back, nodes: nas }
agent: hello
---
name: Greet after a deployment
when: { event: webhook }
nodes: [nas]
agent: hello
`

let folder: string
let sshd: TestSshd
let server: TestHouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-triggers-'))
  sshd = await startSshd()
  server = await testHouse()
  await server.drive.addNode(sshd, { name: 'nas' })
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('there are none until a file makes some, and they come out as they went in', async () => {
  const { config } = server
  expect(await printed(() => listTriggers(false, config))).toContain('There are no triggers')
  const file = join(folder, 'triggers.yaml')
  writeFileSync(file, documents)
  expect(
    await printed(() => apply({ file: [file], dryRun: false, yes: false, json: false }, config)),
  ).toContain('2 changed')
  const lines = (await printed(() => listTriggers(false, config))).trimEnd().split('\n')
  expect(lines).toEqual([
    'Greet after a deployment  webhook     last fired: never',
    'Look when it is back      node-back   last fired: never',
  ])
  const written = await printed(() => exportSchedules(undefined, config))
  writeFileSync(file, written)
  expect(
    await printed(() => apply({ file: [file], dryRun: false, yes: false, json: false }, config)),
  ).toContain('0 changed, 2 as before.')
})

test('one is paused, and fires again, by its name in any case', async () => {
  const { config } = server
  expect(await printed(() => pauseTrigger('LOOK when it is back', true, config))).toContain('is paused.')
  expect(await printed(() => listTriggers(false, config))).toMatch(/Look when it is back\s+paused/)
  expect(await printed(() => showTrigger('Look when it is back', false, config))).toBe(
    'Look when it is back: on node-back, hello on the node it happened on (paused)\n',
  )
  expect(await printed(() => pauseTrigger('Look when it is back', false, config))).toContain('fires again.')
})

test('one is fired now, on the node that is named, and shows what came of it', async () => {
  const { config, drive } = server
  // It runs where something happened, and nothing did: so it has to be said.
  for (const on of [[], ['nobody']]) {
    await expect(fireTrigger('Look when it is back', on, config)).rejects.toMatchObject({
      problem: { code: 'node.none_selected' },
    })
  }
  const started = await printed(() => fireTrigger('Look when it is back', ['nas'], config))
  const [, batchId] = /^Started: (bat_\w+)\n$/.exec(started) ?? []
  const { items } = await drive.client.executions.list({ query: { batchId: batchId as never } })
  expect(items).toMatchObject([{ nodeName: 'nas', agentId: 'hello' }])
  for (const { id } of items) await drive.untilEnded(id)
  expect(await printed(() => showTrigger('Look when it is back', false, config))).toMatch(
    /\n {2}\d{4}-\d\d-\d\dT[\d:.]+Z {2}started {2}person /,
  )
  const shown = JSON.parse(await printed(() => showTrigger('Look when it is back', true, config))) as object
  expect(shown).toMatchObject({ trigger: { name: 'Look when it is back' }, firings: [{ state: 'started' }] })
})

test('a webhook gets a new address, which works, and the one before does not any more', async () => {
  const { config } = server
  const name = 'Greet after a deployment'
  const { address: before } = JSON.parse(await printed(() => renewWebhook(name, true, config))) as {
    address: string
  }
  const seen = await printed(() => renewWebhook(name, false, config))
  expect(seen).toMatch(/^Address: http\S+\/api\/v1\/hooks\/\S+\nKey: {5}whsec_\S+\nThey are shown only now\./)
  const [, address] = /^Address: (\S+)/.exec(seen) ?? []
  const call = (url: string) => fetch(url, { method: 'POST', body: '{}' }).then(({ status }) => status)
  // Not signed, so nothing starts; but this one is known.
  expect([await call(before), await call(address ?? '')]).toEqual([404, 401])
  await expect(renewWebhook('Look when it is back', false, config)).rejects.toMatchObject({
    problem: { code: 'trigger.no_webhook' },
  })
})

test('one is removed by its name, and a name that nothing has is refused', async () => {
  const { config } = server
  expect(await printed(() => removeTrigger('look when it is back', config))).toContain('is removed.')
  for (const work of [
    () => showTrigger('Look when it is back', false, config),
    () => pauseTrigger('Look when it is back', true, config),
    () => removeTrigger('Look when it is back', config),
  ]) {
    await expect(work()).rejects.toMatchObject({
      problem: { code: 'trigger.not_found', detail: 'No trigger is called Look when it is back.' },
    })
  }
})
