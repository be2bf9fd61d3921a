import { describe, expect, test } from 'vitest'
import { endOf } from './sessions.ts'

const hour = (hours: number) => new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000).toISOString()
const promised = { createdAt: hour(0), expiresAt: hour(100) }

describe('a session ends', () => {
  test.each([
    ['some hours after its last use', { last: 3, idle: 8, max: 100 }, 11],
    ['at its limit, however often it is used', { last: 99, idle: 8, max: 100 }, 100],
    ['earlier when the limit was shortened since', { last: 3, idle: 8, max: 10 }, 10],
    ['at the promised time when the limit was lengthened since', { last: 99, idle: 8, max: 500 }, 100],
  ])('%s', (_when, { last, idle, max }, end) => {
    const session = { ...promised, lastSeenAt: hour(last) }
    expect(endOf(session, { sessionIdleHours: idle, sessionMaxHours: max })).toEqual(new Date(hour(end)))
  })
})
