import { expect, test } from 'vitest'
import { aFinding, ago, aNode } from '../fixtures.ts'
import { toNeeds } from './needs.ts'

test('critical findings come before nodes in need, those before high findings, and the recovery kit comes last; acknowledged ones are left out', () => {
  const critical = aFinding({ key: 'a', severity: 'critical', acknowledgedAt: null })
  const known = aFinding({ key: 'b', severity: 'critical', acknowledgedAt: ago(5) })
  const high = aFinding({ key: 'c', severity: 'high', acknowledgedAt: null })
  const needs = toNeeds({
    critical: [critical, known],
    high: [high],
    blocked: [aNode({ health: 'blocked', name: 'backup' })],
    unreachable: [aNode({ health: 'unreachable', name: 'pihole' })],
    lacksKit: true,
  })
  expect(
    needs.map((need) =>
      need.kind === 'node' ? need.node.name : need.kind === 'finding' ? need.finding.key : need.kind,
    ),
  ).toEqual(['a', 'backup', 'pihole', 'c', 'recovery-kit'])
})
