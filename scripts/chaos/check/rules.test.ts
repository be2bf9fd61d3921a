import { expect, test } from 'vitest'
import type { Found, FoundExecution, Known } from './found.ts'
import { lostOf } from './rules.ts'

const run: FoundExecution = {
  id: 'exe_1',
  agentId: 'marks',
  batchId: 'bat_1',
  mode: 'report',
  state: 'succeeded',
  outcome: 'succeeded',
  problem: null,
  startedBy: 'schedule:Hourly',
  finishedAt: '2026-03-01T12:00:01.000Z',
  logLines: 3,
  cancelRequestedBy: null,
  hasReport: true,
  journal: ['claimed', 'launch.intent', 'running', 'finished'].map((step, at) => ({ seq: at + 1, step })),
}

const whole: Found = {
  executions: [run],
  logs: new Map([['exe_1', { seqs: [1, 2, 3], printed: ['line 1', 'line 2'], hasTorn: false }]]),
  schedules: [
    {
      id: 'sch_1',
      everyMs: 3_600_000,
      fromMs: Date.parse('2026-03-01T12:00:00Z'),
      nextAt: '2026-03-01T13:00:00.000Z',
    },
  ],
  occurrences: [
    { scheduleId: 'sch_1', at: '2026-03-01T12:00:00.000Z', state: 'ran', count: 1, batchId: 'bat_1' },
  ],
  calls: [{ day: '2026-03-01', agentId: 'marks', charged: 5, state: 'settled' }],
  spend: new Map([['2026-03-01 marks', 5]]),
  tag: 4,
  damage: null,
  audit: null,
  left: [],
}

const known: Known = {
  runs: new Map([['exe_1', { count: 2 }]]),
  cancels: [],
  schedules: ['sch_1'],
  changes: [
    { number: 3, askedAt: 1, overAt: 4, isAcknowledged: true },
    { number: 4, askedAt: 3, overAt: 5, isAcknowledged: true },
    { number: 5, askedAt: 6, overAt: null, isAcknowledged: false },
  ],
  marks: ['exe_1'],
  callsMade: 1,
}

const withRun = (changed: Partial<FoundExecution>): Found => ({
  ...whole,
  executions: [{ ...run, ...changed }],
})
const withLog = (seqs: number[], printed: string[], hasTorn = false): Found => ({
  ...whole,
  logs: new Map([['exe_1', { seqs, printed, hasTorn }]]),
})

test('of a folder where all is there nothing is lost', () => {
  expect(lostOf(whole, known)).toEqual([])
})

/** Changes as one person makes them. */
const oneByOne = [4, 5].map((number) => ({
  number,
  askedAt: 2 * number,
  overAt: 2 * number + 1,
  isAcknowledged: true,
}))

test.each([3, 4, 5])('of changes under way at a time any may be the last: %i', (tag) => {
  expect(lostOf({ ...whole, tag }, known)).toEqual([])
})

const losses: [string, Found, Partial<Known>, RegExp][] = [
  ['a damaged page', { ...whole, damage: 'page 7' }, {}, /damaged: page 7/],
  ['a broken audit trail', { ...whole, audit: 'removed at line 3' }, {}, /audit trail/],
  [
    'a process on a node',
    { ...whole, left: [{ id: 'exe_1', what: 'process 7' }] },
    {},
    /left on a node: process 7 of exe_1/,
  ],
  ['a run that goes on for ever', withRun({ state: 'running', hasReport: false }), {}, /never ended/],
  ['a hole in a journal', withRun({ journal: run.journal.slice(1) }), {}, /journal of exe_1 has holes/],
  [
    'an end said twice',
    withRun({ journal: [...run.journal, { seq: 5, step: 'finished' }] }),
    {},
    /2 times that it ended/,
  ],
  ['an outcome of another kind', withRun({ outcome: 'lost' }), {}, /its outcome is lost/],
  ['a report', withRun({ hasReport: false }), {}, /has no report/],
  ['an entry of a log', withLog([1, 3], ['line 1', 'line 2']), {}, /log of exe_1 has holes/],
  ['the end of a log', withLog([1, 2], ['line 1', 'line 2']), {}, /2 of 3 entries/],
  ['a line twice', withLog([1, 2, 3], ['line 1', 'line 1']), {}, /2 lines that were printed/],
  ['half an entry', withLog([1, 2, 3], ['line 1', 'line 2'], true), {}, /half an entry/],
  ['a second run', whole, { marks: ['exe_1', 'exe_1'] }, /ran 2 times/],
  ['a run that nobody knows', whole, { marks: ['exe_1', 'exe_2'] }, /of which nothing is known/],
  ['a run that never was', whole, { marks: [] }, /without having run/],
  ['a start that was acknowledged', whole, { runs: new Map([['exe_9', { count: 1 }]]) }, /start of exe_9/],
  ['a cancel that was acknowledged', whole, { cancels: ['exe_1'] }, /cancel of exe_1/],
  ['a schedule that was acknowledged', whole, { schedules: ['sch_9'] }, /sch_9 was acknowledged/],
  ['a change that was acknowledged', { ...whole, tag: 0 }, {}, /change 4 of a node was .* it is at 0/],
  ['a change that was undone later', whole, { changes: oneByOne }, /change 5 of a node was .* it is at 4/],
  ['a change that nobody asked for', { ...whole, tag: 6 }, {}, /it is at 6/],
  ['a time of a schedule', { ...whole, occurrences: [] }, {}, /0 of the 1 times/],
  [
    'what a time started',
    { ...whole, executions: [] },
    { runs: new Map(), marks: [] },
    /exactly one execution/,
  ],
  ['a sum of money', { ...whole, spend: new Map() }, {}, /is 0 instead of 5/],
  ['a call that was made', whole, { callsMade: 2 }, /2 calls were made, and 1/],
]
test.each(losses)('%s is noticed', (_, found, changed, words) => {
  expect(lostOf(found, { ...known, ...changed }).join('\n')).toMatch(words)
})
