import { describe, expect, test } from 'vitest'
import type { NodeFigures } from './figures.ts'
import { createMetrics } from './metrics.ts'
import { summarise } from './summary.ts'

const none = { critical: 0, high: 0, warning: 0, info: 0 }
const aNode = (changed: Partial<NodeFigures> = {}): NodeFigures => ({
  id: 'nod_01jd0000000000000000000001' as NodeFigures['id'],
  name: 'nas',
  health: 'ok',
  findings: none,
  lastSeenAt: '2026-11-26T12:00:00.000Z',
  lastRunAt: null,
  ...changed,
})
const parts = {
  nodes: [aNode()],
  active: { queued: 0, connecting: 0, running: 0, stopping: 0 },
  ended: { succeeded: 3, failed: 1, 'timed-out': 0, cancelled: 1, lost: 0, unreachable: 1, blocked: 0 },
  costs: { todayNanoUsd: 123_456_789, monthNanoUsd: 2_000_000_000 },
  approvalsPending: 0,
  lastRunAt: null,
}

describe('the summary', () => {
  test.each([
    ['ok', parts],
    ['ok', { ...parts, nodes: [aNode({ findings: { ...none, info: 3 }, health: 'ok' })] }],
    ['ok', { ...parts, nodes: [aNode({ health: 'paused' })] }],
    ['attention', { ...parts, nodes: [aNode({ findings: { ...none, warning: 1 }, health: 'findings' })] }],
    ['attention', { ...parts, approvalsPending: 1 }],
    ['down', { ...parts, nodes: [aNode(), aNode({ health: 'unreachable' })] }],
    ['down', { ...parts, nodes: [aNode({ health: 'blocked' })] }],
  ] as const)('says %s', (status, wanted) => {
    expect(summarise(wanted).status).toBe(status)
  })

  test('counts runs, and money in dollars', () => {
    expect(summarise(parts)).toMatchObject({
      runsToday: 6,
      runsFailedToday: 2,
      costTodayUsd: 0.1235,
      costMonthUsd: 2,
    })
  })
})

test('metrics stay bounded: names are one line, and of very many nodes only some have series of their own', async () => {
  const nodes = Array.from({ length: 1_500 }, (_, at) =>
    aNode({ name: `node-${at}\n"} evil 1\n${'x'.repeat(500)}` }),
  )
  const metrics = createMetrics({
    version: '1',
    read: async () => ({
      summary: summarise({ ...parts, nodes }),
      nodes,
      budgets: [],
      messages: [],
      tokens: {},
      lags: [{ name: 'Nightly\n"} evil 1', lagS: 1.5 }],
      backups: [
        { node: 'nas', kind: 'restic', newestAt: '2026-11-25T12:00:00.000Z' },
        { node: 'ahead', kind: 'borg', newestAt: '2026-12-01T12:00:00.000Z' },
      ],
      now: new Date('2026-11-26T12:00:00.000Z'),
    }),
  })
  for (let agent = 0; agent < 300; agent++) metrics.onRun(`agent-${agent}` as never, 'succeeded', 1)
  const { text } = await metrics.scrape()
  const seriesOf = (name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`))
  expect(seriesOf('carl_node_up')).toHaveLength(1_000)
  expect(seriesOf('carl_nodes')).toEqual(['carl_nodes{health="ok"} 1500'])
  expect(seriesOf('carl_runs_total')).toHaveLength(101)
  expect(seriesOf('carl_schedule_lag_seconds')).toHaveLength(1)
  expect(seriesOf('carl_backup_age_seconds')).toEqual([
    'carl_backup_age_seconds{node="nas",kind="restic"} 86400',
    'carl_backup_age_seconds{node="ahead",kind="borg"} 0',
  ])
  expect(text).not.toMatch(/^"?\}? ?evil/m)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(200)
})
