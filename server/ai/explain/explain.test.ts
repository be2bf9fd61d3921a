import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aiSetup } from '../../../contract/ai.ts'
import type { Finding } from '../../../contract/reports.ts'
import { explainFloor } from '../../../testbed/explain-floor.ts'
import { sampleReport } from '../../../testbed/sample-report.ts'
import { serverActor } from '../../lib/actor.ts'

let floor: Awaited<ReturnType<typeof explainFloor>>
beforeEach(async () => {
  floor = await explainFloor()
  floor.provider.answerWith(() => good)
})
afterEach(() => floor.close())

const claim = (text: string, evidence = ['F1'], quotes: string[] = []) => ({ text, evidence, quotes })
const good = {
  verdict: claim('HOST_1 has little room: /var is 97 % full.'),
  happened: [claim('Logs grew.'), claim('/var is 12 % full.')],
  look_at: [claim('backup.service says “repository is locked”.', ['F2'])],
  suggestions: [{ finding: 'F1', ...claim('Remove old logs.') }],
}
const asked = { depth: 'cheap', again: false } as const
const known = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ state }) => state !== 'resolved').map((finding) => ({ ...finding, state: 'known' }))
const quiet = { findings: known(sampleReport.findings), changes: [] }

test('a run with something new is explained, and what the run does not bear is left out and counted', async () => {
  await floor.useClaude()
  const id = await floor.run()
  const state = await floor.explain.get(id)
  expect(state).toMatchObject({
    state: 'explained',
    reason: 'called',
    model: 'claude-haiku-5-5',
    reused: null,
  })
  expect(state.explanation).toMatchObject({
    verdict: { text: 'nas has little room: /var is 97 % full.' },
    dropped: 1,
    suggestions: [{ findingKey: 'disk.full:/var' }],
  })
  expect(state.costNanoUsd).toBeGreaterThan(0)
  expect(JSON.stringify(floor.provider.requests)).not.toContain('"nas"')
})

test('the report is the same before and after, whatever a model says', async () => {
  await floor.useClaude()
  const id = await floor.addRun()
  const before = JSON.stringify(floor.reports.get(id))
  await floor.explain.onReport(id)
  await floor.passing(floor.explain.settled(), 1_000)
  expect(JSON.stringify(floor.reports.get(id))).toBe(before)
})

test('a quiet run asks nobody and says why', async () => {
  await floor.useClaude()
  const id = await floor.run(quiet)
  expect(await floor.explain.get(id)).toMatchObject({ state: 'not-asked', reason: 'no_novelty' })
  expect(floor.fetches()).toBe(0)
  expect(floor.saved).toEqual(['quiet'])
})

test('with nobody chosen nothing is asked, nor when the node is taken out', async () => {
  const id = await floor.run()
  expect(await floor.explain.get(id)).toMatchObject({ state: 'not-asked', reason: 'off' })
  await expect(floor.explain.explain(id, asked, serverActor)).rejects.toMatchObject({ code: 'ai.off' })
  await floor.useClaude({ nodesOff: [sampleReport.nodeId] })
  const other = await floor.run()
  expect(await floor.explain.get(other)).toMatchObject({ state: 'not-asked', reason: 'off' })
  expect(floor.fetches()).toBe(0)
})

test('the end of a run does not wait for a model', async () => {
  await floor.useClaude()
  const id = await floor.addRun()
  await floor.explain.onReport(id)
  expect(await floor.explain.get(id)).toMatchObject({ state: 'asking' })
  expect(floor.fetches()).toBe(0)
  await floor.passing(floor.explain.settled(), 1_000)
})

test('the same faults within a day get the same words, labelled; after a day, or on demand, new ones', async () => {
  await floor.useClaude()
  const first = await floor.run()
  const second = await floor.run()
  expect(await floor.explain.get(second)).toMatchObject({
    state: 'explained',
    reason: 'cache_exact',
    reused: { from: first, similarity: 1 },
    costNanoUsd: 0,
  })
  expect(floor.fetches()).toBe(1)
  await floor.explain.explain(second, { depth: 'cheap', again: true }, serverActor)
  await floor.passing(floor.explain.settled())
  expect(await floor.explain.get(second)).toMatchObject({ reason: 'called', reused: null })
  await floor.clock.advance(25 * 3_600_000)
  expect(await floor.explain.get(await floor.run())).toMatchObject({ reason: 'called' })
  expect(floor.fetches()).toBe(3)
})

test('reused words do not make the day longer', async () => {
  await floor.useClaude()
  await floor.run()
  await floor.clock.advance(20 * 3_600_000)
  expect(await floor.explain.get(await floor.run())).toMatchObject({ reason: 'cache_exact' })
  await floor.clock.advance(5 * 3_600_000)
  expect(await floor.explain.get(await floor.run())).toMatchObject({ reason: 'called' })
})

test('another model gives no words of the one before', async () => {
  await floor.useClaude()
  const id = await floor.run()
  await floor.explain.explain(id, { depth: 'deep', again: false }, serverActor)
  await floor.passing(floor.explain.settled())
  expect(await floor.explain.get(id)).toMatchObject({ depth: 'deep', model: 'claude-sonnet-5-5' })
})

test('at a limit the run is whole without, and says when the limit begins anew', async () => {
  await floor.close()
  floor = await explainFloor({ limit: 0 })
  await floor.useClaude()
  const id = await floor.run()
  expect(await floor.explain.get(id)).toMatchObject({
    state: 'not-asked',
    reason: 'budget',
    resetsAt: '2026-03-02T00:00:00.000Z',
  })
})

test('an answer of another shape is a failure in words, and the report stands', async () => {
  await floor.useClaude()
  floor.provider.answerWith(() => ({ ...good, findings: [{ severity: 'info' }] }))
  const id = await floor.run()
  expect(await floor.explain.get(id)).toMatchObject({ state: 'failed', explanation: null })
})

test('what was asked before the server stopped is not waited for', async () => {
  await floor.useClaude()
  const id = await floor.addRun()
  await floor.explain.onReport(id)
  await floor.explain.start()
  expect(await floor.explain.get(id)).toMatchObject({
    state: 'failed',
    detail: 'The server stopped before the answer came.',
  })
  await floor.passing(floor.explain.settled(), 1_000)
})

test('a question has its price before it is asked, and an answer that is held against the run', async () => {
  await floor.useClaude()
  const id = await floor.run()
  const wanted = { text: 'Why did backup.service on nas fail?', depth: 'cheap' } as const
  const price = await floor.explain.price(id, wanted)
  expect(price).toMatchObject({ model: 'claude-haiku-5-5', isCharged: true })
  expect(price.likelyNanoUsd).toBeLessThan(price.mostNanoUsd)
  expect(floor.fetches()).toBe(1)

  floor.provider.answerWith(() => ({
    claims: [
      claim('The repository was locked.', ['F2'], ['repository is locked']),
      claim('It failed 99 times.', ['F2']),
    ],
  }))
  await floor.explain.question(id, wanted, serverActor)
  await floor.passing(floor.explain.settled())
  const [question] = (await floor.explain.get(id)).questions
  expect(question).toMatchObject({
    state: 'answered',
    askedBy: 'server',
    answer: { claims: [{ text: 'The repository was locked.' }], dropped: 1 },
  })
  const sent = floor.provider.requests.at(-1)
  expect(sent?.untrusted['question']).toBe('Why did backup.service on HOST_1 fail?')
  expect(sent?.question).not.toContain('backup')
  const settled = [...floor.ledger.entries.values()].map(({ call }) => call.purpose)
  expect(settled).toEqual(['explanation', 'question'])
  expect(question?.costNanoUsd).toBeLessThanOrEqual(price.mostNanoUsd)
})

test('a report takes only so many questions', async () => {
  await floor.useClaude()
  const id = await floor.run()
  floor.provider.answerWith(() => ({ claims: [] }))
  for (let count = 0; count < 20; count++) {
    await floor.explain.question(id, { text: `Why ${count}?`, depth: 'cheap' }, serverActor)
    await floor.passing(floor.explain.settled())
  }
  const more = floor.explain.question(id, { text: 'And why?', depth: 'cheap' }, serverActor)
  await expect(more).rejects.toMatchObject({ code: 'ai.too_many_questions' })
})

describe('explanations that may take hours', () => {
  const waiting = { explain: { ...aiSetup.parse({}).explain, waitH: 4 } }
  const batchId = () => [...floor.provider.batches.keys()][0] ?? ''

  /** The batch is done, and the server looks. */
  async function endBatch(): Promise<void> {
    floor.provider.endBatch(batchId())
    await floor.clock.advance(120_000)
    await floor.ai.lane.look()
  }

  test('are handed in at half the price, say until when, and come', async () => {
    await floor.useClaude(waiting)
    const id = await floor.run()
    expect(await floor.explain.get(id)).toMatchObject({ state: 'asking', reason: 'batched' })
    expect((await floor.explain.get(id)).resetsAt).not.toBeNull()
    await endBatch()
    expect(await floor.explain.get(id)).toMatchObject({
      state: 'explained',
      reason: 'batched',
      explanation: { verdict: { text: 'nas has little room: /var is 97 % full.' }, dropped: 1 },
    })
    expect([...floor.ledger.entries.values()]).toMatchObject([{ call: { mode: 'batch' }, state: 'settled' }])
    expect(floor.saved).toEqual(['batched'])
  })

  test('save nothing where they had to be asked directly after all', async () => {
    await floor.useClaude(waiting)
    floor.provider.script({ status: 400, type: 'invalid_request_error' })
    const id = await floor.run()
    expect(await floor.explain.get(id)).toMatchObject({ state: 'explained' })
    expect(floor.saved).toEqual([])
  })

  test('still come after the server was started anew', async () => {
    await floor.useClaude(waiting)
    const id = await floor.run()
    await floor.explain.start()
    expect(await floor.explain.get(id)).toMatchObject({ state: 'asking', reason: 'batched' })
    await endBatch()
    expect(await floor.explain.get(id)).toMatchObject({ state: 'explained' })
  })

  test('are asked at once when somebody clicks, and the batch then changes nothing any more', async () => {
    await floor.useClaude(waiting)
    const id = await floor.run()
    await floor.explain.explain(id, asked, serverActor)
    await floor.passing(floor.explain.settled())
    const now = await floor.explain.get(id)
    expect(now).toMatchObject({ state: 'explained', reason: 'called' })
    await endBatch()
    expect(await floor.explain.get(id)).toEqual(now)
  })
})
