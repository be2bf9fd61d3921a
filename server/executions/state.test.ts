import { describe, expect, test } from 'vitest'
import { type ExecutionState, executionState, finalStates } from '../../contract/executions.ts'
import { canMove, statesBefore } from './state.ts'

describe('an execution may go', () => {
  test.each<[from: ExecutionState, to: ExecutionState]>([
    ['queued', 'connecting'],
    ['queued', 'cancelled'],
    ['connecting', 'queued'],
    ['connecting', 'running'],
    ['connecting', 'unreachable'],
    ['connecting', 'blocked'],
    ['connecting', 'lost'],
    ['running', 'stopping'],
    ['running', 'succeeded'],
    ['running', 'timed-out'],
    ['stopping', 'cancelled'],
    ['stopping', 'succeeded'],
  ])('from %s to %s', (from, to) => {
    expect(canMove(from, to)).toBe(true)
    expect(statesBefore(to)).toContain(from)
  })
})

describe('an execution never goes', () => {
  test.each<[from: ExecutionState, to: ExecutionState]>([
    ['queued', 'running'],
    ['queued', 'succeeded'],
    ['running', 'queued'],
    ['running', 'connecting'],
    ['running', 'blocked'],
    ['running', 'unreachable'],
    ['stopping', 'running'],
    ['stopping', 'queued'],
  ])('from %s to %s', (from, to) => {
    expect(canMove(from, to)).toBe(false)
    expect(statesBefore(to)).not.toContain(from)
  })

  test.each(finalStates)('anywhere from %s', (from) => {
    expect(executionState.options.filter((to) => canMove(from, to))).toEqual([])
  })
})
