import { expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import type { Asked, AskWanted } from './ask.ts'
import { testPrompt } from './readiness.ts'
import { createWindow } from './window.ts'

const wanted = (question: string): AskWanted => ({
  purpose: 'explanation',
  executionId: null,
  nodeId: null,
  agentId: null,
  depth: 'cheap',
  prompt: { ...testPrompt('anthropic'), question },
  validate: () => true,
  signal: new AbortController().signal,
})

function open() {
  const clock = createFakeClock()
  const sent: { question: string; cachesPrefix: boolean | undefined; answer: () => void }[] = []
  const window = createWindow({
    clock,
    waitMs: () => 60_000,
    ask: ({ prompt, cachesPrefix }) =>
      new Promise<Asked>((resolve) => {
        const answer = () => resolve({ kind: 'failed', reason: prompt.question, detail: '', callId: null })
        sent.push({ question: prompt.question, cachesPrefix, answer })
      }),
  })
  return { clock, sent, window, questions: () => sent.map(({ question }) => question) }
}

test('what comes within a minute goes together: the first alone, the rest once it is answered', async () => {
  const { clock, sent, window, questions } = open()
  void window.ask('a', wanted('a'))
  void window.ask('b', wanted('b'))
  void window.ask('c', wanted('c'))
  await clock.advance(59_000)
  expect(questions()).toEqual([])
  await clock.advance(1_000)
  expect(questions()).toEqual(['a'])
  sent[0]?.answer()
  await clock.advance(1)
  expect(questions()).toEqual(['a', 'b', 'c'])
  expect(sent.every(({ cachesPrefix }) => cachesPrefix)).toBe(true)
})

test('the same question is asked once, and both hear the answer', async () => {
  const { clock, sent, window } = open()
  const both = [window.ask('same', wanted('a')), window.ask('same', wanted('a'))]
  await clock.advance(60_000)
  expect(sent).toHaveLength(1)
  sent[0]?.answer()
  expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(['failed', 'failed'])
})

test('one alone writes nothing to the cache', async () => {
  const { clock, sent, window } = open()
  void window.ask('a', wanted('a'))
  await clock.advance(60_000)
  expect(sent).toMatchObject([{ cachesPrefix: false }])
})

test('ten do not wait for the minute to end', () => {
  const { window, questions } = open()
  for (let at = 0; at < 10; at++) void window.ask(`${at}`, wanted(`${at}`))
  expect(questions()).toEqual(['0'])
})
