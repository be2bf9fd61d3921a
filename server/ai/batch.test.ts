import { afterEach, beforeEach, expect, test } from 'vitest'
import { aiFloor } from '../../testbed/ai-floor.ts'
import type { Asked } from './ask.ts'
import type { BatchWanted } from './batch-store.ts'
import { testPrompt } from './readiness.ts'

type Floor = Awaited<ReturnType<typeof aiFloor>>
let floor: Floor
let delivered: Record<string, Asked>

beforeEach(async () => {
  floor = await aiFloor()
  delivered = {}
  listen(floor)
})
afterEach(() => floor.close())

function listen({ ai }: Floor): void {
  ai.lane.on('digest', {
    validate: (json) => typeof (json as { mount?: unknown }).mount === 'string',
    deliver: async ({ tag }, asked) => {
      delivered[tag] = asked
    },
  })
}

const wanted = (tag: string): BatchWanted => ({
  tag,
  purpose: 'digest',
  executionId: null,
  nodeId: null,
  agentId: null,
  depth: 'deep',
  prompt: { ...testPrompt('anthropic'), question: `${testPrompt('anthropic').question} (${tag})` },
})
const hours = (count: number) => new Date(floor.clock.now().getTime() + count * 3_600_000)
const batchId = () => [...floor.provider.batches.keys()][0] ?? ''
const ids = () => [...floor.ledger.entries.keys()]
const kinds = () => Object.fromEntries(Object.entries(delivered).map(([tag, { kind }]) => [tag, kind]))

test('work with time is handed in, paid at batch price, and found again though it comes back in another order', async () => {
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a'), wanted('b')], hours(6))
  expect(floor.provider.batches.size).toBe(1)
  floor.provider.endBatch(batchId())
  await floor.clock.advance(60_000)
  await floor.ai.lane.look()
  expect(kinds()).toEqual({ a: 'answer', b: 'answer' })
  const [a] = ids()
  expect(delivered.a).toMatchObject({ callId: a })
  expect([...floor.ledger.entries.values()].map(({ call, state }) => `${call.mode} ${state}`)).toEqual([
    'batch settled',
    'batch settled',
  ])
  expect(await floor.db.read.selectFrom('ai_batch_item').selectAll().execute()).toEqual([])
})

test('what expired or was turned away is not paid, and asked directly', async () => {
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a'), wanted('b'), wanted('c')], hours(6))
  const [, b = '', c = ''] = ids()
  floor.provider.endBatch(batchId(), { [b]: 'expired', [c]: 'errored' })
  await floor.clock.advance(60_000)
  await floor.ai.lane.look()
  expect(kinds()).toEqual({ a: 'answer', b: 'answer', c: 'answer' })
  expect(floor.ledger.states()).toEqual(['settled', 'released', 'released', 'settled', 'settled'])
})

test('a batch that is not done in time is called off, and the rest is asked directly', async () => {
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a'), wanted('b')], hours(2))
  await floor.clock.advance(101 * 60_000)
  await floor.ai.lane.look()
  expect(floor.provider.batches.get(batchId())?.status).toBe('canceling')
  const [, b = ''] = ids()
  floor.provider.endBatch(batchId(), { [b]: 'canceled' })
  await floor.clock.advance(3 * 60_000)
  await floor.ai.lane.look()
  expect(kinds()).toEqual({ a: 'answer', b: 'answer' })
  expect(floor.ledger.states()).toEqual(['settled', 'released', 'settled'])
})

test('a restart loses nothing: the new process finds the batch and delivers it', async () => {
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a')], hours(6))
  const { base, ledger, provider } = floor
  const next = await aiFloor({ base, ledger })
  listen(next)
  provider.endBatch(batchId())
  await next.clock.advance(60_000)
  await next.ai.lane.look()
  expect(kinds()).toEqual({ a: 'answer' })
  await next.close({ keepsDatabase: true })
})

test('work that nobody confirmed to have before the server died is held, and asked directly', async () => {
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a')], hours(6))
  await floor.db.write((tx) => tx.updateTable('ai_batch_item').set({ batch_id: null }).execute())
  await floor.ai.start()
  await expect.poll(() => kinds()).toEqual({ a: 'answer' })
  expect(floor.ledger.states()).toEqual(['held', 'settled'])
})

test.each([
  ['with too little time', 1],
  ['with a driver that has no batches', 6],
])('work %s is asked directly', async (name, count) => {
  await (name.includes('driver') ? floor.useLocal() : floor.useClaude())
  await floor.ai.lane.submit('digest', [wanted('a')], hours(count))
  expect(kinds()).toEqual({ a: 'answer' })
  expect(floor.provider.batches.size).toBe(0)
})

test('a batch that is not taken is asked directly, and its money given back', async () => {
  await floor.useClaude()
  floor.provider.script({ status: 400, type: 'invalid_request_error' })
  await floor.ai.lane.submit('digest', [wanted('a')], hours(6))
  expect(kinds()).toEqual({ a: 'answer' })
  expect(floor.ledger.states()).toEqual(['released', 'settled'])
})

test('over the limit nothing is handed in', async () => {
  await floor.close()
  floor = await aiFloor({ limit: 0 })
  listen(floor)
  await floor.useClaude()
  await floor.ai.lane.submit('digest', [wanted('a')], hours(6))
  expect(delivered.a).toMatchObject({ kind: 'not-asked', reason: 'budget' })
  expect(floor.provider.batches.size).toBe(0)
})
