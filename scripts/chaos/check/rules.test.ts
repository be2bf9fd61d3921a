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
  tagAsked: 5,
  tagAcknowledged: 4,
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

const losses: [string, Found, Partial<Known>, RegExp][] = [
  ['a damaged page', { ...whole, damage: 'page 7' }, {}, /damaged: page 7/],
  ['a broken audit trail', { ...whole, audit: 'removed at line 3' }, {}, /audit trail/],
  ['a process on a node', { ...whole, left: ['process 7'] }, {}, /left on a node/],
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
  ['a change that was acknowledged', whole, { tagAcknowledged: 5 }, /change 5 of a node/],
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
