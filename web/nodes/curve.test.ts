import { expect, test } from 'vitest'
import { curve } from './curve.ts'

const at = (hour: number, value: number) => ({
  at: `2026-03-01T${String(hour).padStart(2, '0')}:00:00.000Z`,
  value,
})

test.each<[what: string, points: ReturnType<typeof at>[], line: string]>([
  ['nothing', [], ''],
  ['one value', [at(1, 7)], 'M0 10L100 10'],
  ['a rise', [at(0, 0), at(1, 10)], 'M0 17L100 3'],
  ['a figure that never moved', [at(0, 5), at(2, 5)], 'M0 10L100 10'],
  ['time, not order, that sets the distance', [at(0, 0), at(1, 10), at(4, 0)], 'M0 17L25 3L100 17'],
  ['two at the same instant', [at(1, 1), at(1, 2)], 'M100 17L100 3'],
])('draws %s', (_what, points, line) => {
  expect(curve(points, 100, 20).line).toBe(line)
})
