import type { CostEstimate } from '../../../contract/costs.ts'
import type { AgentId, ScheduleId } from '../../../contract/ids.ts'
import { nextOccurrences, occurrencesBetween } from '../../../contract/occurrences.ts'
import type { SchedulePreview, ScheduleSpec } from '../../../contract/schedules.ts'
import { dayMin, minuteMs, nextJump } from '../../../contract/zone-clock.ts'
import type { Executions } from '../../executions/executions.ts'
import type { Clock } from '../../lib/clock.ts'
import { isAppError } from '../../lib/errors.ts'
import { planOf, toComing, toIso } from '../plan.ts'

/** Shown of the next ones. */
const previewed = 10
/** Days that a preview counts runs over. */
const monthDays = 30
/** Within this time the next change of the clock is worth a word. */
const jumpWithinMin = 366 * dayMin

interface PreviewTools {
  readonly executions: Pick<Executions, 'preview'>
  readonly clock: Clock
  /** What a model costs in one run. */
  estimate(agentId: AgentId): Promise<CostEstimate>
}

export interface PreviewWanted extends Pick<ScheduleSpec, 'timing' | 'zone' | 'jitterS' | 'blackouts'> {
  readonly agentId?: AgentId | undefined
  readonly targets?: readonly string[] | undefined
  readonly id?: ScheduleId | undefined
  readonly count?: number
}

/** What a schedule would do, saved or not: its next runs, how many in a month, and what they cost. */
export function createPreview({ executions, clock, estimate }: PreviewTools) {
  async function preview(wanted: PreviewWanted): Promise<SchedulePreview> {
    const now = clock.now().getTime()
    const plan = planOf(wanted, wanted.id ?? '')
    const jump = nextJump(wanted.zone, Math.floor(now / minuteMs), jumpWithinMin)
    const month = occurrencesBetween(plan, now, now + monthDays * dayMin * minuteMs)
    const runsPerMonth = month.filter(({ isBlackedOut }) => !isBlackedOut).length
    return {
      next: nextOccurrences(plan, now, wanted.count ?? previewed).map(toComing),
      clockChange: jump && { at: toIso(jump.at * minuteMs), byMinutes: jump.by },
      runsPerMonth,
      cost: await costOf(wanted, runsPerMonth),
    }
  }

  async function costOf(
    { agentId, targets }: Pick<PreviewWanted, 'agentId' | 'targets'>,
    runs: number,
  ): Promise<SchedulePreview['cost']> {
    if (agentId === undefined || targets === undefined) return null
    try {
      const meant = await executions.preview(agentId, targets)
      const count = meant.nodes.filter(({ eligible }) => eligible).length
      if (count === 0) return null
      const { likelyNanoUsd, mostNanoUsd } = await estimate(agentId)
      return {
        likelyNanoUsd: likelyNanoUsd * runs * count,
        mostNanoUsd: mostNanoUsd * runs * count,
        nodes: count,
      }
    } catch (error) {
      // An agent that is not there costs nothing that anybody knows.
      if (isAppError(error)) return null
      throw error
    }
  }

  return preview
}
