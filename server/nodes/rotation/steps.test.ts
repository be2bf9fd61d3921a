import { describe, expect, test } from 'vitest'
import { toProblem } from '../../../contract/errors.ts'
import { rotationSteps } from '../../../contract/key-terms.ts'
import type { RotationStep } from '../../../contract/keys.ts'
import { after, type Happening, isDue, isEnded, type Rotation } from './steps.ts'

const now = new Date('2026-03-01T12:00:00.000Z')
const problem = toProblem('key.edit_failed')
const other = toProblem('ssh.connection_timeout')
const done: Happening = { kind: 'done' }

const at = (step: RotationStep, more: Partial<Rotation> = {}): Rotation => ({
  step,
  strategy: 'file',
  waitsForPerson: false,
  problem: null,
  retryAt: null,
  attempts: 0,
  activatedAt: null,
  goodRuns: 0,
  ...more,
})

test('goes through the eight steps in order when all goes well', () => {
  const seen: string[] = []
  let rotation = at('make')
  while (!isEnded(rotation)) {
    seen.push(rotation.step)
    rotation = after(rotation, done, now)
  }
  expect(seen).toEqual(rotationSteps)
  expect(rotation.step).toBe('done')
})

const cases: [RotationStep, Happening, Partial<Rotation>, Partial<Rotation>][] = [
  // What a step meets before the new key is in force leads back.
  ['append', { kind: 'refused', problem }, {}, { step: 'undo', problem }],
  ['try', { kind: 'refused', problem }, {}, { step: 'undo', problem }],
  ['grace', { kind: 'new-lost', problem }, {}, { step: 'undo', problem }],
  [
    'append',
    { kind: 'cancelled', problem },
    { waitsForPerson: true },
    { step: 'undo', waitsForPerson: false },
  ],
  ['grace', { kind: 'cancelled', problem }, {}, { step: 'undo', problem }],
  // With the old line going there is no way back but to go on.
  ['remove', { kind: 'cancelled', problem }, {}, { step: 'remove', problem: null }],
  ['verify', { kind: 'cancelled', problem }, {}, { step: 'verify' }],
  ['remove', { kind: 'refused', problem }, {}, { step: 'remove', waitsForPerson: true, problem }],
  ['verify', { kind: 'refused', problem }, {}, { step: 'remove', waitsForPerson: true, problem }],
  ['verify', { kind: 'new-lost', problem }, {}, { step: 'undo', problem }],
  // A person does the editing.
  [
    'append',
    { kind: 'by-hand', problem },
    { strategy: null },
    { step: 'append', strategy: 'manual', waitsForPerson: true },
  ],
  [
    'append',
    { kind: 'confirmed' },
    { strategy: 'manual', waitsForPerson: true, problem },
    { step: 'try', problem: null },
  ],
  [
    'try',
    { kind: 'refused', problem },
    { strategy: 'manual' },
    { step: 'append', waitsForPerson: true, problem },
  ],
  ['remove', { kind: 'by-hand', problem }, { strategy: 'manual' }, { step: 'remove', waitsForPerson: true }],
  ['remove', { kind: 'confirmed' }, { strategy: 'manual', waitsForPerson: true }, { step: 'verify' }],
  // Nobody was waited for.
  ['append', { kind: 'confirmed' }, {}, { step: 'append', waitsForPerson: false }],
  // Undone is undone, with the reason it was begun for.
  ['undo', done, { problem }, { step: 'undone', problem }],
  ['undo', { kind: 'refused', problem: other }, { problem }, { step: 'undone', problem }],
  ['undo', { kind: 'troubled', problem: other }, { problem }, { step: 'undo', problem, attempts: 1 }],
]
test.each(cases)('at %s, %o leads from %o to %o', (step, happening, before, expected) => {
  expect(after(at(step, before), happening, now)).toMatchObject(expected)
})

test.each([...rotationSteps, 'undo'] as const)('trouble at %s is tried again there, ever later', (step) => {
  const delays: number[] = []
  let rotation = at(step)
  for (let attempt = 0; attempt < 6; attempt++) {
    rotation = after(rotation, { kind: 'troubled', problem: other }, now)
    expect(rotation.step).toBe(step)
    delays.push((Date.parse(rotation.retryAt ?? '') - now.getTime()) / 60_000)
  }
  expect(delays).toEqual([1, 5, 15, 60, 360, 360])
  expect(after(rotation, done, now)).toMatchObject({ attempts: 0, retryAt: null })
})

describe('there is something to do', () => {
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
  test.each<[string, Rotation, boolean]>([
    ['at a step', at('append'), true],
    ['not while a person has to do it', at('append', { waitsForPerson: true }), false],
    ['not before its time', at('append', { retryAt: hoursAgo(-1) }), false],
    ['when its time has come', at('append', { retryAt: hoursAgo(0) }), true],
    ['not early in the grace', at('grace', { activatedAt: hoursAgo(23.9), goodRuns: 2 }), false],
    ['after three good runs', at('grace', { activatedAt: hoursAgo(0), goodRuns: 3 }), true],
    ['after a day', at('grace', { activatedAt: hoursAgo(24), goodRuns: 0 }), true],
    [
      'not even then, before its next attempt',
      at('grace', { activatedAt: hoursAgo(24), retryAt: hoursAgo(-1) }),
      false,
    ],
    ['not when it has ended well', at('done'), false],
    ['not when it was undone', at('undone'), false],
  ])('%s', (_name, rotation, isSo) => {
    expect(isDue(rotation, now)).toBe(isSo)
  })
})

test('the grace begins anew with each activation', () => {
  const active = after(at('activate', { goodRuns: 7 }), done, now)
  expect(active).toMatchObject({ step: 'grace', activatedAt: now.toISOString(), goodRuns: 0 })
})
