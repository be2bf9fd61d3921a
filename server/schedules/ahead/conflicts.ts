import {
  type Conflict,
  findConflicts,
  monthDays,
  type MovableLoad,
  shiftTiming,
  spread,
} from '../../../contract/conflicts.ts'
import type { CostEstimate } from '../../../contract/costs.ts'
import type { AgentId, ScheduleId } from '../../../contract/ids.ts'
import { occurrencesBetween, occurrencesFrom, type Timing } from '../../../contract/occurrences.ts'
import type { ScheduleConflict, ScheduleConflicts, ScheduleSpec } from '../../../contract/schedules.ts'
import { resolveTargets } from '../../../contract/targets.ts'
import type { Clock } from '../../lib/clock.ts'
import { isAppError } from '../../lib/errors.ts'
import type { Nodes } from '../../nodes/nodes.ts'
import { planOf } from '../plan.ts'
import type { ScheduleStore } from '../store.ts'

const dayMs = 86_400_000
/** Far enough for what runs by the month, milliseconds. */
const horizonMs = 32 * dayMs
/** Runs of one schedule that are looked at; what runs every few minutes is seen in the first days. */
const mostRuns = 64
/** Executions from which one knows how long an agent takes, and what it is taken for before there are any. */
const lookedAt = 2_000
const unknownMs = 60_000
/** Conflicts that anybody reads. */
const mostTold = 100

type Draft = Pick<ScheduleSpec, 'timing' | 'zone' | 'jitterS' | 'blackouts' | 'agentId' | 'targets'> & {
  readonly id?: ScheduleId | undefined
}

interface ConflictTools {
  readonly store: ScheduleStore
  readonly nodes: Pick<Nodes, 'forSelection'>
  readonly clock: Clock
  estimate(agentId: AgentId): Promise<CostEstimate>
  limits(): Promise<{ readonly dayNanoUsd: number | null; readonly monthNanoUsd: number | null }>
}

/** What the one that is being made is called among the others. */
const draftId = 'draft' as ScheduleId

/** Finds what is in each other's way, as things are now. */
export function createConflicts({ store, nodes, clock, estimate, limits }: ConflictTools) {
  async function find(draft: Draft | null): Promise<ScheduleConflicts> {
    const now = clock.now().getTime()
    const all = await nodes.forSelection()
    const usual = await usualDurations()
    const costs = new Map<AgentId, number>()
    const kept = (await store.all()).filter(({ paused, id }) => !paused && id !== draft?.id)
    const others = kept.map(({ id, name, spec }) => ({ id, name, ...spec }))
    // The others stay where they are: the one that is being made comes last.
    const wanted = draft ? [...others, { ...draft, id: draftId, name: '' }] : others

    const loads: MovableLoad<ScheduleId>[] = []
    for (const one of wanted) {
      const nodeIds = resolveTargets(one.targets, all).nodes.flatMap(({ id, paused }) => (paused ? [] : [id]))
      // What the draft will be called counts for its jitter; nobody knows that yet.
      const key = one.id === draftId ? (draft?.id ?? '') : one.id
      const runsAt = (timing: Timing) => runsOf({ ...one, timing }, key, now)
      const costNanoUsd = (await costOf(one.agentId, costs)) * nodeIds.length
      loads.push({
        id: one.id,
        nodeIds,
        usualMs: usual.get(one.agentId) ?? unknownMs,
        costNanoUsd,
        runs: runsAt(one.timing).runs,
        perDay: costNanoUsd === 0 ? [] : perDayOf(one, key, now),
        runsMoved: (byMinutes) => {
          const moved = shiftTiming(one.timing, byMinutes)
          if (!moved) return null
          const { runs, isBlackedOut } = runsAt(moved)
          return isBlackedOut ? null : runs
        },
      })
    }

    const found = findConflicts(loads, await limits(), now)
    const told = draft ? found.filter(({ ids }) => ids.includes(draftId)) : found
    const moves = draft && told.length === 0 ? new Map<ScheduleId, number>() : spread(loads)
    const draftMove = moves.get(draftId)
    const words = {
      nameOf: (id: ScheduleId) => wanted.find((one) => one.id === id)?.name ?? '',
      nodeOf: (id: string) => all.find((node) => node.id === id)?.name ?? id,
    }
    return {
      conflicts: told.slice(0, mostTold).map((one) => present(one, words)),
      moves: draft
        ? []
        : others.flatMap(({ id, name, zone, timing: before }) => {
            const by = moves.get(id)
            const after = by === undefined ? null : shiftTiming(before, by)
            return after ? [{ id, name, zone, before, after }] : []
          }),
      draft: draft && draftMove !== undefined ? shiftTiming(draft.timing, draftMove) : null,
    }
  }

  /** The middle of what each agent took lately. */
  async function usualDurations(): Promise<Map<string, number>> {
    const byAgent = new Map<string, number[]>()
    for (const { agentId, ms } of await store.lately(lookedAt)) {
      byAgent.set(agentId, [...(byAgent.get(agentId) ?? []), ms])
    }
    return new Map(
      [...byAgent].map(([agentId, all]) => {
        const sorted = all.sort((one, other) => one - other)
        return [agentId, sorted[sorted.length >> 1] ?? unknownMs]
      }),
    )
  }

  async function costOf(agentId: AgentId, known: Map<AgentId, number>): Promise<number> {
    const before = known.get(agentId)
    if (before !== undefined) return before
    let cost = 0
    try {
      cost = (await estimate(agentId)).likelyNanoUsd
    } catch (error) {
      // An agent that is not there costs nothing that anybody knows.
      if (!isAppError(error)) throw error
    }
    known.set(agentId, cost)
    return cost
  }

  return { find }
}

/** When it starts in the time that is looked at, and whether a blackout keeps any of it from starting. */
function runsOf(spec: Omit<Draft, 'id'>, key: ScheduleId | '', now: number) {
  const runs: number[] = []
  let isBlackedOut = false
  let looked = 0
  for (const one of occurrencesFrom(planOf(spec, key), now)) {
    if (one.at >= now + horizonMs || looked++ === mostRuns) break
    if (one.isBlackedOut) isBlackedOut = true
    else runs.push(one.dueAt)
  }
  return { runs: runs.sort((one, other) => one - other), isBlackedOut }
}

/** How often it starts in each of the days to come. */
function perDayOf(spec: Omit<Draft, 'id'>, key: ScheduleId | '', now: number): number[] {
  const perDay = Array.from({ length: monthDays }, () => 0)
  for (const { at, isBlackedOut } of occurrencesBetween(planOf(spec, key), now, now + monthDays * dayMs)) {
    const day = Math.floor((at - now) / dayMs)
    if (!isBlackedOut) perDay[day] = (perDay[day] ?? 0) + 1
  }
  return perDay
}

interface Words {
  nameOf(id: ScheduleId): string
  nodeOf(id: string): string
}

function present(conflict: Conflict<ScheduleId>, { nameOf, nodeOf }: Words): ScheduleConflict {
  const at = new Date(conflict.at).toISOString()
  const schedules = conflict.ids.map((id) => ({ id: id === draftId ? null : id, name: nameOf(id) }))
  switch (conflict.kind) {
    case 'overlap':
      return { kind: 'overlap', schedules, nodes: conflict.nodeIds.map(nodeOf), at, times: conflict.times }
    case 'pile-up':
      return { kind: 'pile-up', schedules, at, times: conflict.times }
    case 'budget': {
      const { limit, likelyNanoUsd, limitNanoUsd } = conflict
      return { kind: 'budget', limit, schedules, at, likelyNanoUsd, limitNanoUsd }
    }
  }
}
