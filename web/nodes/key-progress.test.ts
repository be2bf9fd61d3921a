import { expect, test } from 'vitest'
import { toProblem } from '../../contract/errors.ts'
import type { KeyRotation } from '../../contract/keys.ts'
import { canCancel, isStuck, toProgress } from './key-progress.ts'

const at = (step: KeyRotation['step'], more: Partial<KeyRotation> = {}) =>
  ({ step, problem: null, waitsForPerson: false, ...more }) as KeyRotation
const states = (rotation: KeyRotation) =>
  toProgress(rotation)
    .map(({ state }) => state)
    .join(' ')

test.each([
  ['at the first step', at('make'), 'now todo todo todo todo todo todo todo'],
  ['in the grace', at('grace'), 'done done done done now todo todo todo'],
  [
    'in trouble',
    at('try', { problem: toProblem('ssh.connection_timeout') }),
    'done done stuck todo todo todo todo todo',
  ],
  [
    'in the hands of a person',
    at('append', { waitsForPerson: true }),
    'done stuck todo todo todo todo todo todo',
  ],
  ['done', at('done'), 'done done done done done done done done'],
  ['taken back', at('undone'), ''],
])('%s', (_name, rotation, expected) => {
  expect(states(rotation)).toBe(expected)
})

test('what the old line has left for cannot be taken back', () => {
  expect((['make', 'append', 'grace'] as const).every((step) => canCancel(at(step)))).toBe(true)
  expect(
    (['remove', 'verify', 'record', 'done', 'undone'] as const).some((step) => canCancel(at(step))),
  ).toBe(false)
})

test('somebody has to look at what went wrong, not at what was taken back on purpose', () => {
  expect(isStuck(at('undone', { problem: toProblem('key.new_refused') }))).toBe(true)
  expect(isStuck(at('undone', { problem: toProblem('key.cancelled') }))).toBe(false)
  expect(isStuck(at('append', { waitsForPerson: true }))).toBe(true)
  expect(isStuck(at('grace'))).toBe(false)
})
