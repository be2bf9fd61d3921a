import { expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createRoom, readRoom } from './room.ts'

const open = () => {
  const clock = createFakeClock()
  const inMs = (ms: number) => new Date(clock.now().getTime() + ms)
  return { clock, inMs, room: createRoom({ clock }) }
}

test('nothing is waited for before the other side has said anything, nor for another model', () => {
  const { room, inMs } = open()
  expect(room.take('haiku', 5_000)).toBe(0)
  room.note('haiku', { requests: { remaining: 0, resetsAt: inMs(3_000) }, inputTokens: null })
  expect(room.take('sonnet', 5_000)).toBe(0)
})

test('the last request of a minute may go, and the next waits for the minute to end', async () => {
  const { room, inMs, clock } = open()
  room.note('haiku', { requests: { remaining: 1, resetsAt: inMs(3_000) }, inputTokens: null })
  expect(room.take('haiku', 5_000)).toBe(0)
  expect(room.take('haiku', 5_000)).toBe(3_000)
  await clock.advance(3_000)
  expect(room.take('haiku', 5_000)).toBe(0)
})

test('tokens count like requests, and the longer wait counts', () => {
  const { room, inMs } = open()
  room.note('haiku', {
    requests: { remaining: 0, resetsAt: inMs(1_000) },
    inputTokens: { remaining: 4_999, resetsAt: inMs(2_000) },
  })
  expect(room.take('haiku', 5_000)).toBe(2_000)
})

test('a reset in an hour, or in the past, is not waited for', () => {
  const { room, inMs } = open()
  for (const ms of [3_600_000, -1]) {
    room.note('haiku', { requests: { remaining: 0, resetsAt: inMs(ms) }, inputTokens: null })
    expect(room.take('haiku', 1)).toBe(0)
  }
})

test.each([
  [{}, { requests: null, inputTokens: null }],
  [
    {
      'anthropic-ratelimit-requests-remaining': '7',
      'anthropic-ratelimit-requests-reset': '2026-11-26T10:00:00Z',
      'anthropic-ratelimit-input-tokens-remaining': 'many',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-26T10:00:00Z',
    },
    { requests: { remaining: 7, resetsAt: new Date('2026-11-26T10:00:00Z') }, inputTokens: null },
  ],
  [
    {
      'anthropic-ratelimit-requests-remaining': '7',
      'anthropic-ratelimit-requests-reset': 'soon',
    },
    { requests: null, inputTokens: null },
  ],
])('headers %j say %j', (headers, room) =>
  expect(readRoom(new Headers(headers as Record<string, string>))).toEqual(room),
)
