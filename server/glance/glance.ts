import type { Summary } from '../../contract/summary.ts'
import type { AgentId, ExecutionId } from '../../contract/ids.ts'
import type { FinalState } from '../../contract/execution-states.ts'
import type { Costs } from '../costs/costs.ts'
import { dayOf, monthOfDay, nextDayAt } from '../costs/calendar.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { once } from '../lib/once.ts'
import type { Reports } from '../reports/reports.ts'
import { severities } from '../reports/rank.ts'
import { createFigures, type NodeFigures } from './figures.ts'
import { summarise, toUsd } from './summary.ts'

interface GlanceTools {
  readonly db: Database
  readonly costs: Costs
  readonly reports: Pick<Reports, 'latestMetrics'>
  /** How many plans wait for somebody. */
  readonly pendingApprovals: () => Promise<number>
  /** Whether somebody may read the metrics. */
  readonly isScraped: () => boolean
  readonly clock: Clock
  readonly version: string
}

const dayMs = 86_400_000

/** All of it at a glance, for widgets, metrics, the morning report and Home Assistant. */
export function createGlance({
  db,
  costs,
  reports,
  pendingApprovals,
  isScraped,
  clock,
  version,
}: GlanceTools) {
  const figures = createFigures(db)
  // Made when they are first wanted: most servers are never scraped, and need no memory for it.
  const metrics = once(async () => {
    const { createMetrics } = await import('./metrics.ts')
    return createMetrics({ version, read: scraped })
  })

  async function scraped() {
    const nodes = await figures.nodes()
    const money = await costs.overview.summary()
    return {
      summary: await summary(nodes, money),
      nodes,
      budgets: (await costs.limits.list()).items,
      messages: await figures.messages(),
      lags: await figures.scheduleLags(),
      backups: await figures.backups(),
      now: clock.now(),
      tokens: await figures.tokensSince(firstOfMonth(money.zone)),
    }
  }

  const firstOfMonth = (zone: string): string => `${monthOfDay(dayOf(clock.now(), zone))}-01`

  async function summary(knownNodes?: readonly NodeFigures[], knownMoney?: Money): Promise<Summary> {
    const nodes = knownNodes ?? (await figures.nodes())
    const money = knownMoney ?? (await costs.overview.summary())
    return summarise({
      nodes,
      active: await figures.active(),
      ended: await figures.endedSince(startOfDay(clock.now(), money.zone)),
      costs: money,
      approvalsPending: await pendingApprovals(),
      lastRunAt: await figures.lastRunAt(),
    })
  }

  /** What the morning report tells, and of the nodes only those that want somebody. */
  async function morning(since: Date) {
    const nodes = await figures.nodes()
    const wanting = nodes
      .filter(({ health }) => health === 'findings' || health === 'unreachable' || health === 'blocked')
      .map(({ name, health, findings }) => ({
        name,
        health,
        worst: worstOf(findings),
        open: openOf(findings),
      }))
      .toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || (a.name < b.name ? -1 : 1))
    return { summary: await summary(nodes), nodes: wanting, ...(await figures.findingsSince(since)) }
  }

  /** Every node and the server, as Home Assistant shows them. */
  async function states() {
    const nodes = await figures.nodes()
    const money = await costs.overview.summary()
    const all = await summary(nodes, money)
    const spent = await figures.costByNode(firstOfMonth(money.zone))
    const { items } = await reports.latestMetrics({ names: ['disk.used_pct'] })
    const fullest = new Map<string, number>()
    for (const { nodeId, value } of items) fullest.set(nodeId, Math.max(value, fullest.get(nodeId) ?? 0))
    return {
      nodes: nodes.map(({ id, name, health, findings, lastSeenAt, lastRunAt }) => ({
        id,
        name,
        health,
        openFindings: openOf(findings),
        worst: worstOf(findings),
        lastRunAt,
        lastSeenAt,
        diskUsedPct: fullest.get(id) ?? null,
        costMonthUsd: toUsd(spent.get(id) ?? 0),
      })),
      server: {
        version,
        costTodayUsd: all.costTodayUsd,
        costMonthUsd: all.costMonthUsd,
        approvalsPending: all.approvalsPending,
        findingsOpen: all.findingsOpen,
      },
    }
  }

  /** Counts a run that ended, from when somebody may read it. */
  async function onRun(executionId: ExecutionId, agentId: AgentId, outcome: FinalState): Promise<void> {
    if (!isScraped()) return
    const run = await figures.runOf(executionId)
    const ms =
      run?.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : null
    const { onRun: count } = await metrics()
    count(agentId, outcome, ms === null ? null : ms / 1_000)
  }

  /** Everything in the text format of Prometheus. */
  const scrape = async () => (await metrics()).scrape()

  return { summary: () => summary(), places: figures.places, morning, states, scrape, onRun }
}
export type Glance = ReturnType<typeof createGlance>

type Money = Awaited<ReturnType<Costs['overview']['summary']>>

type Counts = NodeFigures['findings']
const openOf = (counts: Counts): number => severities.reduce((sum, severity) => sum + counts[severity], 0)
const worstOf = (counts: Counts) => severities.find((severity) => counts[severity] > 0) ?? null
const urgencyOf = ({ health, worst }: { health: string; worst: string | null }): number =>
  health === 'findings' ? 1 + severities.findIndex((one) => one === worst) : 0

/** When today began in a zone. */
function startOfDay(now: Date, zone: string): Date {
  let start = new Date(now.getTime() - 2 * dayMs)
  for (let next = start; next <= now; next = nextDayAt(next, zone)) start = next
  return start
}
