import { expect, test } from 'vitest'
import type { ExecutionState } from '../../contract/executions.ts'
import { anExecution, executionIdOf, nodeIdOf } from '../fixtures.ts'
import { summarise } from './batch.ts'
import { runsByNode, toPairs } from './pairs.ts'

const run = (number: number, node: number, agentId = 'hello', state: ExecutionState = 'succeeded') =>
  anExecution({ id: executionIdOf(number), nodeId: nodeIdOf(node), agentId, state })

/** Newest first, as the list comes. */
const runs = [run(6, 1), run(5, 2), run(4, 1, 'counts'), run(3, 1), run(2, 1), run(1, 2)]

test('each agent and node is one row, the last one first, with its runs from old to new', () => {
  const pairs = toPairs(runs, 12)
  expect(pairs.map(({ latest }) => latest.id)).toEqual([6, 5, 4].map(executionIdOf))
  expect(pairs[0]?.runs.map(({ id }) => id)).toEqual([2, 3, 6].map(executionIdOf))
})

test('a strip keeps the newest runs when there are more than it holds', () => {
  expect(toPairs(runs, 2)[0]?.runs.map(({ id }) => id)).toEqual([3, 6].map(executionIdOf))
  expect(
    runsByNode(runs, 3)
      .get(nodeIdOf(1))
      ?.map(({ id }) => id),
  ).toEqual([3, 4, 6].map(executionIdOf))
})

test('a batch tells what needs a look first, and what still runs', () => {
  const batch = summarise([
    run(1, 1),
    run(2, 2, 'hello', 'blocked'),
    run(3, 3, 'hello', 'running'),
    run(4, 4, 'hello', 'queued'),
    run(5, 5),
  ])
  expect(batch).toMatchObject({ total: 5, finished: 3 })
  expect(batch.counts.map(({ state, count }) => `${state} ${count}`)).toEqual([
    'blocked 1',
    'running 1',
    'queued 1',
    'succeeded 2',
  ])
  expect(batch.active.map(({ id }) => id)).toEqual([3, 4].map(executionIdOf))
})
