import { describe, expect, test } from 'vitest'
import type { Weekday } from '../../contract/occurrences.ts'
import { scheduleSpec } from '../../contract/schedules.ts'
import { toSelection } from '../executions/selection.ts'
import { type FormValues, toFormValues, toggledDay, toSpec, wrongFields } from './form-values.ts'

const around = { zone: 'Europe/Berlin', now: '2026-11-26T12:00:00.000Z' }
const whole: FormValues = {
  ...toFormValues({}, around),
  name: 'Nightly',
  agentId: 'system-health',
  selection: toSelection(['nas']),
}

test('a new form needs a name, an agent and nodes', () => {
  expect([...wrongFields(toFormValues({}, around))]).toEqual(['name', 'agentId', 'selection'])
})

describe('what is right is what the server takes', () => {
  test.each<Partial<FormValues>>([
    {},
    { kind: 'interval', everyMinutes: '90' },
    { kind: 'once', onceAt: '2026-12-24T18:00' },
    { blackouts: [{ days: ['sat'], from: '22:00', to: '06:00' }], jitterMinutes: '5' },
  ])('%j', (changed) => {
    const values = { ...whole, ...changed }
    expect([...wrongFields(values)]).toEqual([])
    const spec = scheduleSpec.parse(toSpec(values))
    expect(toSpec(toFormValues(spec as never, around))).toEqual(toSpec(values))
  })
})

describe('what is wrong is said at its field', () => {
  test.each<[string, Partial<FormValues>]>([
    ['cron', { cron: '0 0 31 2 *' }],
    ['everyMinutes', { kind: 'interval', everyMinutes: '0' }],
    ['everyMinutes', { kind: 'interval', everyMinutes: 'often' }],
    ['onceAt', { kind: 'once', onceAt: '2026-02-30T10:00' }],
    ['zone', { zone: 'Mars/Olympus' }],
    ['withinHours', { withinHours: '' }],
    ['most', { most: '101' }],
    ['jitterMinutes', { jitterMinutes: '61' }],
    ['blackouts', { blackouts: [{ days: [], from: '02:00', to: '02:00' }] }],
  ])('%s', (field, changed) => {
    expect([...wrongFields({ ...whole, ...changed })]).toEqual([field])
  })
})

const days: [string, before: Weekday[], day: Weekday, after: Weekday[]][] = [
  ['one is taken from all', [], 'sun', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']],
  ['one is added', ['sat'], 'fri', ['fri', 'sat']],
  ['the last that was missing makes all', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], 'sun', []],
  ['the last one stays', ['sun'], 'sun', ['sun']],
]
test.each(days)('of the days of a blackout, %s', (_, before, day, after) => {
  expect(toggledDay(before, day)).toEqual(after)
})
