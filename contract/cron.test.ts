import { describe, expect, test } from 'vitest'
import { readCron, toCronProblemText } from './cron.ts'

const read = (text: string) => {
  const { cron, problem } = readCron(text)
  if (!cron) throw new Error(toCronProblemText(problem))
  return cron
}

describe('five fields', () => {
  test.each([
    ['0 7 * * *', { minutes: [0], hours: [7] }],
    ['*/15 8-18/5 * * *', { minutes: [0, 15, 30, 45], hours: [8, 13, 18] }],
    ['5,1,5 0 * * *', { minutes: [1, 5], hours: [0] }],
    ['10-30/10 23 * * *', { minutes: [10, 20, 30], hours: [23] }],
    ['@daily', { minutes: [0], hours: [0] }],
  ])('%s', (text, expected) => expect(read(text)).toMatchObject(expected))

  test.each([
    ['0 2 * * SUN', [0]],
    ['0 2 * * 7', [0]],
    ['0 2 * * sat-sun', [6, 0]],
    ['0 2 * * mon-FRI/2', [1, 3, 5]],
    ['0 2 * * 5-7', [5, 6, 0]],
  ])('%s falls on these weekdays', (text, days) => expect([...read(text).weekdays]).toEqual(days))

  test('months have names as well', () => {
    expect([...read('0 0 1 jan,JUL-aug *').months]).toEqual([1, 7, 8])
  })

  test.each([
    ['0 0 13 * FRI', true],
    ['0 0 * * FRI', false],
    ['0 0 13 * *', false],
    ['0 0 */2 * MON', false],
  ])('%s takes either kind of day: %s', (text, expected) => expect(read(text).isEitherDay).toBe(expected))

  test.each([
    ['0 * * * *', true],
    ['0 0-23 * * *', true],
    ['0 */2 * * *', false],
    ['0 2 * * *', false],
  ])('%s runs in every hour: %s', (text, expected) => expect(read(text).isEveryHour).toBe(expected))
})

describe('what is no expression says why and where', () => {
  test.each([
    ['', { kind: 'fields' }],
    ['0 7 * *', { kind: 'fields' }],
    ['0 0 7 * * *', { kind: 'seconds' }],
    ['60 7 * * *', { kind: 'range', field: 'minute', text: '60', at: 0 }],
    ['0 24 * * *', { kind: 'range', field: 'hour', text: '24', at: 2 }],
    ['0 7 0 * *', { kind: 'range', field: 'day', at: 4 }],
    ['0 7 * 13 *', { kind: 'range', field: 'month', at: 6 }],
    ['0 7 * * 8', { kind: 'range', field: 'weekday', at: 8 }],
    ['0 7 * * MOON', { kind: 'unknown', field: 'weekday', text: 'MOON' }],
    ['0 7 L * *', { kind: 'unknown', field: 'day', text: 'L' }],
    ['0 7 ? * *', { kind: 'unknown' }],
    ['0 7 * * 5#3', { kind: 'unknown' }],
    ['0 22-2 * * *', { kind: 'backwards', field: 'hour', text: '22-2' }],
    ['5/15 * * * *', { kind: 'step' }],
    ['*/0 * * * *', { kind: 'step' }],
    ['*/x * * * *', { kind: 'step' }],
    ['1,,2 * * * *', { kind: 'unknown', at: 2 }],
    ['-5 * * * *', { kind: 'unknown' }],
    ['1e1 * * * *', { kind: 'unknown' }],
    ['0 0 31 2 *', { kind: 'never', field: 'day' }],
    ['0 0 30 FEB *', { kind: 'never' }],
    ['0 0 31 4,6,9,11 *', { kind: 'never' }],
  ])('%j', (text, expected) => {
    const { problem } = readCron(text)
    expect(problem).toMatchObject(expected)
    expect(problem && toCronProblemText(problem)).toMatch(/\.$/)
  })

  test.each(['0 0 29 2 *', '0 0 31 2,3 *', '0 0 31 2 MON'])('%s does come true', (text) => {
    expect(readCron(text).problem).toBeNull()
  })
})
