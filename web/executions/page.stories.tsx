import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import type { Execution, LogEntry } from '../../contract/executions.ts'
import {
  agent,
  ago,
  anExecution,
  anOutcome,
  executionIdOf,
  hostile,
  nodes,
  refusal,
  report as fixedReport,
} from '../fixtures.ts'
import { setConnection } from '../lib/connection.ts'
import { aPlan, appliedPlan, planActions } from '../plan-fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { ExecutionView } from './page.tsx'
import { explanations } from './report/explanation/samples.ts'
import { sampleFacts } from './report/sample-facts.ts'

const report = { ...fixedReport, facts: sampleFacts }
const id = executionIdOf(1)
const running = anExecution({
  state: 'running',
  finishedAt: null,
  outcome: null,
  verdict: null,
  findings: null,
  logLines: 0,
})
const ended = (kind: Parameters<typeof anOutcome>[0], changed: Parameters<typeof anOutcome>[1] = {}) =>
  anExecution({ state: kind, outcome: anOutcome(kind, changed), verdict: null, findings: null })

const told = (...all: readonly [text: string, message: LogEntry['message']][]): LogEntry[] =>
  all.map(([text, message], index) => ({
    seq: index + 1,
    at: ago(8.9 - index * 0.01),
    stream: message === null ? 'server' : 'agent',
    level: 'info',
    text,
    message,
  }))
const progress = (step: string, state: string, ms?: number) => ({ kind: 'progress', step, state, ms })
const entries = told(
  ['Connected to 192.168.1.10 in 40 ms.', null],
  ['disks …', progress('disks', 'start')],
  ['updates …', progress('updates', 'start')],
  ['disks: ok', progress('disks', 'ok', 120)],
  ['auth: error', progress('auth', 'error', 4)],
  ['high: /var is 93 % full', { kind: 'finding', key: 'disk.full:1' }],
  [`warning: ${hostile.html}`, { kind: 'finding', key: 'hostile:1' }],
)

/** A server that knows this one execution. */
const withReport = (changed: object = {}) => ({
  ...aServer(),
  'GET /agents/system-health': agent,
  [`GET /executions/${id}/report`]: report,
  [`GET /executions/${id}/explanation`]: explanations.off(id),
  [`GET /executions/${id}/log`]: { items: entries, lastSeq: entries.length, complete: true },
  'GET /executions': { items: [], nextCursor: null },
  ...changed,
})

const meta = {
  title: 'executions/ExecutionView',
  component: ExecutionView,
  args: { execution: anExecution(), tab: 'overview', onTab: fn() },
  render: (args) => (
    <>
      <ExecutionView {...args} />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => {
    setConnection('live')
    return answering(withReport())
  },
  globals: { theme: 'light' },
} satisfies Meta<typeof ExecutionView>
export default meta
type Story = StoryObj<typeof meta>

const of = (execution: Execution): Story => ({ args: { execution } })

export const Succeeded: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText(report.verdict)).toBeVisible()
    await expect(page.getByRole('heading', { name: 'System Health on nas' })).toBeVisible()
    await expect(page.getByText(hostile.html, { selector: 'h3' })).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const InGerman: Story = { globals: { locale: 'de' } }
export const AllIsWell: Story = {
  args: { execution: anExecution({ verdict: 'All is well: 14 areas checked, nothing needs you.' }) },
  beforeEach: () =>
    answering(
      withReport({
        [`GET /executions/${id}/report`]: {
          ...report,
          verdict: 'All is well: 14 areas checked, nothing needs you.',
          worst: null,
          findings: [],
          gaps: [],
          changes: [],
        },
      }),
    ),
}
export const FirstReport: Story = {
  beforeEach: () =>
    answering(
      withReport({
        [`GET /executions/${id}/report`]: { ...report, changes: null, comparedWith: null, facts: {} },
      }),
    ),
}
export const ReportLoads: Story = {
  beforeEach: () => answering(withReport({ [`GET /executions/${id}/report`]: 'never' })),
}
export const ReportBroken: Story = {
  beforeEach: () =>
    answering(
      withReport({ [`GET /executions/${id}/report`]: refusal('server.no_answer', 'Nothing answers.') }),
    ),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByRole('button', { name: 'Try again' })).toBeVisible()
  },
}
export const Running: Story = {
  ...of(running),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('2 of 3 begun steps done')).toBeVisible()
    await expect(page.getByText('high: /var is 93 % full')).toBeVisible()
  },
}
export const RunningInTheDark: Story = { ...Running, globals: { theme: 'dark' } }
export const Reconnecting: Story = {
  ...of(running),
  beforeEach: () => {
    setConnection('reconnecting')
    return answering(withReport())
  },
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Reconnecting; goes on from line 7')).toBeVisible()
  },
}
export const Queued = of({
  ...running,
  state: 'queued',
  startedAt: null,
  waitingFor: '2 before it on this node',
})
export const Connecting = of({ ...running, state: 'connecting' })
export const Stopping = of({ ...running, state: 'stopping' })
const planOf = (plan: object | null, approvalId: string | null = null) => ({
  [`GET /executions/${id}/plan`]: { plan, approvalId },
})
export const ProposesChanges: Story = {
  args: { execution: anExecution({ mode: 'plan', agentId: 'docker-janitor' }) },
  beforeEach: () => answering(withReport(planOf(aPlan()))),
}
/** What a model suggests leads to the change that would settle it. */
export const SuggestsAProposedChange: Story = {
  args: { execution: anExecution({ mode: 'plan', agentId: 'docker-janitor' }) },
  beforeEach: () => {
    const explained = explanations.explained(report)
    const findingKey = explained.explanation?.suggestions[0]?.findingKey ?? ''
    const plan = aPlan({ actions: planActions.map((action) => ({ ...action, findingKey })) })
    return answering(withReport({ ...planOf(plan), [`GET /executions/${id}/explanation`]: explained }))
  },
  play: async ({ canvasElement }) => {
    const [link] = await within(canvasElement).findAllByRole('link', { name: 'To the proposed change' })
    await expect(link).toHaveAttribute('href', '#action-docker.image.remove%3A3f2a')
  },
}
const applying = { mode: 'apply', approvalId: appliedPlan.approvals[0]?.id ?? null } as const
export const MadeChanges: Story = {
  args: { execution: anExecution({ ...applying, verdict: null, findings: null }) },
  beforeEach: () => answering(withReport(planOf(appliedPlan, applying.approvalId))),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('It had come into use.')).toBeVisible()
    await expect(page.getByText('nobody knows')).toBeVisible()
    await expect(page.queryByText(/pgdata/)).toBeNull()
  },
}
export const Restored: Story = {
  args: { execution: anExecution({ ...applying, verdict: null, findings: null }) },
  beforeEach: () => answering(withReport(planOf(null, applying.approvalId))),
}
export const DryRun = of(anExecution({ dryRun: true }))
export const Failed = of(ended('failed'))
export const TimedOut = of(ended('timed-out', { left: [4_711] }))
export const Cancelled = of(ended('cancelled'))
export const Lost = of(ended('lost', { attempts: 4 }))
export const Unreachable = of(ended('unreachable'))
export const BlockedByTheHostKey: Story = {
  ...of(ended('blocked')),
  play: async ({ canvasElement }) => {
    await expect(
      await within(canvasElement).findByRole('link', { name: 'Look at the connection of this node' }),
    ).toBeVisible()
  },
}
export const AgentAndNodeRemoved: Story = {
  beforeEach: () =>
    answering(
      withReport({
        'GET /agents/system-health': refusal('agent.not_found'),
        [`GET /nodes/${nodes[0]?.id}`]: refusal('node.not_found'),
      }),
    ),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText(/no longer in the catalogue/)).toBeVisible()
    await expect(page.queryByRole('button', { name: 'Run again' })).toBeNull()
  },
}
export const HostileNames: Story = {
  args: {
    execution: anExecution({ nodeName: hostile.long, startedBy: `token:${hostile.rightToLeft}` }),
  },
}
export const ForAViewer: Story = {
  ...of(running),
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByText('2 of 3 begun steps done')
    await expect(page.queryByRole('button', { name: 'Cancel' })).toBeNull()
  },
}

let cancels = 0
export const CancelsAfterAsking: Story = {
  ...of(running),
  beforeEach: () => {
    cancels = 0
    setConnection('live')
    return answering({
      ...withReport(),
      [`POST /executions/${id}/cancel`]: () => {
        cancels += 1
        return { ...running, state: 'stopping' }
      },
    })
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await within(canvasElement).findByRole('button', { name: 'Cancel' }))
    const dialog = within(document.body)
    const question = await dialog.findByText('Stop System Health on nas?')
    await waitFor(() => expect(question).toBeVisible())
    await expect(cancels).toBe(0)
    await userEvent.click(dialog.getByRole('button', { name: 'Stop it' }))
    await waitFor(() => expect(cancels).toBe(1))
  },
}
