import { expect, test } from 'vitest'
import type { StoryEvent } from '../../contract/story.ts'
import { cutPage } from './timeline.ts'

const at = (minute: number, seq: number): StoryEvent => ({
  kind: 'audit',
  at: `2026-11-01T07:0${minute}:00.000Z`,
  seq,
  actor: 'user:anna',
  action: 'node.tested',
})
const seqs = (events: readonly StoryEvent[]) => events.map((event) => event.kind === 'audit' && event.seq)

test.each([
  ['all of it', [at(1, 1), at(3, 3), at(2, 2)], 5, [3, 2, 1], null],
  ['a page', [at(1, 1), at(3, 3), at(2, 2)], 2, [3, 2], '2026-11-01T07:02:00.000Z'],
  [
    'what belongs to one moment together',
    [at(1, 1), at(2, 2), at(2, 3), at(2, 4)],
    1,
    [2, 3, 4],
    '2026-11-01T07:02:00.000Z',
  ],
  ['nothing', [], 5, [], null],
])('a page holds %s', (_, events, limit, expected, next) => {
  const page = cutPage(events, limit)
  expect(seqs(page.items)).toEqual(expected)
  expect(page.next).toBe(next)
})
