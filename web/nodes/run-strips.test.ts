import { expect, test } from 'vitest'
import { anExecution, executionIdOf, nodeIdOf } from '../fixtures.ts'
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
