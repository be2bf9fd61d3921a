import { expect, test } from 'vitest'
import type { DriverResult, FailureReason } from './driver.ts'
import { nextAttempt } from './next-attempt.ts'

const failed = (reason: FailureReason, retryAfterMs: number | null = null): DriverResult => ({
  kind: 'failed',
  reason,
  wasBilled: 'no',
  retryAfterMs,
  detail: '',
})
const malformed: DriverResult = {
  kind: 'malformed',
  use: null,
  requestId: null,
  stopReason: null,
  detail: '',
}
const refused: DriverResult = { ...malformed, kind: 'refused' }
const cutOff: DriverResult = { ...malformed, kind: 'cut-off' }

const next = (results: DriverResult[], { mayRepair = false, leftMs = 60_000, jitter = 0.5 } = {}) => {
  const decided = nextAttempt({ results, mayRepair, leftMs, jitter })
  return decided.kind === 'stop' ? 'stop' : `${decided.inMs}${decided.asRepair ? ' repair' : ''}`
}

test.each<[string, DriverResult[], string]>([
  ['a rate limit is waited for, once', [failed('rate-limited', 7_000)], '7000'],
  ['… and not a second time', [failed('rate-limited', 7_000), failed('rate-limited', 7_000)], 'stop'],
  ['an hour is not slept through', [failed('rate-limited', 3_600_000)], 'stop'],
  ['a rate limit without a time is not guessed at', [failed('rate-limited')], 'stop'],
  ['overload is tried after a second', [failed('overloaded')], '1000'],
  ['… and after four more', [failed('overloaded'), failed('overloaded')], '4000'],
  ['… and then no more', [failed('overloaded'), failed('offline'), failed('overloaded')], 'stop'],
  ['no connection is tried again', [failed('offline')], '1000'],
  ['a wish for more time is heard', [failed('overloaded', 9_000)], '9000'],
  ['a spending limit is not asked again', [failed('spend-limit')], 'stop'],
  ['nor is an empty account', [failed('out-of-credit')], 'stop'],
  ['nor a wrong key', [failed('wrong-key')], 'stop'],
  ['nor an unknown model', [failed('no-such-model')], 'stop'],
  ['nor a request that is not taken', [failed('bad-request')], 'stop'],
  ['nor what took too long: it may have to be paid', [failed('timed-out')], 'stop'],
  ['nor what was called off', [failed('aborted')], 'stop'],
  ['a refusal stays one', [refused], 'stop'],
  ['an answer that was cut off stays cut off', [cutOff], 'stop'],
  ['Claude is not asked to repair', [malformed], 'stop'],
])('%s', (_name, results, expected) => {
  expect(next(results)).toBe(expected)
})

test('a local model may repair its answer once', () => {
  expect(next([malformed], { mayRepair: true })).toBe('0 repair')
  expect(next([malformed, malformed], { mayRepair: true })).toBe('stop')
})

test('nothing is waited for that would end after the deadline', () => {
  expect(next([failed('rate-limited', 30_000)], { leftMs: 20_000 })).toBe('stop')
  expect(next([failed('overloaded')], { leftMs: 900 })).toBe('stop')
})

test('many who failed at once come back spread out', () => {
  expect([next([failed('overloaded')], { jitter: 0 }), next([failed('overloaded')], { jitter: 1 })]).toEqual([
    '900',
    '1100',
  ])
})
