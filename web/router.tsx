import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
// At once, before the router touches the address.
import './account/provider-answer.ts'
import { sessionQuery } from './account/queries.ts'
import { DashboardPage } from './dashboard/page.tsx'
import { fetchFirstView } from './dashboard/queries.ts'
import { basePath } from './lib/base.ts'
import { loadDoorMessages, loadRestOfMessages } from './lib/messages.ts'
import { soon } from './lib/query.ts'
import { fetchNodeList } from './nodes/queries.ts'
import { NotFound } from './shell/not-found.tsx'
import { Root } from './shell/root.tsx'
import { Shell } from './shell/shell.tsx'

interface RouterContext {
  readonly queries: QueryClient
}

/** Text of a search parameter; undefined for anything else. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
/** A search parameter that only knows these words. */
const oneOf = <const Word extends string>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find((word) => word === value)

/** A link needs to name none of them. */
type AllOptional<Search> = { [Name in keyof Search]?: Search[Name] | undefined }
const searchOf =
  <Search extends object>(read: (given: Record<string, unknown>) => Search) =>
  (given: Record<string, unknown>): AllOptional<Search> =>
    read(given)

/** The number of a line of a log. */
const lineNumber = (value: unknown): number | undefined =>
  Number.isInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined

/** The code of a page, once the texts are there that did not come with the first load. */
async function withTexts<Page>(page: Promise<Page>, load = loadRestOfMessages): Promise<Page> {
  const [loaded] = await Promise.all([page, load()])
  return loaded
}
/** The code of a page in front of the sign-in. */
const atDoor = <Page,>(page: Promise<Page>): Promise<Page> => withTexts(page, loadDoorMessages)

const root = createRootRouteWithContext<RouterContext>()({ component: Root, notFoundComponent: NotFound })

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: ({
    to,
    ended,
  }: Record<string, unknown>): { to?: string | undefined; ended?: boolean | undefined } => ({
    // Only a place inside of the dashboard: nobody is sent elsewhere by a link to the sign-in page.
    to: text(to)?.startsWith('/') && !text(to)?.startsWith('//') ? text(to) : undefined,
    ended: ended === true || ended === 'true' ? true : undefined,
  }),
  component: lazyRouteComponent(() => atDoor(import('./account/login-page.tsx')), 'LoginPage'),
})
const passwordLogin = createRoute({
  getParentRoute: () => root,
  path: '/login/password',
  component: lazyRouteComponent(() => atDoor(import('./account/login-page.tsx')), 'PasswordLoginPage'),
})
const callback = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/callback',
  component: lazyRouteComponent(() => atDoor(import('./account/callback-page.tsx')), 'CallbackPage'),
})
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => atDoor(import('./account/welcome-page.tsx')), 'WelcomePage'),
})
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: searchOf(({ step }) => ({ step: text(step) })),
  component: lazyRouteComponent(() => withTexts(import('./setup/page.tsx')), 'SetupPage'),
})

const secondFactor = createRoute({
  getParentRoute: () => root,
  path: '/second-factor',
  beforeLoad: async ({ context }) => {
    const user = await context.queries.ensureQueryData(sessionQuery).catch(() => undefined)
    if (user === null) throw redirect({ to: '/login', search: { to: '/second-factor' } })
  },
  component: lazyRouteComponent(() => withTexts(import('./settings/add-factor-page.tsx')), 'AddFactorPage'),
})

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const user = await context.queries.ensureQueryData(sessionQuery).catch(() => undefined)
    // Null is signed out; undefined is a server that does not answer, which the page itself tells about.
    if (user === null)
      throw redirect({ to: '/login', search: location.href === '/' ? {} : { to: location.href } })
    if (user?.mustAddFactor) throw redirect({ to: '/second-factor' })
  },
})
const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  loader: ({ context }) => soon(fetchFirstView(context.queries)),
  component: DashboardPage,
})

const firstSteps = createRoute({
  getParentRoute: () => inside,
  path: '/first-steps',
  component: lazyRouteComponent(() => withTexts(import('./dashboard/first-steps.tsx')), 'FirstStepsPage'),
})

const executionStates = [
  'queued',
  'connecting',
  'running',
  'stopping',
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'lost',
  'unreachable',
  'blocked',
] as const
const executions = createRoute({
  getParentRoute: () => inside,
  path: '/executions',
  validateSearch: searchOf(({ node, agent, batch, state }) => ({
    node: text(node),
    agent: text(agent),
    batch: text(batch),
    state: oneOf(executionStates, state),
  })),
  component: lazyRouteComponent(() => withTexts(import('./executions/list-page.tsx')), 'ExecutionsPage'),
})
const execution = createRoute({
  getParentRoute: () => inside,
  path: '/executions/$id',
  validateSearch: searchOf(({ tab, line, to, search, level, stream }) => ({
    tab: oneOf(['overview', 'timeline', 'log', 'commands', 'cost'], tab),
    line: lineNumber(line),
    /** The last of several marked lines; `line` is the first. */
    to: lineNumber(to),
    search: text(search),
    level: oneOf(['debug', 'info', 'warn', 'error'], level),
    stream: oneOf(['out', 'err', 'agent', 'server', 'raw', 'gap'], stream),
  })),
  component: lazyRouteComponent(() => withTexts(import('./executions/page.tsx')), 'ExecutionPage'),
})
const nodeFilters = ({ search, tag, health, view, by, after }: Record<string, unknown>) => ({
  search: text(search),
  tag: text(tag),
  /** The name that the page before ended with. */
  after: text(after),
  health: oneOf(['unknown', 'ok', 'findings', 'unreachable', 'blocked', 'paused'], health),
  view: oneOf(['list', 'grid', 'topology'], view),
  by: oneOf(['tag', 'site', 'jump'], by),
})
const nodes = createRoute({
  getParentRoute: () => inside,
  path: '/nodes',
  validateSearch: searchOf(nodeFilters),
  // Only for the first view: who filters on sees the rows of before until those that were asked for come.
  loader: ({ context, location }) => {
    const { search, tag, health, after } = nodeFilters(location.search)
    return soon(fetchNodeList(context.queries, { search, tag, health, cursor: after }))
  },
  component: lazyRouteComponent(() => withTexts(import('./nodes/list-page.tsx')), 'NodesPage'),
})
const newNode = createRoute({
  getParentRoute: () => inside,
  path: '/nodes/new',
  component: lazyRouteComponent(() => withTexts(import('./nodes/new-page.tsx')), 'NewNodePage'),
})
const node = createRoute({
  getParentRoute: () => inside,
  path: '/nodes/$id',
  validateSearch: searchOf(({ tab, kind, agent: of, metric }) => ({
    kind: oneOf(['execution', 'change', 'finding', 'approval', 'audit'], kind),
    agent: text(of),
    metric: text(metric),
    tab: oneOf(['overview', 'story', 'facts', 'connection', 'access', 'executions', 'settings'], tab),
  })),
  component: lazyRouteComponent(() => withTexts(import('./node/page.tsx')), 'NodePage'),
})
const agents = createRoute({
  getParentRoute: () => inside,
  path: '/agents',
  component: lazyRouteComponent(() => withTexts(import('./agents/list-page.tsx')), 'AgentsPage'),
})
const agent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/$id',
  validateSearch: searchOf(({ tab }) => ({ tab: oneOf(['overview', 'options', 'readme'], tab) })),
  component: lazyRouteComponent(() => withTexts(import('./agents/page.tsx')), 'AgentPage'),
})
const scheduleFilters = ({ search, after }: Record<string, unknown>) => ({
  search: text(search),
  /** The name that the page before ended with. */
  after: text(after),
})
const schedules = createRoute({
  getParentRoute: () => inside,
  path: '/schedules',
  validateSearch: searchOf(scheduleFilters),
  component: lazyRouteComponent(() => withTexts(import('./schedules/list-page.tsx')), 'SchedulesPage'),
})
const newSchedule = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/new',
  validateSearch: searchOf(({ template }) => ({
    template: oneOf(['morning', 'docker', 'backup'], template),
  })),
  component: lazyRouteComponent(() => withTexts(import('./schedules/edit-page.tsx')), 'NewSchedulePage'),
})
const scheduleCalendar = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/calendar',
  validateSearch: searchOf(({ day, span }) => ({
    day: text(day),
    span: oneOf(['week', 'month'], span),
  })),
  component: lazyRouteComponent(() => withTexts(import('./schedules/calendar-page.tsx')), 'CalendarPage'),
})
const triggers = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/triggers',
  component: lazyRouteComponent(
    () => withTexts(import('./schedules/triggers/list-page.tsx')),
    'TriggersPage',
  ),
})
const newTrigger = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/triggers/new',
  component: lazyRouteComponent(
    () => withTexts(import('./schedules/triggers/edit-page.tsx')),
    'NewTriggerPage',
  ),
})
const trigger = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/triggers/$id',
  component: lazyRouteComponent(() => withTexts(import('./schedules/triggers/page.tsx')), 'TriggerPage'),
})
const editTrigger = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/triggers/$id/edit',
  component: lazyRouteComponent(
    () => withTexts(import('./schedules/triggers/edit-page.tsx')),
    'EditTriggerPage',
  ),
})
const schedule = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/$id',
  component: lazyRouteComponent(() => withTexts(import('./schedules/page.tsx')), 'SchedulePage'),
})
const editSchedule = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/$id/edit',
  component: lazyRouteComponent(() => withTexts(import('./schedules/edit-page.tsx')), 'EditSchedulePage'),
})
const findings = createRoute({
  getParentRoute: () => inside,
  path: '/findings',
  validateSearch: searchOf(({ severity, node: nodeId, open }) => ({
    severity: oneOf(['critical', 'high', 'warning', 'info'], severity),
    node: text(nodeId),
    open: open === false || open === 'false' ? false : undefined,
  })),
  component: lazyRouteComponent(() => withTexts(import('./findings/page.tsx')), 'FindingsPage'),
})
const approvals = createRoute({
  getParentRoute: () => inside,
  path: '/approvals',
  validateSearch: searchOf(({ tab }) => ({
    tab: oneOf(['waiting', 'decided', 'rejected', 'trash', 'policies'], tab),
  })),
  component: lazyRouteComponent(() => withTexts(import('./plans/page.tsx')), 'ApprovalsPage'),
})
const backups = createRoute({
  getParentRoute: () => inside,
  path: '/backups',
  component: lazyRouteComponent(() => withTexts(import('./backups/page.tsx')), 'BackupsPage'),
})
const costs = createRoute({
  getParentRoute: () => inside,
  path: '/costs',
  validateSearch: searchOf(({ tab, days }) => ({
    tab: oneOf(['spending', 'limits', 'plan', 'prices'], tab),
    days: oneOf(['7', '30', '90'], String(days)),
  })),
  component: lazyRouteComponent(() => withTexts(import('./costs/page.tsx')), 'CostsPage'),
})
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/activity',
  validateSearch: searchOf(({ action, target }) => ({
    action: text(action),
    target: text(target),
  })),
  component: lazyRouteComponent(() => withTexts(import('./audit/page.tsx')), 'AuditPage'),
})
const compare = createRoute({
  getParentRoute: () => inside,
  path: '/compare',
  validateSearch: searchOf(({ tab, a, b, agent: of, path, since, node: nodeId }) => ({
    tab: oneOf(['changes', 'facts', 'executions'], tab),
    a: text(a),
    b: text(b),
    agent: text(of),
    path: text(path),
    since: oneOf(['1', '3', '7', '30'], String(since)),
    node: text(nodeId),
  })),
  component: lazyRouteComponent(() => withTexts(import('./compare/page.tsx')), 'ComparePage'),
})
const search = createRoute({
  getParentRoute: () => inside,
  path: '/search',
  validateSearch: searchOf(({ text: words, kind }) => ({
    text: text(words),
    kind: oneOf(['node', 'finding', 'fact', 'log', 'audit'], kind),
  })),
  component: lazyRouteComponent(() => withTexts(import('./search/page.tsx')), 'SearchPage'),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  validateSearch: searchOf(({ tab }) => ({
    tab: oneOf(
      [
        'general',
        'ai',
        'credentials',
        'master-key',
        'users',
        'sign-in',
        'notifications',
        'outgoing',
        'own-backups',
        'account',
        'tokens',
        'appearance',
        'about',
      ],
      tab,
    ),
  })),
  component: lazyRouteComponent(() => withTexts(import('./settings/page.tsx')), 'SettingsPage'),
})

const tree = root.addChildren([
  login,
  passwordLogin,
  callback,
  welcome,
  setup,
  secondFactor,
  inside.addChildren([
    home,
    firstSteps,
    executions,
    execution,
    nodes,
    newNode,
    node,
    agents,
    agent,
    schedules,
    newSchedule,
    scheduleCalendar,
    triggers,
    newTrigger,
    trigger,
    editTrigger,
    schedule,
    editSchedule,
    findings,
    approvals,
    backups,
    costs,
    audit,
    compare,
    search,
    settings,
  ]),
])

/** Every page of the dashboard has an address, below the base path. */
export const createDashboardRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    basepath: basePath || '/',
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>
  }
}
