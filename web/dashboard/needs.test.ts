import { expect, test } from 'vitest'
import { aFinding, ago, aNode } from '../fixtures.ts'
import { toNeeds } from './needs.ts'

test('critical findings come before nodes in need, and those before high findings; acknowledged ones are left out', () => {
  const critical = aFinding({ key: 'a', severity: 'critical', acknowledgedAt: null })
  const known = aFinding({ key: 'b', severity: 'critical', acknowledgedAt: ago(5) })
  const high = aFinding({ key: 'c', severity: 'high', acknowledgedAt: null })
  const needs = toNeeds({
    critical: [critical, known],
    high: [high],
    blocked: [aNode({ health: 'blocked', name: 'backup' })],
    unreachable: [aNode({ health: 'unreachable', name: 'pihole' })],
  })
  expect(needs.map((need) => (need.kind === 'node' ? need.node.name : need.finding.key))).toEqual([
    'a',
    'backup',
    'pihole',
    'c',
  ])
})
