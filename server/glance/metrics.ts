import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FinalState } from '../../contract/execution-states.ts'
import type { AgentId } from '../../contract/ids.ts'
import type { Budget } from '../../contract/costs.ts'
import type { Summary } from '../../contract/summary.ts'
import { toOneLine } from '../lib/printable.ts'
import type { NodeFigures } from './figures.ts'

/** What a scrape reads of the database. */
export interface Scraped {
  readonly summary: Summary
  readonly nodes: readonly NodeFigures[]
  readonly budgets: readonly Budget[]
  readonly messages: readonly { readonly kind: string; readonly state: string; readonly count: number }[]
  readonly tokens: Readonly<Record<string, number>>
  readonly lags: readonly { readonly name: string; readonly lagS: number }[]
  readonly backups: readonly { readonly node: string; readonly kind: string; readonly newestAt: string }[]
  readonly now: Date
}

/** What a scrape gets. */
export interface Scrape {
  readonly text: string
  readonly contentType: string
}

/** Nodes with series of their own; more of them are only counted. A label is a series for ever in Prometheus. */
const mostNodes = 1_000
/** Agents whose runs are counted by name; the rest are counted as `other`. */
const mostAgents = 100

/**
 * The metrics of this server. What happens is counted as it happens; how things are is read at each
 * scrape. Labels are bounded: names of nodes and agents, states, severities. No addresses, no texts of errors.
 */
export function createMetrics({
  version,
  read,
}: {
  readonly version: string
  readonly read: () => Promise<Scraped>
}) {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `carl_${name}`, help, labelNames, registers })

  const runs = new Counter({
    name: 'carl_runs_total',
    help: 'Executions that ended since counting began, by agent and outcome.',
    labelNames: ['agent', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'carl_run_duration_seconds',
    help: 'How long executions ran, by agent.',
    labelNames: ['agent'],
    buckets: [1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600],
    registers,
  })
  const info = gauge('info', 'The version of the server.', ['version'])
  const nodes = gauge('nodes', 'Nodes by health.', ['health'])
  const nodeUp = gauge('node_up', 'Whether the node was reached last time.', ['node'])
  const nodeFindings = gauge('node_findings', 'Open findings that nobody acknowledged.', ['node', 'severity'])
  const nodeSeen = gauge('node_last_seen_timestamp_seconds', 'When the node was reached last.', ['node'])
  const active = gauge('executions_active', 'Executions that wait or run.', ['state'])
  const runsToday = gauge('runs_today', 'Executions of today that ended.')
  const failedToday = gauge('runs_failed_today', 'Executions of today that did not succeed.')
  const approvals = gauge('approvals_pending', 'Plans that wait for somebody.')
  const cost = gauge('llm_cost_usd', 'What models cost.', ['period'])
  const tokens = gauge('llm_tokens_month', 'Tokens of this month.', ['kind'])
  const budget = gauge('budget_remaining_usd', 'What is left of a limit.', ['limit'])
  const messages = gauge('notifications', 'Messages that are kept, by kind of channel and state.', [
    'channel',
    'state',
  ])
  const lag = gauge('schedule_lag_seconds', 'How long after its time the last run of a schedule started.', [
    'schedule',
  ])
  const backupAge = gauge('backup_age_seconds', 'How old the newest backup is; of several, the oldest.', [
    'node',
    'kind',
  ])
  info.set({ version }, 1)

  const agents = new Set<string>()
  function agentLabel(agentId: AgentId): string {
    if (!agents.has(agentId) && agents.size >= mostAgents) return 'other'
    agents.add(agentId)
    return agentId
  }

  /** An execution ended. */
  function onRun(agentId: AgentId, outcome: FinalState, durationS: number | null): void {
    const agent = agentLabel(agentId)
    runs.inc({ agent, outcome })
    if (durationS !== null) durations.observe({ agent }, durationS)
  }

  function take(scraped: Scraped): void {
    const { summary, budgets } = scraped
    const perNode = [nodes, nodeUp, nodeFindings, nodeSeen]
    for (const one of [...perNode, messages, budget, lag, backupAge]) one.reset()
    for (const node of scraped.nodes) nodes.inc({ health: node.health }, 1)
    for (const { name, health, findings, lastSeenAt } of scraped.nodes.slice(0, mostNodes)) {
      const node = toOneLine(name, 100)
      nodeUp.set({ node }, health === 'ok' || health === 'findings' ? 1 : 0)
      for (const [severity, count] of Object.entries(findings)) nodeFindings.set({ node, severity }, count)
      if (lastSeenAt !== null) nodeSeen.set({ node }, Date.parse(lastSeenAt) / 1_000)
    }
    active.set({ state: 'queued' }, summary.executionsQueued)
    active.set({ state: 'running' }, summary.executionsRunning)
    runsToday.set(summary.runsToday)
    failedToday.set(summary.runsFailedToday)
    approvals.set(summary.approvalsPending)
    cost.set({ period: 'day' }, summary.costTodayUsd)
    cost.set({ period: 'month' }, summary.costMonthUsd)
    for (const [kind, count] of Object.entries(scraped.tokens)) tokens.set({ kind }, count)
    for (const { limit, agentId, limitNanoUsd, usedNanoUsd } of budgets) {
      if (limitNanoUsd === null || usedNanoUsd === null) continue
      const left = Math.max(0, limitNanoUsd - usedNanoUsd) / 1e9
      budget.set({ limit: agentId === null ? limit : `agent:${agentLabel(agentId)}` }, left)
    }
    for (const { name, lagS } of scraped.lags) lag.set({ schedule: toOneLine(name, 100) }, lagS)
    for (const { node, kind, newestAt } of scraped.backups.slice(0, mostNodes)) {
      // A node whose clock is ahead has no backup from the future.
      const ageS = Math.max(0, scraped.now.getTime() - Date.parse(newestAt)) / 1_000
      backupAge.set({ node: toOneLine(node, 100), kind }, ageS)
    }
    for (const { kind, state, count } of scraped.messages) messages.set({ channel: kind, state }, count)
  }

  /** Everything in the text format of Prometheus. Two scrapes at once see the same. */
  let scraping: Promise<Scrape> | null = null
  function scrape(): Promise<Scrape> {
    scraping ??= read()
      .then((scraped) => {
        take(scraped)
        return registry.metrics()
      })
      .then((text) => ({ text, contentType: registry.contentType }))
      .finally(() => {
        scraping = null
      })
    return scraping
  }

  return { onRun, scrape }
}
export type Metrics = ReturnType<typeof createMetrics>
