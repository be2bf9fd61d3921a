import { expect, test } from 'vitest'
import { anExecution, executionIdOf, nodeIdOf } from '../fixtures.ts'
import { latestReports } from './detail/latest-reports.ts'
import { toStrips } from './run-strips.ts'

const on = (node: number, execution: number) =>
  anExecution({ id: executionIdOf(execution), nodeId: nodeIdOf(node) })

test('each node has its own strip, the newest at the right, and no more than fits', () => {
  const strips = toStrips([
    on(1, 30),
    on(2, 29),
    on(1, 28),
    ...Array.from({ length: 12 }, (_, at) => on(1, 20 - at)),
  ])
  expect(strips.get(nodeIdOf(2))?.map(({ id }) => id)).toEqual([executionIdOf(29)])
  const [first, last] = [strips.get(nodeIdOf(1))?.[0], strips.get(nodeIdOf(1))?.at(-1)]
  expect(strips.get(nodeIdOf(1))).toHaveLength(8)
  expect([first?.id, last?.id]).toEqual([executionIdOf(15), executionIdOf(30)])
})

test('the last word of an agent is its newest report, not its newest attempt', () => {
  const executions = [
    anExecution({ id: executionIdOf(3), verdict: null }),
    anExecution({ id: executionIdOf(2), verdict: 'All is well.' }),
    anExecution({ id: executionIdOf(1), verdict: 'One thing needs you.' }),
  ]
  expect(latestReports(executions).map(({ id }) => id)).toEqual([executionIdOf(2)])
})
