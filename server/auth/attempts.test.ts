import { beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { type Attempts, createAttempts, networkOf } from './attempts.ts'

let clock: FakeClock
let attempts: Attempts

beforeEach(() => {
  clock = createFakeClock()
  attempts = createAttempts({ clock, most: 3, withinMs: 60_000 })
})

const isRefused = (key = 'anna'): boolean => {
  try {
    attempts.count(key)
    return false
  } catch {
    return true
  }
}

test('attempts pass up to the limit, each key by itself', () => {
  expect([1, 2, 3, 4].map(() => isRefused())).toEqual([false, false, false, true])
  expect(isRefused('ben')).toBe(false)
})

test('a refusal names the moment from which one more attempt passes, and that moment holds', async () => {
  attempts.count('anna')
  await clock.advance(10_000)
  attempts.count('anna')
  attempts.count('anna')
  await clock.advance(5_000)
  expect(() => attempts.count('anna')).toThrow(
    expect.objectContaining({ code: 'request.rate_limited', retryAt: new Date('2026-03-01T12:01:00.000Z') }),
  )
  for (let more = 0; more < 5; more++) expect(isRefused()).toBe(true)
  await clock.advance(45_000)
  expect([isRefused(), isRefused()]).toEqual([false, true])
})

test('turning the wall clock neither opens nor prolongs the limit', async () => {
  for (let one = 0; one < 3; one++) attempts.count('anna')
  clock.jump(3_600_000)
  expect(isRefused()).toBe(true)
  clock.jump(-7_200_000)
  await clock.advance(60_000)
  expect(isRefused()).toBe(false)
})

test('what is forgotten begins anew', () => {
  for (let one = 0; one < 3; one++) attempts.count('anna')
  attempts.forget('anna')
  expect(isRefused()).toBe(false)
})

describe('the network of an address', () => {
  test.each([
    ['192.168.1.20', '192.168.1.20'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1:2:3:4', 'fe80:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['not:an:address', 'not:an:address'],
    ['::ffff:192.168.1.20', '192.168.1.20'],
    ['::ffff:c0a8:114', '192.168.1.20'],
    ['2001:db8:1:2::9%eth0', '2001:db8:1:2::/64'],
  ])('%s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network)
  })
})
