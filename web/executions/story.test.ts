import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../contract/executions.ts'
import { continues, emptyStory, foundIn, readOn, stepsOf } from './story.ts'

const entry = (seq: number, stream: LogEntry['stream'], message: LogEntry['message'] = null): LogEntry => ({
  seq,
  at: '2026-11-25T10:00:00.000Z',
  stream,
  level: 'info',
  text: `text ${seq}`,
  message,
})
const progress = (seq: number, step: string, state: string, more = {}) =>
  entry(seq, 'agent', { kind: 'progress', step, state, ...more })
const numbers = (story: typeof emptyStory) => story.entries.map(({ seq }) => seq)

describe('the story of a log', () => {
  test('keeps what tells of a step, a command, a finding or the server, and lets go of what was printed', () => {
    const story = readOn(emptyStory, [
      entry(1, 'server'),
      entry(2, 'out'),
      progress(3, 'disks', 'start'),
      entry(4, 'agent', { kind: 'log', level: 'info', msg: 'hello' }),
      entry(5, 'agent', { kind: 'exec', argv: ['df'] }),
      entry(6, 'raw'),
    ])
    expect(numbers(story)).toEqual([1, 3, 5])
    expect(story.lastSeq).toBe(6)
  })

  test('takes nothing twice, whichever of socket and fetch brings it first', () => {
    const first = readOn(emptyStory, [entry(1, 'server'), entry(2, 'server')])
    const again = readOn(first, [entry(2, 'server'), entry(3, 'server')])
    expect(numbers(again)).toEqual([1, 2, 3])
    expect(readOn(again, [entry(1, 'server')])).toBe(again)
  })

  test('keeps the same entries when only printed lines follow, so that nothing is drawn anew', () => {
    const first = readOn(emptyStory, [entry(1, 'server')])
    expect(readOn(first, [entry(2, 'out')]).entries).toBe(first.entries)
  })

  test.each([
    [[1], true],
    [[3], true],
    [[4], false],
    [[], true],
  ])('knows whether entries from %j on leave a hole', (seqs, expected) => {
    const story = { lastSeq: 2, entries: [] }
    expect(
      continues(
        story,
        seqs.map((seq) => entry(seq, 'out')),
      ),
    ).toBe(expected)
  })
})

describe('the steps of an agent', () => {
  test('stand in the order in which they began, each as it stands now', () => {
    const story = readOn(emptyStory, [
      progress(1, 'disks', 'start'),
      progress(2, 'updates', 'start', { done: 1, total: 4 }),
      progress(3, 'disks', 'ok', { ms: 12 }),
    ])
    expect(stepsOf(story)).toEqual([
      { name: 'disks', state: 'ok', ms: 12, percent: null },
      { name: 'updates', state: 'start', ms: null, percent: 25 },
    ])
  })

  test('are left out where an agent says nonsense', () => {
    const odd = [entry(1, 'agent', { kind: 'progress', step: 4, state: 'ok' }), progress(2, 'x', 'exploded')]
    expect(stepsOf(readOn(emptyStory, odd))).toEqual([])
  })
})

test('what was found so far leads to its line in the log', () => {
  const story = readOn(emptyStory, [entry(7, 'agent', { kind: 'finding', key: 'disk.full:/var' })])
  expect(foundIn(story)).toEqual([{ seq: 7, key: 'disk.full:/var', text: 'text 7' }])
})
