import { describe, expect, test } from 'vitest'
import { toProblem } from '../../contract/errors.ts'
import { outcome as outcomeShape } from '../../contract/executions.ts'
import { type EndFrame, outcomeOf, outcomeWithout, type ResultStatus } from './outcome.ts'

interface Case {
  end?: Partial<EndFrame>
  status?: ResultStatus | null
  reason?: string | null
}

function outcomeIn({ end = {}, status = null, reason = null }: Case) {
  const outcome = outcomeOf({
    end: {
      t: 'end',
      q: 9,
      ms: 1_000,
      code: 0,
      sig: null,
      why: null,
      forced: false,
      strays: 0,
      left: [],
      ...end,
    },
    status,
    reason,
    timeoutS: 60,
    attempts: 1,
    lastLines: ['bye'],
  })
  return outcomeShape.parse(outcome)
}

describe('an execution ends as', () => {
  test.each<[kind: string, when: string, given: Case, partial?: boolean]>([
    ['succeeded', 'the agent says so', { status: 'ok' }],
    ['succeeded', 'it exits with 0 and says nothing', {}],
    ['succeeded', 'it could not see everything', { status: 'partial' }, true],
    ['failed', 'it says that it failed', { status: 'error', end: { code: 1 } }],
    ['failed', 'it says that it failed, and exits with 0', { status: 'error' }],
    ['failed', 'it exits with 1, though it said ok', { status: 'ok', end: { code: 1 } }],
    ['failed', 'its options are wrong (2)', { end: { code: 2 } }],
    ['failed', 'it was damaged on the way (3)', { end: { code: 3 } }],
    ['timed-out', 'it stopped itself in time (4)', { status: 'timeout', end: { code: 4 } }],
    ['cancelled', 'it was cancelled (5)', { status: 'cancelled', end: { code: 5 } }],
    ['failed', 'it exits with any other status', { end: { code: 139 } }],
    ['failed', 'it is killed on the node', { end: { code: null, sig: 9 } }],
    ['cancelled', 'a person asked for it', { end: { why: 'cancel', code: null, sig: 15 } }],
    ['timed-out', 'the node stopped it', { end: { why: 'timeout', code: null, sig: 15 } }],
    ['lost', 'the link broke', { end: { why: 'disconnect', code: null, sig: 15 } }],
    ['lost', 'the node heard nothing any more', { end: { why: 'heartbeat', code: null, sig: 15 } }],
    ['lost', 'the server came back too late', { end: { why: 'lease', code: null, sig: 9 } }],
    ['failed', 'the node had no room for it', { end: { why: 'full', code: null, sig: 15 } }],
    ['lost', 'the node was shut down', { end: { why: 'signal 15', code: null, sig: 15 } }],
  ])('%s when %s', (kind, _when, given, partial = false) => {
    expect(outcomeIn(given)).toMatchObject({ kind, partial, attempts: 1, lastLines: ['bye'] })
  })
})

describe('the first cause wins', () => {
  test.each<[name: string, kind: string, given: Case]>([
    ['a cancel that the agent survived to say ok', 'cancelled', { end: { why: 'cancel' }, status: 'ok' }],
    ['a timeout, with a cancel in its grace', 'timed-out', { end: { why: 'timeout' }, status: 'cancelled' }],
    ['a cancel, during which time ran out', 'cancelled', { end: { why: 'cancel' }, status: 'timeout' }],
    [
      'a broken link, though the agent heard "cancel"',
      'lost',
      { end: { why: 'lease' }, status: 'cancelled' },
    ],
  ])('%s', (_name, kind, given) => {
    expect(outcomeIn(given).kind).toBe(kind)
  })
})

describe('an outcome says', () => {
  test('nothing is wrong when nothing is', () => {
    expect(outcomeIn({ status: 'ok' }).problem).toBeNull()
    expect(outcomeIn({ end: { why: 'cancel' } }).problem).toBeNull()
  })

  test.each<[detail: string, given: Case]>([
    ['KeyError: disk', { status: 'error', reason: 'KeyError: disk', end: { code: 1 } }],
    ['The agent reported an error.', { status: 'error' }],
    ['The agent ended with exit status 2.', { end: { code: 2 } }],
    ['The agent was ended on the node by signal 9.', { end: { code: null, sig: 9 } }],
    ['The agent was stopped after 60 s.', { end: { why: 'timeout' } }],
    ['The connection broke, and the agent stopped itself on the node.', { end: { why: 'disconnect' } }],
    ['The agent was stopped on the node (signal 1).', { end: { why: 'signal 1' } }],
  ])('%s', (detail, given) => {
    expect(outcomeIn(given).problem?.detail).toBe(detail)
  })

  test('how the processes ended, and which are left', () => {
    expect(
      outcomeIn({ end: { why: 'cancel', code: null, sig: 9, forced: true, left: [4_711] } }),
    ).toMatchObject({ exitCode: null, signal: 9, forced: true, left: [4_711] })
  })

  test('why it never came to the node', () => {
    const problem = toProblem('ssh.connection_refused')
    const outcome = outcomeShape.parse(outcomeWithout('unreachable', problem, 3))
    expect(outcome).toMatchObject({ kind: 'unreachable', problem, attempts: 3, exitCode: null, left: [] })
  })
})
