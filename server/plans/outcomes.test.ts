import { describe, expect, test } from 'vitest'
import type { ActionReport } from '../../contract/agent-protocol.ts'
import { lastReports, outcomeOfAction } from './outcomes.ts'

const report = (
  aid: string,
  state: ActionReport['state'],
  rest: Partial<ActionReport> = {},
): ActionReport => ({
  aid,
  state,
  reason: null,
  why: null,
  bytesFreed: null,
  undo: null,
  ...rest,
})
const at = '2026-03-01T12:00:00.000Z'

describe('of what a run says about an action', () => {
  test.each<[said: ActionReport['state'][], counts: ActionReport['state']]>([
    [['started'], 'started'],
    [['started', 'done'], 'done'],
    [['started', 'done', 'started'], 'done'],
    [['started', 'failed', 'done'], 'failed'],
    [['skipped'], 'skipped'],
  ])('%j, %s counts', (said, counts) => {
    expect(lastReports(said.map((state) => report('a', state))).get('a')?.state).toBe(counts)
  })
})

const whole = { reports: [], isWhole: true }
const half = { reports: [], isWhole: false }

test.each([
  ['was said to be done', report('a', 'done'), 'lost', half, 'done'],
  ['was begun, and the run was heard to its end', report('a', 'started'), 'failed', whole, 'unknown'],
  ['was begun, and the run was lost', report('a', 'started'), 'lost', half, 'unknown'],
  ['was never named, and the run was heard to its end', undefined, 'failed', whole, 'not-run'],
  ['was never named, and the rest was not heard', undefined, 'failed', half, 'unknown'],
  ['was never named, and the run was lost', undefined, 'lost', half, 'unknown'],
  ['was never named, for the node was not reached', undefined, 'unreachable', null, 'not-run'],
  ['was never named, for nobody let it begin', undefined, 'blocked', null, 'not-run'],
  ['was never named, for it was cancelled in the queue', undefined, 'cancelled', null, 'not-run'],
  ['was never named, and nobody knows whether it ran', undefined, 'lost', null, 'unknown'],
] as const)('an action that %s', (_, last, outcome, told, kind) => {
  expect(outcomeOfAction(last, { outcome, told }, at)).toMatchObject({ kind, at })
})
