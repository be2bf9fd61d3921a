import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, within } from 'storybook/test'
import type { AgentId } from '../../contract/ids.ts'
import {
  aFinding,
  ago,
  anExecution,
  executionIdOf,
  nodeIdOf,
  refusal,
  report,
  sampleIdOf,
} from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { CompareView } from './page.tsx'

const agentId = 'system-health' as AgentId
const changeOf = (text: string) => ({ path: text, kind: 'changed' as const, before: null, after: null, text })
const changes = {
  items: [
    {
      executionId: executionIdOf(1),
      nodeId: nodeIdOf(1),
      nodeName: 'nas',
      agentId,
      at: ago(50),
      changes: [
        '/var grew from 61 % to 74 %',
        'A new service listens on port 8443',
        'Debian 12.7 became 12.8',
      ].map(changeOf),
    },
    {
      executionId: executionIdOf(2),
      nodeId: sampleIdOf('nod', 2),
      nodeName: 'docker-host-with-a-rather-long-name',
      agentId,
      at: ago(700),
      changes: Array.from({ length: 14 }, (_, at) => changeOf(`Container app-${at} was started anew`)),
    },
  ],
  nextCursor: null,
}
const facts = {
  items: [
    ['nas', 'Debian 12'],
    ['pi', 'Raspbian 11'],
    ['pve1', 'Debian 12'],
    ['pve2', 'Debian 12'],
    ['attic', null],
  ].map(([name, value], place) => ({
    nodeId: nodeIdOf(place + 1),
    nodeName: name,
    executionId: value ? executionIdOf(place + 1) : null,
    at: value ? ago(60 * (place + 1)) : null,
    isKnown: value !== null,
    value,
  })),
  nextCursor: null,
}
const [a, b] = [executionIdOf(11), executionIdOf(12)]
const before = { ...report, executionId: a, createdAt: ago(1_500) }
const after = {
  ...report,
  executionId: b,
  createdAt: ago(60),
  findings: [...report.findings.slice(1), aFinding({ key: 'new', title: 'A certificate ends in 5 days' })],
  metrics: report.metrics.map((metric) => ({ ...metric, value: metric.value + 3 })),
  facts: { ...report.facts, host: { os: 'Debian 13', kernel: '6.12' } },
}
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /changes': changes,
    'GET /facts/paths': { items: ['disks[/].pct', 'host.os'] },
    'GET /facts': facts,
    [`GET /executions/${a}`]: anExecution({ id: a, state: 'succeeded' }),
    [`GET /executions/${b}`]: anExecution({ id: b, state: 'succeeded' }),
    [`GET /executions/${a}/report`]: before,
    [`GET /executions/${b}/report`]: after,
    ...answers,
  })

const meta = {
  title: 'compare/CompareView',
  component: CompareView,
  args: { compared: {}, onCompare: fn() },
  parameters: { queries: [signedInAs('viewer')] },
  globals: { theme: 'light' },
  beforeEach: () => serving(),
} satisfies Meta<typeof CompareView>
export default meta
type Story = StoryObj<typeof meta>

export const SinceYesterday: Story = {
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('And 6 more')).toBeVisible()
  },
}
export const SinceYesterdayDark: Story = { globals: { theme: 'dark' } }
export const NothingChanged: Story = {
  beforeEach: () => serving({ 'GET /changes': { items: [], nextCursor: null } }),
}
export const ChangesLoad: Story = { beforeEach: () => serving({ 'GET /changes': 'never' }) }
export const ChangesBroken: Story = {
  beforeEach: () => serving({ 'GET /changes': refusal('server.no_answer', 'Nothing answers.') }),
}
export const NoFactChosen: Story = { args: { compared: { tab: 'facts' } } }
export const OneFactEverywhere: Story = {
  args: { compared: { tab: 'facts', path: 'host.os' } },
  play: async ({ canvasElement }) => {
    const row = await within(canvasElement).findByRole('row', { name: /Raspbian/ })
    await expect(within(row).getByText('Differs')).toBeVisible()
  },
}
export const OneFactDark: Story = {
  args: { compared: { tab: 'facts', path: 'host.os' } },
  globals: { theme: 'dark' },
}
export const NoRunsChosen: Story = { args: { compared: { tab: 'executions' } } }
export const TwoRuns: Story = {
  args: { compared: { tab: 'executions', a, b } },
  play: async ({ canvasElement }) => {
    const facts = within(await within(canvasElement).findByRole('region', { name: 'Facts that differ' }))
    await expect(await facts.findByText('Debian 13')).toBeVisible()
  },
}
export const TwoRunsDark: Story = {
  args: { compared: { tab: 'executions', a, b } },
  globals: { theme: 'dark' },
}
export const ReportGone: Story = {
  args: { compared: { tab: 'executions', a, b } },
  beforeEach: () =>
    serving({ [`GET /executions/${b}/report`]: refusal('execution.no_report', 'No report.') }),
}
