import { expect, test } from 'vitest'
import { createIds } from '../../lib/id.ts'
import { momentOfId, toDay, toDecimal, toDuration, toMoment, toPercent, toSize } from './quantities.ts'
import { toReadable } from './values.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.6, '1 kB'],
  [1_500, '1.5 kB'],
  [99_949_999, '99.9 MB'],
  [13_000_000_000, '13 GB'],
  [970_400_000_000, '970 GB'],
  [999_600_000_000, '1 TB'],
  [-1_500_000, '−1.5 MB'],
  [1e30, '1000000000000 EB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(toSize(bytes)).toBe(text)
})

test.each([
  [0, '0 %'],
  [0.44, '0.4 %'],
  [74.4, '74 %'],
  [99.6, '99.6 %'],
  [99.99, '99.9 %'],
  [100, '100 %'],
])('%d percent read as %s', (percent, text) => {
  expect(toPercent(percent)).toBe(text)
})

test.each([
  [0.0123, '12 ms'],
  [6.24, '6.2 s'],
  [75, '1 min'],
  [12_000, '3 h 20 min'],
  [3_600, '1 h'],
  [3_567_600, '41 d 7 h'],
  [-90, '−1 min'],
  [Number.NaN, 'unknown'],
])('%d seconds read as %s', (seconds, text) => {
  expect(toDuration(seconds)).toBe(text)
})

test.each([
  [0, '0'],
  [0.004, '0.004'],
  [3.14, '3.1'],
  [1234.5, '1235'],
])('%d reads as %s', (value, text) => {
  expect(toDecimal(value)).toBe(text)
})

test('moments are told in the zone of the reader', () => {
  const at = new Date('2026-11-24T12:17:00.000Z')
  expect(toMoment(at, 'UTC')).toBe('24 Nov 2026, 12:17 UTC')
  expect(toMoment(at, 'Europe/Berlin')).toBe('24 Nov 2026, 13:17 CET')
  expect(toMoment(new Date(Number.NaN))).toBe('unknown')
  expect(toDay(at)).toBe('24 Nov 2026')
  expect(toDay(new Date(1e300))).toBe('unknown')
})

test('an id tells when it was made', () => {
  const at = new Date('2026-11-24T12:17:00.123Z')
  const newId = createIds({
    now: () => at,
    monotonicMs: () => 0,
    sleep: async () => {},
    after: () => () => {},
  })
  expect(momentOfId(newId('exe'))).toEqual(at)
})

test.each<[name: string, value: unknown, text: string]>([
  ['used', 97_000_000_000, '97 GB'],
  ['total', 60, '60'],
  ['inodes_used', 5_000_000, '5000000'],
  ['log_bytes', 12, '12 B'],
  ['pct', 97.2, '97 %'],
  ['waited_s', 3, '3 s'],
  ['days', 3.44, '3.4 d'],
  ['slope_per_day', 10_000_000_000, '10 GB'],
  ['not_after', 1_803_000_000, '19 Feb 2027'],
  ['c', 99, '99 °C'],
  ['ports', ['tcp/22', 'tcp/80'], 'tcp/22, tcp/80'],
  ['ports', [], 'none'],
  ['wet', true, 'yes'],
  ['note', null, 'none'],
  ['nested', { a: 1 }, '{"a":1}'],
])('%s: %j reads as %s', (name, value, text) => {
  expect(toReadable(name, value)).toBe(text)
})
