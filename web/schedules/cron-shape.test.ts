import { describe, expect, test } from 'vitest'
import { type CronShape, shapeOf, textOf } from './cron-shape.ts'

describe('what can be chosen and what can be written say the same', () => {
  test.each<[CronShape, string]>([
    [{ every: 'minutes', step: 15 }, '*/15 * * * *'],
    [{ every: 'minutes', step: 1 }, '* * * * *'],
    [{ every: 'hour', minute: 5 }, '5 * * * *'],
    [{ every: 'day', time: '07:00' }, '0 7 * * *'],
    [{ every: 'week', time: '02:30', weekdays: [0, 6] }, '30 2 * * 0,6'],
    [{ every: 'month', time: '23:05', day: 31 }, '5 23 31 * *'],
  ])('%j', (shape, text) => {
    expect(textOf(shape)).toBe(text)
    expect(shapeOf(text)).toEqual(shape)
  })
})

test.each([
  ['0 2 * * SUN', { every: 'week', weekdays: [0] }],
  ['@weekly', { every: 'week', time: '00:00' }],
  ['0,30 * * * *', { every: 'minutes', step: 30 }],
  ['0 3 * * mon-fri', { every: 'week', weekdays: [1, 2, 3, 4, 5] }],
])('%s is seen for what it is', (text, shape) => expect(shapeOf(text)).toMatchObject(shape))

test.each(['0 7,19 * * *', '0 0 13 * FRI', '0 0 1 1 *', '*/7 * * * *', '0 * * * MON', 'nonsense'])(
  '%s says more than can be chosen',
  (text) => expect(shapeOf(text)).toBeNull(),
)
