import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AiSetup } from '../contract/ai.ts'
import type { ExplanationState } from '../contract/explanations.ts'
import type { ExecutionId } from '../contract/ids.ts'
import type { Driver } from '../testbed/house.ts'
import { answerFromTitles, type ModelProvider, startModelProvider } from '../testbed/model-provider.ts'
import { type ServerProcess, startServer } from '../testbed/server-process.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

let sshd: TestSshd
let provider: ModelProvider
let folder: string
let server: ServerProcess
const servers: ServerProcess[] = []

const open = async () => {
  server = await startServer(folder, undefined, { MODEL_STAND_IN: provider.url })
  servers.push(server)
}

beforeEach(async () => {
  sshd = await startSshd()
  provider = await startModelProvider({ answer: answerFromTitles })
  folder = mkdtempSync(join(tmpdir(), 'carl-explained-'))
  await open()
  await server.drive.allowLoopback()
  await server.drive.addNode(sshd)
  await setUp(server.drive, { driver: 'anthropic' })
})
afterEach(async () => {
  for (const one of servers.splice(0)) await one.kill()
  await Promise.all([sshd.stop(), provider.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** Nobody else asks here, so nothing is waited for. */
async function setUp({ client }: Driver, change: Partial<AiSetup>): Promise<void> {
  const { setup } = await client.ai.get({})
  await client.ai.setUp({ body: { ...setup, ...change, explain: { ...setup.explain, windowS: 0 } } })
}

const stateOf = ({ client }: Driver, id: ExecutionId) => client.explanations.get({ params: { id } })

async function untilState(
  drive: Driver,
  id: ExecutionId,
  state: ExplanationState['state'],
): Promise<ExplanationState> {
  for (let turn = 0; turn < 400; turn++) {
    const now = await stateOf(drive, id)
    if (now.state === state) return now
    await sleepFor(50)
  }
  throw new Error(`it is ${(await stateOf(drive, id)).state}`)
}

test('what a real run on a real node found is explained, each sentence with its evidence, and paid for', async () => {
  const { drive } = server
  const { id } = await drive.run('faults', 'nas')
  await drive.untilEnded(id)
  const { explanation, costNanoUsd, callId } = await untilState(drive, id, 'explained')
  expect(explanation).toMatchObject({
    verdict: { text: '/var is not well', evidence: [{ kind: 'finding' }] },
    dropped: 0,
  })
  expect(costNanoUsd).toBeGreaterThan(0)
  const { items } = await drive.client.costs.calls({ query: { executionId: id, limit: 10 } })
  expect(items).toMatchObject([{ id: callId, state: 'settled', chargedNanoUsd: costNanoUsd }])
  // Facts that are allowed for this agent go along, and the name of the node does not.
  const [asked] = provider.requests
  expect(asked?.untrusted.facts).toMatchObject([{ section: 'disks', value: { mount: '/var', pct: 97 } }])
  expect(asked?.text).not.toContain('nas')
})

test('a server that is killed while a model thinks holds the full amount, and says so after its start', async () => {
  provider.script({ hangs: true })
  const { drive } = server
  const { id } = await drive.run('faults', 'nas')
  await drive.untilEnded(id)
  while (provider.requests.length === 0) await sleepFor(20)
  await server.kill()

  await open()
  expect(await stateOf(server.drive, id)).toMatchObject({
    state: 'failed',
    detail: 'The server stopped before the answer came.',
  })
  const { items } = await server.drive.client.costs.calls({ query: { executionId: id, limit: 10 } })
  expect(items).toMatchObject([{ state: 'unknown' }])
  const summary = await server.drive.client.costs.summary({})
  expect(summary.heldTodayNanoUsd).toBe(items[0]?.chargedNanoUsd)
  expect(summary).toMatchObject({ isStandIn: true })

  await server.drive.client.explanations.explain({ params: { id }, body: { depth: 'cheap', again: false } })
  expect(await untilState(server.drive, id, 'explained')).toMatchObject({ reason: 'called' })
})

test('a node that is taken out on its page is never told of, and one that is not there cannot be', async () => {
  const { client } = server.drive
  const { id: node } = await client.nodes.list({ query: { limit: 1 } }).then(({ items }) => items[0]!)
  await client.ai.setUpNode({ params: { id: node }, body: { isOff: true, sendsRawLogs: false } })
  const { id } = await server.drive.run('faults', 'nas')
  await server.drive.untilEnded(id)
  expect(await untilState(server.drive, id, 'not-asked')).toMatchObject({ reason: 'off' })
  expect(provider.requests).toEqual([])
  await expect(
    client.ai.setUpNode({
      params: { id: 'nod_01kb00000000000000000000zz' as typeof node },
      body: { isOff: true, sendsRawLogs: false },
    }),
  ).rejects.toMatchObject({ problem: { code: 'node.not_found' } })
})
