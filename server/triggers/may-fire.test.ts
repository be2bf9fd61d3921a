import { expect, test } from 'vitest'
import { triggerId } from '../../contract/ids.ts'
import { whyHeld } from './may-fire.ts'

const idOf = (number: number) => triggerId.parse(`trg_01kb000000000000000000000${number}`)
const minute = 60_000
const now = Date.parse('2026-03-01T12:00:00Z')

const cases: [name: string, given: Partial<Parameters<typeof whyHeld>[0]>, why: string | null][] = [
  ['nothing against it', {}, null],
  ['its own run', { path: [idOf(1)] }, 'own-run'],
  ['a run that its own run led to', { path: [idOf(1), idOf(2)] }, 'own-run'],
  ['its own run, while it rests', { path: [idOf(1)], paused: true }, 'own-run'],
  ['the second of a chain', { path: [idOf(2)] }, null],
  ['the third of a chain', { path: [idOf(2), idOf(3)] }, null],
  ['one too many of a chain', { path: [idOf(2), idOf(3), idOf(4)] }, 'chain'],
  ['paused', { paused: true }, 'paused'],
  ['a day ago', { happenedAt: now - 1_440 * minute }, null],
  ['more than a day ago', { happenedAt: now - 1_441 * minute }, 'too-old'],
  ['within the cool-down', { lastStartedAt: now - 9 * minute }, 'cool-down'],
  ['at its end', { lastStartedAt: now - 10 * minute }, null],
  ['without one', { lastStartedAt: now, coolDownMinutes: 0 }, null],
  ['after a clock that was ahead', { lastStartedAt: now + 600 * minute }, null],
]

test.each(cases)('%s', (_, given, why) => {
  expect(
    whyHeld({
      id: idOf(1),
      paused: false,
      coolDownMinutes: 10,
      path: [],
      happenedAt: now,
      now,
      lastStartedAt: null,
      ...given,
    }),
  ).toBe(why)
})
