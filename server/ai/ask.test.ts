import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aiFloor } from '../../testbed/ai-floor.ts'
import { goodKey } from '../../testbed/model-provider.ts'
import { aiSetup } from '../../contract/ai.ts'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import { serverActor } from '../lib/actor.ts'
import { testPrompt } from './readiness.ts'

type Floor = Awaited<ReturnType<typeof aiFloor>>
let floor: Floor

beforeEach(async () => {
  floor = await aiFloor()
})
afterEach(() => floor.close())

const limited = { status: 429, type: 'rate_limit_error' }
const overloaded = { status: 529, type: 'overloaded_error' }

describe('asking', () => {
  test('a fresh server asks nobody, and says so', async () => {
    expect(await floor.ask()).toMatchObject({ kind: 'not-asked', reason: 'off' })
    expect(floor.fetches()).toBe(0)
    expect(floor.ledger.states()).toEqual([])
  })

  test('an answer is paid by what it used, and costs what the ledger says', async () => {
    await floor.useClaude()
    const asked = await floor.ask()
    if (asked.kind !== 'answer') throw new Error(asked.detail)
    const [entry] = floor.ledger.entries.values()
    expect(entry).toMatchObject({ state: 'settled', use: asked.use })
    expect(asked.costNanoUsd).toBe((entry?.use?.input ?? 0) + (entry?.use?.output ?? 0))
    expect(entry?.call.inputBound).toBeGreaterThanOrEqual(asked.use.input)
    expect(entry?.call).toMatchObject({ billing: 'metered', cacheTtl: 'none', model: 'claude-haiku-5-5' })
  })

  test('what was said can be read later, byte by byte, and holds no key', async () => {
    await floor.useClaude()
    const asked = await floor.ask()
    if (asked.kind !== 'answer') throw new Error(asked.detail)
    const exchange = await floor.ai.exchange(asked.callId)
    expect(exchange.request).toBe(floor.provider.requests[0]?.text)
    expect(JSON.parse(exchange.answer ?? '')).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
    expect(exchange).toMatchObject({ outcome: 'answer', driver: 'anthropic', mode: 'direct' })
    expect(JSON.stringify(exchange)).not.toContain(goodKey)
  })

  test('where the provider says that it takes no more for now, the next call waits until it does', async () => {
    await floor.useClaude()
    floor.provider.limitRequests(0, new Date(floor.clock.now().getTime() + 3_000))
    await floor.ask()
    const second = floor.ask()
    await floor.clock.advance(2_000)
    expect(floor.fetches()).toBe(1)
    expect(await floor.passing(second, 2_000)).toMatchObject({ kind: 'answer' })
    expect(floor.fetches()).toBe(2)
  })

  test('over the limit nothing goes out, and it says until when', async () => {
    await floor.close()
    floor = await aiFloor({ limit: 0 })
    await floor.useClaude()
    expect(await floor.ask()).toMatchObject({
      kind: 'not-asked',
      reason: 'budget',
      resetsAt: '2026-03-02T00:00:00.000Z',
    })
    expect(floor.fetches()).toBe(0)
  })

  test('every attempt has a reservation of its own, and one that was turned away is given back', async () => {
    await floor.useClaude()
    floor.provider.script(overloaded, overloaded)
    expect(await floor.passing(floor.ask())).toMatchObject({ kind: 'answer' })
    expect(floor.ledger.states()).toEqual(['released', 'released', 'settled'])
  })

  test('an hour of waiting is not slept through: it fails at once', async () => {
    await floor.useClaude()
    floor.provider.script({ ...limited, headers: { 'retry-after': '3600' } })
    expect(await floor.ask()).toMatchObject({ kind: 'failed', reason: 'rate-limited' })
    expect(floor.provider.requests).toHaveLength(1)
  })

  test.each([
    ['the cap of the tier', { ...limited, code: 'enforced_spend_limit_reached' }, 'spend-limit'],
    ['an empty account', { status: 402, type: 'billing_error' }, 'out-of-credit'],
    ['a wrong key', { status: 401, type: 'authentication_error' }, 'wrong-key'],
  ])('%s is asked once, and then nobody is for five minutes', async (_name, script, reason) => {
    await floor.useClaude()
    floor.provider.script(script)
    expect(await floor.ask()).toMatchObject({ kind: 'failed', reason })
    expect(await floor.ask()).toMatchObject({ kind: 'not-asked', reason: 'circuit-open' })
    await floor.clock.advance(5 * 60_000)
    expect(await floor.ask()).toMatchObject({ kind: 'answer' })
    expect(floor.ledger.states()).toEqual(['released', 'settled'])
  })

  test('three failures in a row open the circuit; a change of the set-up closes it', async () => {
    await floor.useClaude()
    floor.provider.script(overloaded, overloaded, overloaded)
    expect(await floor.passing(floor.ask())).toMatchObject({ kind: 'failed', reason: 'overloaded' })
    expect(await floor.ask()).toMatchObject({ kind: 'not-asked', reason: 'circuit-open' })
    expect((await floor.ai.state()).pause?.why).toContain('529')
    await floor.useClaude()
    expect(await floor.ask()).toMatchObject({ kind: 'answer' })
  })

  test('a wish that nobody answers ends after a minute, and the money stays held', async () => {
    await floor.useClaude()
    floor.provider.script({ hangs: true })
    expect(await floor.passing(floor.ask())).toMatchObject({ kind: 'failed', reason: 'timed-out' })
    expect(floor.ledger.states()).toEqual(['held'])
    expect(floor.provider.requests).toHaveLength(1)
  })

  test('a connection that breaks in the answer is held, and tried again with money of its own', async () => {
    await floor.useClaude()
    floor.provider.script({ cut: true })
    expect(await floor.passing(floor.ask())).toMatchObject({ kind: 'answer' })
    expect(floor.ledger.states()).toEqual(['held', 'settled'])
  })

  test.each([
    ['prose', { says: 'It is full.' }, 'malformed', 'settled'],
    ['another shape', { says: '{"verdict":"fine"}' }, 'malformed', 'settled'],
    ['nothing', { body: '' }, 'malformed', 'held'],
    ['a refusal', { stopReason: 'refusal' as const }, 'refused', 'settled'],
    ['half an answer', { stopReason: 'max_tokens' as const, says: '{"mou' }, 'cut-off', 'settled'],
  ])(
    '%s instead of an answer fails, is asked once, and is paid as it says',
    async (_name, script, reason, state) => {
      await floor.useClaude()
      floor.provider.script(script)
      const asked = await floor.ask()
      expect(asked).toMatchObject({ kind: 'failed', reason })
      expect(floor.ledger.states()).toEqual([state])
      if (asked.kind !== 'failed' || !asked.callId) throw new Error('no call')
      expect((await floor.ai.exchange(asked.callId)).outcome).toContain(reason)
    },
  )

  test('a local model repairs a wrong answer once', async () => {
    await floor.useLocal()
    floor.local.script({ says: 'no json' })
    expect(await floor.ask()).toMatchObject({ kind: 'answer' })
    floor.local.script({ says: 'no json' }, { says: '{"still":"wrong"}' })
    expect(await floor.ask()).toMatchObject({ kind: 'failed', reason: 'malformed' })
    expect(floor.local.requests).toHaveLength(4)
    expect([...floor.ledger.entries.values()].map(({ call }) => call.billing)).toEqual(Array(4).fill('own'))
  })

  test('two are asked at the same time, and no more', async () => {
    await floor.useClaude()
    floor.provider.script({ hangs: true }, { hangs: true })
    const leave = new AbortController()
    const all = [1, 2, 3].map(() => floor.ask({ signal: leave.signal }))
    await expect.poll(() => floor.provider.requests.length).toBe(2)
    await new Promise((next) => setTimeout(next, 50))
    expect(floor.provider.requests).toHaveLength(2)
    leave.abort()
    expect((await Promise.all(all)).map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed'])
    expect(floor.ledger.states()).toEqual(['held', 'held'])
  })

  test('nothing about a node or an agent that was taken out leaves the server', async () => {
    const [nodeId, agentId] = ['nod_01jd0000000000000000000001' as NodeId, 'docker-janitor' as AgentId]
    await floor.useClaude({ nodesOff: [nodeId], agentsOff: [agentId] })
    expect(await floor.ask({ nodeId })).toMatchObject({ kind: 'not-asked', reason: 'off' })
    expect(await floor.ask({ agentId })).toMatchObject({ kind: 'not-asked', reason: 'off' })
    expect(floor.fetches()).toBe(0)
  })

  test('a server that is killed between sending and paying leaves a trace of what it sent', async () => {
    await floor.useClaude()
    floor.provider.script({ hangs: true })
    void floor.ask()
    await expect.poll(() => floor.provider.requests.length).toBe(1)
    const [[id] = []] = floor.ledger.entries
    if (!id) throw new Error('nothing reserved')
    // As a new process would find it: still reserved, and what was sent is there.
    expect(await floor.ai.exchange(id)).toMatchObject({ answer: null, outcome: null, endedAt: null })
    expect(floor.ledger.states()).toEqual(['reserved'])
  })
})

describe('the key', () => {
  test('is sealed, is never shown, and is forgotten with its address', async () => {
    await floor.useClaude()
    const rows = await floor.db.read.selectFrom('ai_key').selectAll().execute()
    expect(rows[0]?.secret.toString('latin1')).not.toContain(goodKey)
    expect(JSON.stringify(await floor.ai.state())).not.toContain(goodKey)
    expect(JSON.stringify(await floor.audit.list({ limit: 10 }))).not.toContain(goodKey)
    const { anthropic } = aiSetup.parse({})
    const elsewhere = { ...anthropic, baseUrl: 'http://evil.example' }
    await floor.ai.change({ ...aiSetup.parse({}), driver: 'anthropic', anthropic: elsewhere }, serverActor)
    expect(await floor.db.read.selectFrom('ai_key').selectAll().execute()).toEqual([])
    expect(await floor.ask()).toMatchObject({ kind: 'not-asked', reason: 'no-key' })
    expect(floor.fetches()).toBe(0)
  })
})

describe('a test of the model', () => {
  test('takes steps and says what its one call cost', async () => {
    await floor.useClaude()
    const { readiness, call } = await floor.ai.test('cheap', serverActor, new AbortController().signal)
    expect(readiness.isReady).toBe(true)
    expect(readiness.steps.map(({ step }) => step)).toEqual(['reach', 'key', 'model', 'schema'])
    expect(call?.costNanoUsd).toBeGreaterThan(0)
    expect(floor.ledger.states()).toEqual(['settled'])
  })

  test('with a wrong key costs nothing', async () => {
    await floor.useClaude()
    await floor.ai.putKey('anthropic', 'wrong', serverActor)
    const { readiness, call } = await floor.ai.test('cheap', serverActor, new AbortController().signal)
    expect(readiness).toMatchObject({ isReady: false, steps: [{}, { step: 'key', state: 'failed' }, {}] })
    expect(call).toBeNull()
    expect(floor.ledger.states()).toEqual([])
  })

  test('is possible while the circuit is open, and closes it', async () => {
    await floor.useClaude()
    floor.provider.script({ status: 402, type: 'billing_error' })
    await floor.ask()
    await floor.ai.test('cheap', serverActor, new AbortController().signal)
    expect(await floor.ask()).toMatchObject({ kind: 'answer' })
  })

  test('of a local model reads the whole of a long question', async () => {
    await floor.useLocal()
    const { readiness } = await floor.ai.test('cheap', serverActor, new AbortController().signal)
    expect(readiness.steps.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(readiness).toMatchObject({ isReady: true })
    expect(readiness.steps.map(({ step }) => step)).toEqual(['reach', 'model', 'schema', 'context'])
  })
})

test('Claude Code is asked so often a day, and no dollar is charged', async () => {
  const home = mkdtempSync(join(tmpdir(), 'carl-claude-home-'))
  await floor.close()
  const program = resolve(import.meta.dirname, '../../testbed/stand-in-claude.mjs')
  floor = await aiFloor({ claude: { program, home } })
  const claudeCode = { ...aiSetup.parse({}).claudeCode, callsPerDay: 1, hasReadNotice: true }
  await floor.ai.change({ ...aiSetup.parse({}), driver: 'claude-code', claudeCode }, serverActor)
  const prompt = testPrompt('claude-code')
  expect(await floor.ask({ prompt })).toMatchObject({ kind: 'answer' })
  expect(await floor.ask({ prompt })).toMatchObject({ kind: 'not-asked', reason: 'day-limit' })
  expect([...floor.ledger.entries.values()].map(({ call }) => call.billing)).toEqual(['plan'])
  rmSync(home, { recursive: true, force: true })
})

test('Claude Code cannot be chosen before its notice is read', () => {
  expect(aiSetup.safeParse({ driver: 'claude-code' }).success).toBe(false)
})
