import type { AgentId, BatchId, ExecutionId, FiringId, NodeId, TriggerId } from '../../../contract/ids.ts'
import type { Firing, Trigger } from '../../../contract/triggers.ts'

/** Triggers as stories draw them. */

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString()
const idOf = (number: number) => `trg_01jd${String(number).padStart(22, '0')}` as TriggerId

export const aFiring = (changed: Partial<Firing> = {}): Firing => ({
  id: 'fir_01jd0000000000000000000001' as FiringId,
  triggerId: idOf(1),
  at: hoursAgo(2),
  state: 'started',
  reason: null,
  detail: null,
  cause: {
    kind: 'finding',
    title: '/var is 91 % full, and full in about 6 days',
    nodeId: 'nod_01jd0000000000000000000001' as NodeId,
    nodeName: 'nas',
    executionId: 'exe_01jd0000000000000000000001' as ExecutionId,
  },
  batchId: 'bat_01jd0000000000000000000001' as BatchId,
  executions: { total: 1, active: 0, succeeded: 1 },
  ...changed,
})

const held: Firing = aFiring({
  id: 'fir_01jd0000000000000000000002' as FiringId,
  state: 'held',
  reason: 'cool-down',
  at: hoursAgo(1),
  batchId: null,
  executions: { total: 0, active: 0, succeeded: 0 },
})
export const refused: Firing = {
  ...held,
  id: 'fir_01jd0000000000000000000003' as FiringId,
  state: 'refused',
  reason: 'refused',
  detail: 'nas: The node is paused.',
  at: hoursAgo(20),
}
export const firings = [held, aFiring(), refused]

export const aTrigger = (changed: Partial<Trigger> = {}): Trigger => ({
  id: idOf(1),
  name: 'Tidy up when a disk fills',
  when: {
    kind: 'finding',
    states: ['new', 'worse'],
    least: 'high',
    agents: ['system-health' as AgentId],
    rules: ['disk.*'],
    nodes: ['tag:docker'],
  },
  agentId: 'docker-janitor' as AgentId,
  targets: null,
  options: {},
  dryRun: false,
  timeoutS: null,
  coolDownMinutes: 60,
  paused: false,
  lastStarted: aFiring(),
  last: held,
  nearMiss: {
    at: hoursAgo(3),
    field: 'least',
    cause: { ...aFiring().cause, title: '/srv is 81 % full', nodeName: 'pi' },
  },
  createdBy: 'user:anna',
  createdAt: hoursAgo(500),
  updatedAt: hoursAgo(500),
  ...changed,
})

export const triggers: readonly Trigger[] = [
  aTrigger({
    id: idOf(2),
    name: 'Check backups after a deployment',
    when: { kind: 'webhook', signed: true },
    agentId: 'backup-validator' as AgentId,
    targets: ['nas', 'tag:backup'],
    last: null,
    lastStarted: null,
    nearMiss: null,
  }),
  aTrigger({
    id: idOf(3),
    name: 'Look around when a node is back',
    when: { kind: 'node-back', nodes: [] },
    agentId: 'system-health' as AgentId,
    paused: true,
    last: refused,
  }),
  aTrigger(),
]
