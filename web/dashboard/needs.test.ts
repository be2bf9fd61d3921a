import { expect, test } from 'vitest'
import { aFinding, ago, aNode, aNodeKey, aRotation } from '../fixtures.ts'
import { type Need, toNeeds } from './needs.ts'

const nameOf = (need: Need): string => {
  if (need.kind === 'key') return need.nodeKey.nodeName
  if (need.kind === 'recovery-kit' || need.kind === 'plans') return need.kind
  return need.kind === 'node' ? need.node.name : need.finding.key
}

test('critical findings come before nodes and keys in need, and those before high findings and keys that are due, and the recovery kit comes last; acknowledged ones are left out', () => {
  const critical = aFinding({ key: 'a', severity: 'critical', acknowledgedAt: null })
  const known = aFinding({ key: 'b', severity: 'critical', acknowledgedAt: ago(5) })
  const high = aFinding({ key: 'c', severity: 'high', acknowledgedAt: null })
  const needs = toNeeds({
    critical: [critical, known],
    high: [high],
    blocked: [aNode({ health: 'blocked', name: 'backup' })],
    unreachable: [aNode({ health: 'unreachable', name: 'pihole' })],
    keys: [
      aNodeKey({ nodeName: 'fresh' }),
      aNodeKey({ nodeName: 'soon', standing: 'soon', dueAt: '2026-03-02T00:00:00.000Z' }),
      aNodeKey({ nodeName: 'overdue', standing: 'overdue', dueAt: '2026-03-01T00:00:00.000Z' }),
      aNodeKey({ nodeName: 'under way', standing: 'overdue', rotation: aRotation() }),
      aNodeKey({ nodeName: 'held up', standing: 'overdue', rotation: aRotation({ waitsForPerson: true }) }),
      aNodeKey({ nodeName: 'a password', standing: 'none', cannotRotate: 'password' }),
    ],
    waiting: { plans: 1, actions: 3 },
    lacksKit: true,
  })
  expect(needs.map(nameOf)).toEqual([
    'a',
    'backup',
    'held up',
    'plans',
    'pihole',
    'c',
    'overdue',
    'soon',
    'recovery-kit',
  ])
})
