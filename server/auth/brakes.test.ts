import { beforeEach, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { createAttempts } from './attempts.ts'
import { type Brakes, createBrakes } from './brakes.ts'

let clock: FakeClock
let brakes: Brakes
const withinMs = 5 * 60_000

beforeEach(() => {
  clock = createFakeClock()
  const byNetwork = createAttempts({ clock, most: 30, withinMs })
  const byName = createAttempts({ clock, most: 10, withinMs })
  brakes = createBrakes({ clock, byNetwork, byName })
})

const isRefused = (name: string, ip: string): boolean => {
  try {
    brakes.count(name, ip)
    return false
  } catch {
    return true
  }
}
/** How many of these attempts pass. */
const passing = (attempts: Iterable<readonly [name: string, ip: string]>): number =>
  [...attempts].filter(([name, ip]) => !isRefused(name, ip)).length
const many = <Value>(count: number, of: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => of(at))

test('ten thousand addresses of one /64, in every spelling, are one guesser', () => {
  const hex = (at: number) => at.toString(16)
  const spellings = [
    (at: number) => `2001:db8:1:2::${hex(at + 1)}`,
    (at: number) => `2001:DB8:1:2:0:0:0:${hex(at + 1).toUpperCase()}`,
    (at: number) => `2001:0db8:0001:0002:${hex(at)}:${hex(at)}:0000:0001`,
    (at: number) => `2001:db8:1:2::${(at >> 8) & 255}.${at & 255}.0.1`,
  ]
  const guesses = many(10_000, (at) => [`name${at}`, spellings[at % 4]?.(at) ?? ''] as const)
  expect(passing(guesses)).toBe(30)
  expect(isRefused('anna', '2001:db8:1:3::1')).toBe(false)
})

test('guessing at a name from everywhere closes it for strangers, not for the house its owner is in', () => {
  brakes.remember('anna', '192.168.1.20')
  expect(passing(many(100, (at) => ['anna', `203.0.113.${at}`] as const))).toBe(10)
  expect(isRefused('anna', '198.51.100.1')).toBe(true)
  expect(isRefused('anna', '192.168.1.20')).toBe(false)
  expect(isRefused('ben', '198.51.100.1')).toBe(false)
})

test('a house that is known gets ten guesses as well, and no more by its other people', () => {
  brakes.remember('anna', '192.168.1.20')
  expect(passing(many(15, () => ['anna', '192.168.1.20'] as const))).toBe(10)
  expect(isRefused('ben', '192.168.1.20')).toBe(false)
})

test('a botnet that guesses at all names is slowed down as a whole, and keeps nobody out who was here before', async () => {
  brakes.remember('anna', '2001:db8:1:2::1')
  const guesses = many(1_000, (at) => [`name${at}`, `10.${at >> 8}.${at & 255}.1`] as const)
  expect(passing(guesses)).toBe(200)
  expect(isRefused('carol', '192.168.1.9')).toBe(true)
  expect(isRefused('anna', '2001:db8:1:2:ffff::9')).toBe(false)
  await clock.advance(withinMs)
  expect(isRefused('carol', '192.168.1.9')).toBe(false)
})

test('being right begins the count anew', () => {
  for (let round = 0; round < 3; round++) {
    expect(passing(many(9, (at) => ['anna', `203.0.113.${at}`] as const))).toBe(9)
    brakes.remember('anna', `192.168.${round}.1`)
  }
})

test('only so many houses are kept in mind', () => {
  brakes.remember('anna', '192.168.1.20')
  for (let at = 0; at < 1_000; at++) brakes.remember('ben', `10.${at >> 8}.${at & 255}.1`)
  expect(passing(many(10, (at) => ['anna', `203.0.113.${at}`] as const))).toBe(10)
  expect(isRefused('anna', '192.168.1.20')).toBe(true)
})
