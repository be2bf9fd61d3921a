import { describe, expect, test } from 'vitest'
import { nextTimeOfDay, quietUntil } from './times.ts'

const next = (at: string, time: string, zone: string) => nextTimeOfDay(new Date(at), time, zone).toISOString()

describe('the next time of day', () => {
  test.each([
    ['2026-11-26T12:00:00.000Z', '12:30', 'UTC', '2026-11-26T12:30:00.000Z'],
    ['2026-11-26T12:30:00.000Z', '12:30', 'UTC', '2026-11-27T12:30:00.000Z'],
    ['2026-11-26T12:30:30.000Z', '12:30', 'UTC', '2026-11-27T12:30:00.000Z'],
    ['2026-11-26T23:59:00.000Z', '00:00', 'UTC', '2026-11-27T00:00:00.000Z'],
    ['2026-11-26T12:00:00.000Z', '07:30', 'Asia/Kathmandu', '2026-11-27T01:45:00.000Z'],
    ['2026-11-26T12:00:00.000Z', '07:30', 'Australia/Lord_Howe', '2026-11-26T20:30:00.000Z'],
    // There is no 2:30 in Berlin on 29 March: the first minute after the gap.
    ['2026-03-28T23:00:00.000Z', '02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-03-29T01:00:00.000Z', '02:30', 'Europe/Berlin', '2026-03-30T00:30:00.000Z'],
    // And on 25 October there are two.
    ['2026-10-24T22:00:00.000Z', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    // Midnight itself is left out in Santiago on 6 September.
    ['2026-09-06T03:30:00.000Z', '00:00', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
  ])('after %s, %s in %s is at %s', (at, time, zone, wanted) => {
    expect(next(at, time, zone)).toBe(wanted)
  })

  test('is refused in a zone that is none', () => {
    expect(() => next('2026-11-26T12:00:00.000Z', '07:00', 'Mars/Olympus')).toThrow('request.invalid')
  })
})

describe('quiet hours', () => {
  const night = { isOn: true, from: '22:00', to: '07:00' }
  const noon = { isOn: true, from: '12:00', to: '14:00' }
  test.each([
    [night, '2026-11-26T21:59:59.000Z', null],
    [night, '2026-11-26T22:00:00.000Z', '2026-11-27T07:00:00.000Z'],
    [night, '2026-11-27T06:59:59.000Z', '2026-11-27T07:00:00.000Z'],
    [night, '2026-11-27T07:00:00.000Z', null],
    [noon, '2026-11-26T13:00:00.000Z', '2026-11-26T14:00:00.000Z'],
    [noon, '2026-11-26T14:00:00.000Z', null],
    [{ ...night, isOn: false }, '2026-11-26T23:00:00.000Z', null],
    [{ ...night, to: '22:00' }, '2026-11-26T23:00:00.000Z', null],
  ])('%o at %s last until %s', (quiet, at, until) => {
    expect(quietUntil(new Date(at), quiet, 'UTC')?.toISOString() ?? null).toBe(until)
  })
})
