import type { AgentId, BatchId, ScheduleId } from '../../contract/ids.ts'
import type { Schedule, SchedulePreview, SettledOccurrence } from '../../contract/schedules.ts'

/** Schedules as stories draw them. */

const hourMs = 3_600_000
const iso = (hoursFromNow: number): string =>
  new Date(Math.floor(Date.now() / hourMs) * hourMs + hoursFromNow * hourMs).toISOString()
const idOf = (number: number) => `sch_01jd${String(number).padStart(22, '0')}` as ScheduleId

export const anOccurrence = (changed: Partial<SettledOccurrence> = {}): SettledOccurrence => ({
  scheduleId: idOf(1),
  at: iso(-5),
  dueAt: iso(-5),
  state: 'ran',
  reason: null,
  detail: null,
  count: 1,
  settledAt: iso(-5),
  batchId: 'bat_01jd0000000000000000000001' as BatchId,
  executions: { total: 3, active: 0, succeeded: 3 },
  ...changed,
})

export const aSchedule = (changed: Partial<Schedule> = {}): Schedule => ({
  id: idOf(1),
  name: 'Morning system report',
  timing: { kind: 'cron', cron: '0 7 * * *' },
  zone: 'Europe/Berlin',
  jitterS: 0,
  blackouts: [],
  agentId: 'system-health' as AgentId,
  targets: ['nas', 'docker-*', 'tag:pi'],
  options: {},
  dryRun: false,
  timeoutS: null,
  catchUp: { policy: 'once', withinHours: 24, most: 5 },
  overlap: 'skip',
  paused: false,
  notifications: null,
  estimatedCost: null,
  standing: 'ok',
  nextAt: iso(9),
  last: anOccurrence(),
  createdBy: 'user:anna',
  createdAt: iso(-24 * 40),
  updatedAt: iso(-24 * 3),
  ...changed,
})

export const schedules: readonly Schedule[] = [
  aSchedule(),
  aSchedule({
    id: idOf(2),
    name: 'Docker clean-up',
    timing: { kind: 'cron', cron: '0 2 * * 0' },
    targets: ['docker-*'],
    standing: 'overdue',
    last: anOccurrence({
      state: 'missed',
      reason: 'refused',
      detail: 'docker-1: The node is paused.',
      batchId: null,
      executions: { total: 0, active: 0, succeeded: 0 },
    }),
  }),
  aSchedule({
    id: idOf(3),
    name: 'Every quarter of an hour',
    timing: { kind: 'cron', cron: '*/15 * * * *' },
    targets: ['all'],
    last: anOccurrence({
      state: 'late',
      reason: 'waited',
      executions: { total: 1, active: 1, succeeded: 0 },
    }),
  }),
  aSchedule({
    id: idOf(4),
    name: 'Before the holidays',
    timing: { kind: 'once', at: '2026-12-23T18:00' },
    standing: 'paused',
    paused: true,
    nextAt: null,
    last: null,
  }),
  aSchedule({ id: idOf(5), name: 'x'.repeat(110), timing: { kind: 'cron', cron: '0 7,19 1-7 * MON' } }),
]

export const aPreview = (changed: Partial<SchedulePreview> = {}): SchedulePreview => ({
  next: Array.from({ length: 8 }, (_, day) => ({
    at: iso(9 + 24 * day),
    dueAt: iso(9 + 24 * day),
    wall: iso(9 + 24 * day).slice(0, 16),
    shift: null,
    isBlackedOut: day === 2,
  })),
  clockChange: { at: '2027-03-28T01:00:00.000Z', byMinutes: 60 },
  runsPerMonth: 30,
  cost: { likelyNanoUsd: 71_000_000, mostNanoUsd: 210_000_000, nodes: 3 },
  ...changed,
})

/** What a clock that is set forward does to a night. */
export const overTheChange: SchedulePreview = aPreview({
  next: [
    { at: '2027-03-27T01:30:00.000Z', wall: '2027-03-27T02:30', shift: null },
    { at: '2027-03-28T01:00:00.000Z', wall: '2027-03-28T02:30', shift: 'moved' as const },
    { at: '2027-10-31T00:30:00.000Z', wall: '2027-10-31T02:30', shift: 'first-of-two' as const },
  ].map((one) => ({ ...one, dueAt: one.at, isBlackedOut: false })),
})

export const pastOccurrences: readonly SettledOccurrence[] = [
  anOccurrence({ at: iso(-1), state: 'waiting', reason: 'overlap', batchId: null, settledAt: null }),
  anOccurrence({ at: iso(-5), executions: { total: 3, active: 1, succeeded: 2 } }),
  anOccurrence({ at: iso(-29), state: 'late', reason: 'server-off' }),
  anOccurrence({ at: iso(-53), state: 'merged', reason: 'made-up-for', batchId: null }),
  anOccurrence({ at: iso(-77), state: 'skipped', reason: 'blackout', batchId: null }),
  anOccurrence({
    at: iso(-101),
    state: 'missed',
    reason: 'refused',
    detail: 'nas: This agent is not allowed on the node. pihole: The node is paused.',
    batchId: null,
  }),
  anOccurrence({ at: iso(-125), state: 'missed', reason: 'too-old', count: 412, batchId: null }),
]
