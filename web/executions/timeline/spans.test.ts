import { describe, expect, test } from 'vitest'
import type { Execution, JournalEntry, LogEntry, Outcome } from '../../../contract/executions.ts'
import { axisOf, placeOn, ticksOf } from './axis.ts'
import { moveOf, toRows } from './rows.ts'
import { toSpans } from './spans.ts'

const zero = Date.parse('2026-11-25T10:00:00.000Z')
const at = (ms: number) => new Date(zero + ms).toISOString()
const steps = (...all: readonly (readonly [step: string, ms: number])[]): JournalEntry[] =>
  all.map(([step, ms], index) => ({ seq: index + 1, at: at(ms), step, detail: {} }))
const said = (...all: readonly (readonly [ms: number, message: Record<string, unknown>])[]): LogEntry[] =>
  all.map(([ms, message], index) => ({
    seq: index + 1,
    at: at(ms),
    stream: 'agent',
    level: 'info',
    text: '',
    message,
  }))
const outcome = (kind: Outcome['kind']): Outcome => ({
  kind,
  problem: null,
  partial: false,
  exitCode: null,
  signal: null,
  forced: false,
  left: [],
  attempts: 1,
  lastLines: [],
})
const times = (
  finishedMs: number | null,
  kind: Outcome['kind'] = 'succeeded',
): Pick<Execution, 'queuedAt' | 'finishedAt' | 'outcome'> => ({
  queuedAt: at(0),
  finishedAt: finishedMs === null ? null : at(finishedMs),
  outcome: finishedMs === null ? null : outcome(kind),
})
const progress = (step: string, state: string, more: Record<string, unknown> = {}) => ({
  kind: 'progress',
  step,
  state,
  ...more,
})
const exec = (argv: string[], rc: number | null, ms: number) => ({
  kind: 'exec',
  argv,
  rc,
  ms,
  out: 10,
  err: 0,
  note: null,
})
/** `kind name start–end state`, indented below the parent. */
const drawn = (spans: ReturnType<typeof toSpans>) =>
  toRows(spans, new Set()).map(
    ({ span, level }) =>
      `${'  '.repeat(level - 1)}${[span.kind, span.name].filter(Boolean).join(' ')} ${span.startMs - zero}–${span.endMs === null ? '' : span.endMs - zero} ${span.state}`,
  )

const usual = steps(['claimed', 10], ['launch.intent', 200], ['running', 400], ['finished', 1_000])

describe('an execution as spans', () => {
  test.each<[string, ReturnType<typeof times>, JournalEntry[], LogEntry[], string[]]>([
    ['only waits', times(null), [], [], ['queued 0– active']],
    ['connects', times(null), steps(['claimed', 10]), [], ['queued 0–10 ok', 'connect 10– active']],
    [
      'could not reach its node',
      times(5_000, 'unreachable'),
      steps(['claimed', 10], ['finished', 5_000]),
      [],
      ['queued 0–10 ok', 'connect 10–5000 error'],
    ],
    [
      'runs: a step goes on, and it started before the server heard of it',
      times(null),
      steps(['claimed', 10], ['launch.intent', 200], ['running', 400]),
      said(
        [350, progress('host', 'start')],
        [360, progress('host', 'ok', { ms: 10 })],
        [370, progress('disks', 'start')],
      ),
      [
        'queued 0–10 ok',
        'connect 10–200 ok',
        'start 200–400 ok',
        'agent 350– active',
        '  step host 350–360 ok',
        '  step disks 370– active',
      ],
    ],
    [
      'succeeded, with a command inside of the only step it can belong to',
      times(1_000),
      usual,
      said(
        [400, progress('disks', 'start')],
        [500, exec(['/usr/bin/df', '-P'], 0, 50)],
        [600, progress('disks', 'ok', { ms: 200 })],
        [900, { kind: 'result', status: 'ok' }],
      ),
      [
        'queued 0–10 ok',
        'connect 10–200 ok',
        'start 200–400 ok',
        'agent 400–900 ok',
        '  step disks 400–600 ok',
        '    command df 450–500 ok',
        'report 900–1000 ok',
      ],
    ],
    [
      'leaves a command beside steps that ran side by side',
      times(1_000),
      usual,
      said(
        [400, progress('disks', 'start')],
        [410, progress('updates', 'start')],
        [500, exec(['sudo', '-n', '/usr/sbin/dmesg'], 1, 50)],
        [600, progress('disks', 'ok')],
        [700, progress('updates', 'error')],
        [900, { kind: 'result', status: 'partial' }],
      ),
      [
        'queued 0–10 ok',
        'connect 10–200 ok',
        'start 200–400 ok',
        'agent 400–900 ok',
        '  step disks 400–600 ok',
        '  step updates 410–700 error',
        '  command dmesg 450–500 error',
        'report 900–1000 ok',
      ],
    ],
    [
      'was cancelled: the step under way is cut off',
      times(2_000, 'cancelled'),
      steps(
        ['claimed', 10],
        ['launch.intent', 200],
        ['running', 400],
        ['cancel.requested', 1_500],
        ['stopping', 1_510],
        ['finished', 2_000],
      ),
      said([500, progress('slow', 'start')]),
      [
        'queued 0–10 ok',
        'connect 10–200 ok',
        'start 200–400 ok',
        'agent 400–2000 error',
        '  step slow 500–2000 error',
        'stop 1500–2000 ok',
      ],
    ],
    [
      'was cancelled while it waited',
      times(300, 'cancelled'),
      steps(['cancel.requested', 300], ['finished', 300]),
      [],
      ['queued 0–300 ok'],
    ],
    [
      'lost the link and found the run again',
      times(1_000),
      steps(
        ['claimed', 10],
        ['launch.intent', 200],
        ['running', 400],
        ['link.lost', 500],
        ['attached', 800],
        ['finished', 1_000],
      ),
      said([950, { kind: 'result', status: 'ok' }]),
      [
        'queued 0–10 ok',
        'connect 10–200 ok',
        'start 200–400 ok',
        'agent 400–950 ok',
        'away 500–800 ok',
        'report 950–1000 ok',
      ],
    ],
    [
      'went back into the queue',
      times(null),
      steps(['claimed', 10], ['handed-back', 100], ['claimed', 500]),
      [],
      ['queued 0–10 ok', 'connect 10–100 error', 'queued 100–500 ok', 'connect 500– active'],
    ],
  ])('%s', (_, execution, journal, entries, expected) => {
    expect(drawn(toSpans(execution, journal, entries))).toEqual(expected)
  })

  test('a step that says how far it is stays one step', () => {
    const entries = said(
      [400, progress('scan', 'start', { done: 0, total: 2 })],
      [500, progress('scan', 'start', { done: 1, total: 2 })],
      [600, progress('scan', 'ok')],
    )
    const spans = toSpans(times(null), usual.slice(0, 3), entries)
    expect(spans.filter(({ kind }) => kind === 'step')).toMatchObject([
      { startMs: zero + 400, endMs: zero + 600 },
    ])
  })

  test('a node whose clock ran away pushes nothing out of the agent', () => {
    const entries = said([9_000_000, exec(['late'], 0, 50)], [900, { kind: 'result', status: 'ok' }])
    expect(drawn(toSpans(times(1_000), usual, entries))).toContain('  command late 900–900 ok')
  })

  test('what an agent makes of its messages is never taken at its word', () => {
    const entries = said([400, { kind: 'progress', step: 7 }], [410, { kind: 'exec', argv: 'rm -rf' }])
    expect(drawn(toSpans(times(null), usual.slice(0, 3), entries))).toHaveLength(4)
  })
})

describe('the tree by keyboard', () => {
  const spans = toSpans(
    times(1_000),
    usual,
    said([400, progress('disks', 'start')], [500, exec(['df'], 0, 50)], [600, progress('disks', 'ok')]),
  )
  const rows = toRows(spans, new Set())
  const ids = rows.map(({ span }) => span.id)
  test.each([
    ['ArrowDown', 0, { kind: 'to', id: ids[1] }],
    ['ArrowUp', 0, { kind: 'to', id: ids[0] }],
    ['End', 0, { kind: 'to', id: ids.at(-1) }],
    ['Home', 4, { kind: 'to', id: ids[0] }],
    ['ArrowLeft', 5, { kind: 'to', id: ids[4] }],
    ['ArrowLeft', 4, { kind: 'fold', id: ids[4] }],
    ['ArrowRight', 4, { kind: 'to', id: ids[5] }],
    ['ArrowRight', 0, null],
    ['ArrowLeft', 0, null],
    ['x', 0, null],
  ])('%s on line %i', (key, from, expected) => {
    expect(moveOf(key, rows, ids[from] ?? null)).toEqual(expected)
  })

  test('what is folded shows no children, and unfolds again', () => {
    const folded = new Set([ids[3] ?? ''])
    const fewer = toRows(spans, folded)
    expect(fewer).toHaveLength(4)
    expect(moveOf('ArrowRight', fewer, ids[3] ?? null)).toEqual({ kind: 'unfold', id: ids[3] })
  })
})

describe('the axis of time', () => {
  test('reaches from the first start to the last end, and to now while something goes on', () => {
    expect(
      axisOf(
        [
          { startMs: 5, endMs: 9 },
          { startMs: 7, endMs: null },
        ],
        20,
      ),
    ).toEqual({ fromMs: 5, toMs: 20 })
    expect(axisOf([], 20)).toEqual({ fromMs: 20, toMs: 21 })
  })

  test.each([
    [1_000, 5, [0, 200, 400, 600, 800, 1_000]],
    [6_300, 4, [0, 2_000, 4_000, 6_000]],
    [7 * 86_400_000, 4, [0, 2 * 86_400_000, 4 * 86_400_000, 6 * 86_400_000]],
  ])('%i ms in at most %i parts', (length, most, expected) => {
    expect(ticksOf({ fromMs: 0, toMs: length }, most)).toEqual(expected)
  })

  test('has a place for everything', () => {
    expect([-5, 0, 50, 100, 200].map((ms) => placeOn({ fromMs: 0, toMs: 100 }, ms))).toEqual([
      0, 0, 50, 100, 100,
    ])
  })
})
