import type { Page } from 'playwright'
import type { LivedIn } from '../../testbed/lived-in.ts'

/**
 * How a page is found: `full` on a server that was used, `empty` on a new one, `loading` while no call is answered,
 * `error` when every call fails.
 */
export type State = 'full' | 'empty' | 'loading' | 'error'

export interface Shot {
  /** Name of the files. */
  readonly name: string
  /** Address without a slash in front. */
  readonly path: (from: LivedIn) => string
  readonly states: readonly State[]
  /** Before anybody has signed in. */
  readonly isOutside?: true
  /** On a server that nobody has made theirs, by its one-time link instead of a path. */
  readonly isUnclaimed?: true
  /** What a person does first, e.g. opening a dialog. */
  readonly first?: (page: Page) => Promise<void>
}

const everyState = ['full', 'empty', 'loading', 'error'] as const
/** A page about one thing, which an empty server does not have. */
const ofOneThing = ['full', 'loading', 'error'] as const

/** Every page of the dashboard. Add yours here, and what can be opened on it. */
export const shots: readonly Shot[] = [
  { name: 'setup-claim', path: () => '', states: ['full'], isOutside: true, isUnclaimed: true },
  { name: 'setup-node', path: () => 'setup', states: ['empty'] },
  ...(['connection', 'run'] as const).map(
    (step): Shot => ({ name: `setup-${step}`, path: () => `setup?step=${step}`, states: ['full'] }),
  ),
  { name: 'login', path: () => 'login', states: ['full'], isOutside: true },
  { name: 'home', path: () => '', states: everyState },
  { name: 'executions', path: () => 'executions', states: everyState },
  ...(['overview', 'timeline', 'log', 'commands', 'cost'] as const).map(
    (tab): Shot => ({
      name: `execution-${tab}`,
      path: ({ executions }) => `executions/${executions.report.id}?tab=${tab}`,
      states: tab === 'overview' ? ofOneThing : ['full'],
    }),
  ),
  {
    name: 'execution-running',
    path: ({ executions }) => `executions/${executions.running.id}`,
    states: ['full'],
  },
  {
    name: 'execution-failed',
    path: ({ executions }) => `executions/${executions.failed.id}`,
    states: ['full'],
  },
  {
    name: 'execution-unreachable',
    path: ({ executions }) => `executions/${executions.unreachable.id}`,
    states: ['full'],
  },
  {
    name: 'execution-cancelled',
    path: ({ executions }) => `executions/${executions.cancelled.id}`,
    states: ['full'],
  },
  { name: 'nodes', path: () => 'nodes', states: everyState },
  { name: 'nodes-topology', path: () => 'nodes?view=topology', states: everyState },
  { name: 'nodes-grid', path: () => 'nodes?view=grid', states: ['full'] },
  { name: 'node-new', path: () => 'nodes/new', states: ['full', 'empty'] },
  ...(['overview', 'story', 'facts', 'connection', 'executions', 'settings'] as const).map(
    (tab): Shot => ({
      name: `node-${tab}`,
      path: ({ nodes }) => `nodes/${nodes.nas.id}?tab=${tab}`,
      states: tab === 'overview' ? ofOneThing : ['full'],
    }),
  ),
  {
    name: 'node-unreachable',
    path: ({ nodes }) => `nodes/${nodes.attic.id}?tab=connection`,
    states: ['full'],
  },
  { name: 'agents', path: () => 'agents', states: ['full', 'loading', 'error'] },
  { name: 'backups', path: () => 'backups', states: everyState },
  { name: 'agent', path: () => 'agents/system-health', states: ofOneThing },
  { name: 'findings', path: () => 'findings', states: everyState },
  { name: 'search', path: () => 'search?text=hello', states: everyState },
  { name: 'search-empty', path: () => 'search', states: ['full'] },
  { name: 'compare', path: () => 'compare', states: everyState },
  { name: 'compare-facts', path: () => 'compare?tab=facts&path=host.kernel', states: ['full'] },
  {
    name: 'compare-executions',
    path: ({ executions }) => `compare?tab=executions&a=${executions.report.id}&b=${executions.other.id}`,
    states: ['full'],
  },
  { name: 'approvals', path: () => 'approvals', states: everyState },
  ...(['decided', 'trash', 'policies'] as const).map(
    (tab): Shot => ({
      name: `approvals-${tab}`,
      path: () => `approvals?tab=${tab}`,
      states: ['full', 'empty'],
    }),
  ),
  {
    name: 'execution-plan',
    path: ({ executions }) => `executions/${executions.plan.id}`,
    states: ['full'],
  },
  { name: 'schedules', path: () => 'schedules', states: everyState },
  { name: 'schedule', path: ({ schedule }) => `schedules/${schedule.id}`, states: ofOneThing },
  { name: 'schedules-calendar', path: () => 'schedules/calendar', states: everyState },
  { name: 'schedules-week', path: () => 'schedules/calendar?span=week', states: ['full'] },
  { name: 'schedule-new', path: () => 'schedules/new', states: ['full', 'empty'] },
  { name: 'triggers', path: () => 'schedules/triggers', states: everyState },
  { name: 'trigger', path: ({ trigger }) => `schedules/triggers/${trigger.id}`, states: ofOneThing },
  { name: 'trigger-new', path: () => 'schedules/triggers/new', states: ['full'] },
  { name: 'trigger-edit', path: ({ trigger }) => `schedules/triggers/${trigger.id}/edit`, states: ['full'] },
  {
    name: 'trigger-hook',
    path: ({ webhook }) => `schedules/triggers/${webhook.id}`,
    states: ['full'],
    first: async (page) => {
      await page.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: 'New address and key' }).click()
      await page.getByRole('button', { name: 'New address and key' }).click()
      await page.getByText('How it is called').waitFor()
    },
  },
  { name: 'schedule-edit', path: ({ schedule }) => `schedules/${schedule.id}/edit`, states: ['full'] },
  ...(['spending', 'limits', 'plan', 'prices'] as const).map(
    (tab): Shot => ({
      name: `costs-${tab}`,
      path: () => `costs?tab=${tab}`,
      states: tab === 'spending' ? everyState : ['full'],
    }),
  ),
  { name: 'activity', path: () => 'activity', states: ['full', 'loading', 'error'] },
  ...(
    [
      'general',
      'credentials',
      'master-key',
      'users',
      'sign-in',
      'outgoing',
      'account',
      'tokens',
      'appearance',
      'about',
    ] as const
  ).map(
    (tab): Shot => ({
      name: `settings-${tab}`,
      path: () => `settings?tab=${tab}`,
      states: tab === 'general' ? ['full', 'loading', 'error'] : ['full'],
    }),
  ),
  { name: 'not-found', path: () => 'nothing/here', states: ['full'] },
]
