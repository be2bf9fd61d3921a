import { describe, expect, test } from 'vitest'
import { compareZone, makeCrons, telling } from '../testbed/compare-crons.ts'
import { slowOccurrences, wallsOf } from '../testbed/cron-oracle.ts'
import { isBlackedOut, nextOccurrences, occurrencesBetween, type Plan, type Timing } from './occurrences.ts'
import { nextJump, toWallText } from './zone-clock.ts'

const planOf = (timing: Timing, zone: string, more: Partial<Plan> = {}): Plan => ({
  timing,
  zone,
  jitterS: 0,
  blackouts: [],
  key: 'sch_1',
  ...more,
})
const cron = (text: string): Timing => ({ kind: 'cron', cron: text })
const iso = (at: number) => new Date(at).toISOString().replace(':00.000Z', 'Z')
const between = (plan: Plan, from: string, to: string) =>
  occurrencesBetween(plan, Date.parse(from), Date.parse(to))
const instants = (text: string, zone: string, from: string, to: string) =>
  between(planOf(cron(text), zone), from, to).map(({ at }) => iso(at))

describe('the oracle, which goes through every minute,', () => {
  // One that leaps at midnight, half-hour and quarter-hour ones, one behind and one ahead of the date line, one with
  // two pairs of jumps a year, and one that gave up its own time.
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'America/Havana',
    'Asia/Beirut',
    'Africa/Casablanca',
    'Asia/Pyongyang',
    'America/Santiago',
    'Antarctica/Troll',
    'Pacific/Apia',
  ]
  test.each(zones)('sees what we see in %s', (zone) => {
    // The year in which Pyongyang went back to its old time.
    const years = [2018, 2019] as const
    const compared = compareZone(zone, [...telling, ...makeCrons(20_261_126, 4)], years)
    expect(compared.differences).toEqual([])
    expect(compared.occurrences).toBeGreaterThan(50_000)
  })

  test('is right itself where the clock jumps', () => {
    const walls = wallsOf(
      'Europe/Berlin',
      Date.parse('2019-03-30') / 60_000,
      Date.parse('2019-04-01') / 60_000,
    )
    const found = slowOccurrences('30 2 * * *', walls).map((minute) => iso(minute * 60_000))
    expect(found).toEqual(['2019-03-30T01:30Z', '2019-03-31T01:00Z'])
  })
})

describe('bugs of others, which must not be ours:', () => {
  test('a daily time that the clock leaves out still comes that day (node-cron #563)', () => {
    expect(instants('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ])
  })

  test('a daily time that the clock shows twice comes once (node-cron #881)', () => {
    expect(instants('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ])
  })

  test('the next time is never one that has gone, nor the same again, on the way over a change (croner #132)', () => {
    for (const [zone, around] of [
      ['Europe/Berlin', '2026-03-29T00:00Z'],
      ['Europe/Berlin', '2026-10-25T00:00Z'],
      ['America/New_York', '2026-11-01T05:00Z'],
    ] as const) {
      for (const text of ['0 2 * * *', '0 3 * * *', '*/10 * * * *', '0 1-3 * * *']) {
        const plan = planOf(cron(text), zone)
        let from = Date.parse(around)
        for (let step = 0; step < 20; step++) {
          const [next] = nextOccurrences(plan, from, 1)
          expect(next?.at).toBeGreaterThanOrEqual(from)
          from = (next?.at ?? 0) + 1
        }
      }
    }
  })

  test('an hour that is there twice does not run a nightly job twice (Rundeck #6879)', () => {
    expect(instants('0 1 * * *', 'America/New_York', '2026-11-01T00:00Z', '2026-11-02T00:00Z')).toEqual([
      '2026-11-01T05:00Z',
    ])
  })

  test('a backup at the hour that is left out runs, once, and no later than that hour ends (Xen Orchestra #4024)', () => {
    expect(
      instants('0,15,30,45 2 * * SUN', 'Europe/Paris', '2026-03-29T00:00Z', '2026-03-30T00:00Z'),
    ).toEqual(['2026-03-29T01:00Z'])
  })

  test('something that runs all the time loses no hour and doubles none (cron-plus #108)', () => {
    const spring = instants('*/15 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T04:00Z')
    const autumn = instants('*/15 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', '2026-10-25T04:00Z')
    for (const found of [spring, autumn]) {
      expect(found).toHaveLength(16)
      const gaps = found.slice(1).map((at, index) => Date.parse(at) - Date.parse(found[index] ?? ''))
      expect(new Set(gaps)).toEqual(new Set([15 * 60_000]))
    }
  })

  test('a midnight that does not exist does not lose the year (NATS #8543)', () => {
    // In Santiago the clock leaps from 0:00 to 1:00 on a Sunday of September.
    expect(instants('0 0 6 9 *', 'America/Santiago', '2026-01-01T00:00Z', '2028-01-01T00:00Z')).toEqual([
      '2026-09-06T04:00Z',
      '2027-09-06T03:00Z',
    ])
  })
})

describe('a change of the clock is said', () => {
  test('where a time is moved, or counts once of two', () => {
    const shifts = (text: string, from: string, to: string) =>
      between(planOf(cron(text), 'Europe/Berlin'), from, to).map(({ shift, wall }) => [
        toWallText(wall),
        shift,
      ])
    expect(shifts('30 2 * * *', '2026-03-29T00:00Z', '2026-03-31T00:00Z')).toEqual([
      ['2026-03-29T02:30', 'moved'],
      ['2026-03-30T02:30', null],
    ])
    expect(shifts('30 2 * * *', '2026-10-25T00:00Z', '2026-10-26T00:00Z')).toEqual([
      ['2026-10-25T02:30', 'first-of-two'],
    ])
    expect(shifts('30 * * * *', '2026-10-25T00:00Z', '2026-10-25T03:00Z')).toEqual([
      ['2026-10-25T02:30', null],
      ['2026-10-25T02:30', 'second-of-two'],
      ['2026-10-25T03:30', null],
    ])
  })

  test('before it comes', () => {
    const minute = Date.parse('2026-11-26T00:00Z') / 60_000
    const jump = nextJump('Europe/Berlin', minute, 366 * 1_440)
    expect(jump).toEqual({ at: Date.parse('2027-03-28T01:00Z') / 60_000, by: 60 })
    expect(nextJump('Asia/Tokyo', minute, 366 * 1_440)).toBeNull()
  })
})

describe('odd dates', () => {
  test('the leap day comes when there is one', () => {
    const days = nextOccurrences(planOf(cron('0 0 29 2 *'), 'UTC'), Date.parse('2093-01-01'), 3)
    expect(days.map(({ at }) => iso(at).slice(0, 10))).toEqual(['2096-02-29', '2104-02-29', '2108-02-29'])
  })

  test('the 31st comes in months that have one', () => {
    expect(
      instants('0 0 31 * *', 'UTC', '2026-01-01T00:00Z', '2026-07-01T00:00Z').map((at) => at.slice(0, 10)),
    ).toEqual(['2026-01-31', '2026-03-31', '2026-05-31'])
  })

  test('a leap day on a given weekday is found however far it is', () => {
    const [next] = nextOccurrences(planOf(cron('0 0 */28 2 MON'), 'UTC'), Date.parse('2026-01-01'), 1)
    expect(next && new Date(next.at).getUTCDay()).toBe(1)
  })

  test.each(['0 0 31 2 *', 'nonsense'])('%s never comes, and nobody waits for it', (text) => {
    expect(nextOccurrences(planOf(cron(text), 'UTC'), 0, 1)).toEqual([])
  })
})

describe('other timings', () => {
  test('an interval follows the time that passes, whatever the wall shows', () => {
    const plan = planOf(
      { kind: 'interval', everyMinutes: 720, from: '2026-03-28T06:00:00.000Z' },
      'Europe/Berlin',
    )
    expect(between(plan, '2026-03-28T07:00Z', '2026-03-29T19:00Z').map(({ at }) => iso(at))).toEqual([
      '2026-03-28T18:00Z',
      '2026-03-29T06:00Z',
      '2026-03-29T18:00Z',
    ])
    expect(nextOccurrences(plan, Date.parse('2020-01-01'), 1).map(({ at }) => iso(at))).toEqual([
      '2026-03-28T06:00Z',
    ])
  })

  test.each([
    ['an ordinary time', '2026-12-24T18:00', '2026-12-24T17:00Z', null],
    ['a time that is left out', '2026-03-29T02:30', '2026-03-29T01:00Z', 'moved'],
    ['a time that comes twice', '2026-10-25T02:30', '2026-10-25T00:30Z', 'first-of-two'],
  ])('once, at %s', (_, at, expected, shift) => {
    const found = nextOccurrences(planOf({ kind: 'once', at }, 'Europe/Berlin'), 0, 5)
    expect(found.map((one) => [iso(one.at), one.shift])).toEqual([[expected, shift]])
  })

  test('once, in the past, never comes', () => {
    const plan = planOf({ kind: 'once', at: '2026-12-24T18:00' }, 'Europe/Berlin')
    expect(nextOccurrences(plan, Date.parse('2026-12-24T17:00:01Z'), 1)).toEqual([])
  })
})

describe('jitter', () => {
  const plan = planOf(cron('0 0 * * *'), 'UTC', { jitterS: 600 })
  test('puts off by the same each time it is asked, within what was said', () => {
    const once = between(plan, '2026-01-01T00:00Z', '2026-03-01T00:00Z')
    expect(between(plan, '2026-01-01T00:00Z', '2026-03-01T00:00Z')).toEqual(once)
    const delays = once.map(({ at, dueAt }) => dueAt - at)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(600_000)
    expect(new Set(delays).size).toBeGreaterThan(20)
  })

  test('spreads schedules', () => {
    const delays = Array.from({ length: 200 }, (_, index) => {
      const [first] = nextOccurrences({ ...plan, key: `sch_${index}` }, Date.parse('2026-01-01'), 1)
      return (first?.dueAt ?? 0) - (first?.at ?? 0)
    })
    const inFirstHalf = delays.filter((delay) => delay < 300_000).length
    expect(inFirstHalf).toBeGreaterThan(60)
    expect(inFirstHalf).toBeLessThan(140)
  })
})

describe('a blackout', () => {
  const nights = { blackouts: [{ days: [], from: '22:00', to: '06:00' }], zone: 'Europe/Berlin' }
  test.each([
    ['2026-11-26T20:59:00Z', false],
    ['2026-11-26T21:00:00Z', true],
    ['2026-11-27T04:59:00Z', true],
    ['2026-11-27T05:00:00Z', false],
  ])('over midnight holds at %s: %s', (at, expected) =>
    expect(isBlackedOut(nights, Date.parse(at))).toBe(expected),
  )

  test('of Fridays goes on into Saturday, and no further', () => {
    const fridays = { blackouts: [{ days: ['fri' as const], from: '22:00', to: '06:00' }], zone: 'UTC' }
    const at = (text: string) => isBlackedOut(fridays, Date.parse(text))
    expect([
      at('2026-11-27T23:00Z'),
      at('2026-11-28T05:00Z'),
      at('2026-11-28T23:00Z'),
      at('2026-11-27T05:00Z'),
    ]).toEqual([true, true, false, false])
  })

  test('marks what falls into it', () => {
    const plan = planOf(cron('0 */6 * * *'), 'Europe/Berlin', nights)
    const marks = between(plan, '2026-11-26T00:00Z', '2026-11-27T00:00Z').map(({ isBlackedOut: is }) => is)
    expect(marks).toEqual([false, false, false, true])
  })
})
