import { describe, expect, test } from 'vitest'
import { executionStart, executionState, executionsApi, finalStates, isFinal } from './executions.ts'

describe('a request to run an agent', () => {
  const least = { agentId: 'system-health', targets: ['nas'] }

  test('needs no more than the agent and where', () => {
    expect(executionStart.parse(least)).toEqual({ ...least, options: {}, dryRun: false, timeoutS: null })
  })

  test.each<[name: string, given: Record<string, unknown>]>([
    ['no nodes', { targets: [] }],
    ['no time', { timeoutS: 0 }],
    ['more than a day', { timeoutS: 86_401 }],
    ['half a second', { timeoutS: 0.5 }],
    ['an agent that cannot be', { agentId: '../x' }],
    ['a typing mistake', { dryrun: true }],
  ])('is refused with %s', (_name, given) => {
    expect(executionStart.safeParse({ ...least, ...given }).success).toBe(false)
  })
})

test('an execution has either ended or not', () => {
  expect(executionState.options.filter(isFinal)).toEqual([...finalStates])
  expect(executionState.options.filter((state) => !isFinal(state))).toEqual([
    'queued',
    'connecting',
    'running',
    'stopping',
  ])
})

test('a range of a log is asked for with numbers from the address', () => {
  const { query } = executionsApi.executions.log
  expect(query.parse({})).toEqual({ after: 0, limit: 500 })
  expect(query.parse({ after: '12', limit: '5000' })).toEqual({ after: 12, limit: 5_000 })
  expect(query.safeParse({ limit: '5001' }).success).toBe(false)
  expect(query.safeParse({ after: '-1' }).success).toBe(false)
})
