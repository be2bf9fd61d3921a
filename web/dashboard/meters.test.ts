import { expect, test } from 'vitest'
import type { LatestMetric } from '../../contract/reports.ts'
import type { NodeId } from '../../contract/ids.ts'
import { toMeters } from './meters.ts'

const of = (node: string, name: string, value: number, mount: string | null, day: number): LatestMetric => ({
  nodeId: node as NodeId,
  name,
  value,
  unit: '%',
  labels: mount === null ? {} : { mount },
  at: `2026-11-0${day}T07:00:00.000Z`,
})

test('a node shows its fullest file system of the last run, and its memory', () => {
  const meters = toMeters([
    of('nas', 'disk.used_pct', 40, '/', 2),
    of('nas', 'disk.used_pct', 91, '/var', 2),
    of('nas', 'disk.used_pct', 99, '/gone', 1),
    of('nas', 'memory.used_pct', 55, null, 2),
    of('pi', 'memory.used_pct', 12, null, 1),
  ])
  expect(meters.get('nas')).toEqual({ disk: { percent: 91, mount: '/var' }, memory: 55 })
  expect(meters.get('pi')).toEqual({ disk: null, memory: 12 })
  expect(meters.get('none')).toBeUndefined()
})
