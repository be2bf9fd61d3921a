import type { NoticeKind } from '../../../contract/notifications.ts'
import type { Forms } from './forms.ts'

/** What somebody else is waiting for, or how a limit is called. */
export type LimitName = 'execution' | 'day' | 'month' | 'agent'

const limits: Readonly<Record<LimitName, string>> = {
  execution: 'of an execution',
  day: 'of the day',
  month: 'of the month',
  agent: 'of',
}
const ofLimit = ({ limit, agentId }: { limit: LimitName; agentId: string | null }): string =>
  agentId === null ? limits[limit] : `of ${agentId}`

const count = (number: number, one: string, many: string): string =>
  number === 1 ? `1 ${one}` : `${number} ${many}`

/** All that messages say in our own words. A line of a message begins with an opening. */
export const en = {
  openings: {
    'finding.new': 'New',
    'finding.worse': 'Worse',
    'finding.recovered': 'Recovered',
    'schedule.overdue': 'Overdue',
    'approval.needed': 'Needs approval',
    'budget.reached': 'Budget',
    'trigger.refused': 'Trigger',
    'backup.failed': 'Backup of Carl',
    'run.started': 'Started',
    'run.succeeded': 'Succeeded',
    'run.failed': 'Failed',
    'report.morning': 'Morning report',
  } satisfies Record<NoticeKind, string>,
  cameAndWent: 'Came and went',
  onNode: (name: string): string => ` on ${name}`,
  things: (number: number, nodes: number, worst: string): string =>
    `${number} things${nodes > 1 ? ` on ${nodes} nodes` : ''}, worst: ${worst}`,
  more: (number: number): string => `… and ${number} more`,
  moreLines: (number: number): string => `… and ${number} more lines`,
  openDashboard: 'Open the dashboard',
  dashboard: 'Dashboard',

  phrases: {
    'finding.open-for': ({ hours }: { hours: number }): string =>
      hours < 48 ? `It was open for ${hours} h.` : `It was open for ${Math.round(hours / 24)} days.`,

    'schedule.not-run': ({ name, at }: { name: string; at: string }, { instant }: Forms): string =>
      `${name} did not run at ${instant(at)}`,
    'schedule.server-off': (): string => 'The server was off at that time.',
    'schedule.too-old': (): string => 'The server was off, and it is too long ago to make up for.',
    'schedule.too-many': (): string => 'More runs were missed than are made up for.',
    'schedule.overlap': (): string => 'It waits for the run before, which has not ended.',

    'trigger.refused': ({ name }: { name: string }): string =>
      `${name} started nothing, because it was refused`,

    'approval.needed': ({ agent, changes, node }: { agent: string; changes: number; node: string }): string =>
      `${agent} proposes ${count(changes, 'change', 'changes')} on ${node}`,

    'budget.share': (
      given: { percent: number; limit: LimitName; agentId: string | null; nanoUsd: number },
      { usd }: Forms,
    ): string =>
      given.percent >= 100
        ? `the limit ${ofLimit(given)}, ${usd(given.nanoUsd / 1e9)}, is used up`
        : `${given.percent} % of the limit ${ofLimit(given)}, ${usd(given.nanoUsd / 1e9)}, is used`,
    'budget.until': ({ at }: { at: string }, { instant }: Forms): string =>
      `No model is asked before ${instant(at)}; executions and their findings go on.`,

    'run.ended': ({ agent, kind }: { agent: string; kind: string }): string => `${agent}: ${kind}`,

    'backup.not-made': (): string => 'No backup of this server was made',
    'backup.not-copied': ({ place }: { place: string }): string =>
      `The backup of this server did not reach ${place}`,
    'backup.not-restorable': (): string => 'A backup of this server could not be restored on trial',
    'backup.no-drill': (): string => 'A restore drill of this server could not be made',

    'report.no-nodes': (): string => 'no nodes yet',
    'report.well': ({ nodes }: { nodes: number }): string =>
      `all is well on ${nodes === 1 ? 'your node' : `${nodes} nodes`}`,
    'report.wanting': ({ wanting, nodes }: { wanting: number; nodes: number }): string =>
      `${wanting} of ${count(nodes, 'node', 'nodes')} ${wanting === 1 ? 'wants' : 'want'} somebody`,
    'report.nodes': (given: { up: number; total: number; down: number; paused: number }): string =>
      `Nodes: ${given.up} of ${given.total} up${given.down > 0 ? `, ${given.down} down` : ''}${given.paused > 0 ? `, ${given.paused} paused` : ''}`,
    'report.findings': (given: {
      open: number
      critical: number
      high: number
      warning: number
      fresh: number
      recovered: number
    }): string =>
      `Findings: ${given.open} open (${given.critical} critical, ${given.high} high, ${given.warning} warning); ${given.fresh} new and ${given.recovered} recovered since yesterday`,
    'report.runs': ({ runs, failed }: { runs: number; failed: number }): string =>
      `Runs today: ${runs}${failed > 0 ? `, ${failed} did not succeed` : ''}`,
    'report.approvals': ({ waiting }: { waiting: number }): string => `Waiting for approval: ${waiting}`,
    'report.models': ({ today, month }: { today: number; month: number }, { usd }: Forms): string =>
      `Models: ${usd(today)} today, ${usd(month)} this month`,
    'report.wants-somebody': (): string => 'Wants somebody:',
    'report.node': (given: { name: string; health: string; open: number; worst: string | null }): string =>
      given.health === 'findings'
        ? `• ${given.name}: ${given.open} open, worst: ${given.worst ?? 'unknown'}`
        : `• ${given.name}: ${given.health}${given.open > 0 ? `, ${given.open} open` : ''}`,
    'report.more': ({ nodes }: { nodes: number }): string => `… and ${nodes} more`,

    'test.title': (): string => 'A test message from Carl',
    'test.text': (): string => 'If you can read this, the channel works.',
  },
}
export type NoticeTexts = typeof en
