import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { toProblem } from '../../contract/errors.ts'
import type { AgentId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import {
  ago,
  aCredential,
  aiClaude,
  anAccess,
  anEnrolment,
  aNode,
  aNodeKey,
  anExecution,
  tightFacts,
  executionIdOf,
  findings,
  hostile,
  nodeIdOf,
  refusal,
  report,
} from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { NodeView } from './page.tsx'

const id = nodeIdOf(1)
const series = (name: string, unit: string, values: number[], labels = {}) => ({
  name,
  unit,
  labels,
  points: values.map((value, place) => ({ at: ago((values.length - place) * 1_440), value })),
})
const figures = {
  items: [
    series('disk.used_pct', '%', [71, 74, 78, 83, 93], { mount: '/var' }),
    series('memory.used_pct', '%', [41, 40, 44, 41, 41]),
    series('temperature', '°C', [48.5], { sensor: hostile.html }),
    series('disk.used', 'bytes', [1, 2]),
    series('uptime', 's', [1_000_000, 1_086_400]),
    series(hostile.long, '', [1, 2.5]),
  ],
}
const execution = anExecution({ id: executionIdOf(1), nodeId: id })
const server = (node: Partial<Node> = {}) => ({
  ...aServer({ someNodes: [aNode(node)], someExecutions: [execution] }),
  'GET /credentials': { items: [] },
  [`GET /nodes/${id}/key`]: aNodeKey(),
  'GET /findings': { items: findings.slice(0, 4), nextCursor: null },
  [`GET /nodes/${id}/metrics`]: figures,
  [`GET /nodes/${id}/access`]: anAccess(),
  'POST /enrolment': anEnrolment(),
  'GET /ai': aiClaude,
  [`GET /executions/${execution.id}/report`]: report,
})
const bare = (node: Partial<Node> = {}) => ({
  ...server(node),
  'GET /executions': { items: [], nextCursor: null },
  'GET /findings': { items: [], nextCursor: null },
  [`GET /nodes/${id}/metrics`]: { items: [] },
})

const meta = {
  title: 'nodes/NodePage',
  component: NodeView,
  args: { id, tab: 'overview', onTab: fn(), filter: {}, onFilter: fn() },
  render: (args) => (
    <div className="p-6">
      <NodeView {...args} />
    </div>
  ),
  parameters: { queries: [signedInAs('admin')], isPage: true },
  globals: { theme: 'light' },
  beforeEach: () => answering(server()),
} satisfies Meta<typeof NodeView>
export default meta
type Story = StoryObj<typeof meta>

export const Overview: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('img', { name: 'Disk /var: from 71% to 93%, 5 points' })).toBeVisible()
    await expect(page.queryByText('disk.used')).toBeNull()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const HostileName: Story = {
  beforeEach: () => answering(server({ name: hostile.rightToLeft, tags: [hostile.long] })),
}
export const Unknown: Story = {
  beforeEach: () => answering(bare({ health: 'unknown', lastSeenAt: null, hostKeys: [], platform: {} })),
}
export const Paused: Story = { beforeEach: () => answering(server({ health: 'paused', paused: true })) }
export const Unreachable: Story = {
  beforeEach: () =>
    answering(
      server({
        health: 'unreachable',
        connected: false,
        lastProblem: toProblem('ssh.connection_timeout', 'Nothing answered at 192.168.1.10:22 within 10 s.'),
      }),
    ),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('The node could not be reached')).toBeVisible()
    await expect(page.getByText(/Port: Nothing answered/)).toBeVisible()
  },
}
export const HostKeyChanged: Story = {
  beforeEach: () => answering(server({ health: 'blocked', lastProblem: toProblem('ssh.host_key_changed') })),
}
export const Facts: Story = { args: { tab: 'facts' } }
export const NoFacts: Story = { args: { tab: 'facts' }, beforeEach: () => answering(bare()) }
export const Connection: Story = { args: { tab: 'connection' } }
/** The node is opened by a key that can be shown. */
const opened = (access: object, node: Partial<Node> = {}) => ({
  ...server({ credentialId: aCredential.id, ...node }),
  'GET /credentials': { items: [aCredential] },
  [`GET /nodes/${id}/access`]: access,
})
const wide = anAccess({
  grade: 'D',
  facts: {
    ...tightFacts,
    user: 'root',
    isRoot: true,
    sudo: 'none',
    sudoRules: [],
    rootGroups: ['docker'],
    isForced: false,
    bundles: null,
    keyOptions: [],
  },
  reasons: [
    { reason: 'root-login', grade: 'D', subject: 'root' },
    { reason: 'root-group', grade: 'D', subject: hostile.html },
    { reason: 'no-gate', grade: 'C', subject: '' },
    { reason: 'no-restrict', grade: 'C', subject: '' },
    { reason: 'from-anywhere', grade: 'B', subject: '' },
    { reason: 'all-agents', grade: 'B', subject: '' },
  ],
})
export const Access: Story = {
  args: { tab: 'access' },
  beforeEach: () => answering(opened(anAccess(), { allowedAgents: ['system-health' as AgentId] })),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('There is nothing to tighten.')).toBeVisible()
  },
}
export const AccessOfRoot: Story = {
  args: { tab: 'access' },
  beforeEach: () => answering(opened(wide, { username: 'root' })),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('Nearly everything')).toBeVisible()
    await expect(await page.findByRole('region', { name: 'the commands' })).toBeVisible()
  },
}
export const AccessDark: Story = { ...AccessOfRoot, globals: { theme: 'dark' } }
export const AccessBehind: Story = {
  args: { tab: 'access' },
  beforeEach: () =>
    answering(
      opened(
        anAccess({
          grade: 'B',
          reasons: [{ reason: 'gate-behind', grade: 'B', subject: 'System Health' }],
          agents: [
            {
              agentId: 'system-health' as AgentId,
              title: 'System Health',
              isGranted: true,
              onNode: 'other-version',
            },
            { agentId: 'x' as AgentId, title: hostile.long, isGranted: false, onNode: 'allowed' },
          ],
        }),
      ),
    ),
}
export const AccessUnknown: Story = {
  args: { tab: 'access' },
  beforeEach: () => answering(opened(anAccess({ facts: null, seenAt: null, grade: null }))),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByRole('button', { name: 'Ask the node' })).toBeVisible()
  },
}
export const AccessOfPassword: Story = {
  args: { tab: 'access' },
  beforeEach: () =>
    answering({
      ...opened(wide),
      'GET /credentials': { items: [{ ...aCredential, kind: 'password', publicKey: null }] },
    }),
}
export const AccessAsViewer: Story = {
  args: { tab: 'access' },
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    await expect(
      await within(canvasElement).findByText('Granting agents takes an administrator.'),
    ).toBeVisible()
  },
}
export const AccessLoads: Story = {
  args: { tab: 'access' },
  beforeEach: () => answering({ ...server(), [`GET /nodes/${id}/access`]: 'never' }),
}
export const AccessBroken: Story = {
  args: { tab: 'access' },
  beforeEach: () => answering({ ...server(), [`GET /nodes/${id}/access`]: refusal('server.bug') }),
}
export const Executions: Story = { args: { tab: 'executions' } }
export const NoExecutions: Story = { args: { tab: 'executions' }, beforeEach: () => answering(bare()) }
export const Settings: Story = {
  args: { tab: 'settings' },
  play: async ({ canvasElement }) => {
    // The form is loaded when it is wanted.
    await expect(
      await within(canvasElement).findByRole(
        'switch',
        { name: 'Never ask a model about this node' },
        { timeout: 5_000 },
      ),
    ).not.toBeChecked()
  },
}
export const AsViewer: Story = {
  args: { tab: 'settings' },
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/takes an administrator/)).toBeVisible()
  },
}
export const Loads: Story = { beforeEach: () => answering({ ...server(), [`GET /nodes/${id}`]: 'never' }) }
export const Gone: Story = {
  beforeEach: () => answering({ ...server(), [`GET /nodes/${id}`]: refusal('node.not_found') }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('There is no such node')).toBeVisible()
  },
}
export const PartsBroken: Story = {
  beforeEach: () =>
    answering({
      ...server(),
      'GET /executions': refusal('server.bug'),
      'GET /findings': refusal('server.bug'),
      [`GET /nodes/${id}/metrics`]: refusal('server.bug'),
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await waitFor(() => expect(page.getAllByRole('alert').length).toBe(3))
  },
}

const story = {
  items: [
    {
      kind: 'finding',
      at: ago(30),
      what: 'resolved',
      agentId: 'system-health',
      key: 'disk.full:/var',
      severity: 'high',
      title: '/var is 93 % full',
      executionId: executionIdOf(1),
      by: null,
    },
    {
      kind: 'change',
      at: ago(31),
      executionId: executionIdOf(1),
      agentId: 'system-health',
      texts: ['/var shrank from 93 % to 61 %', `A new user: ${hostile.html}`],
      total: 7,
    },
    {
      kind: 'execution',
      at: ago(31),
      executionId: executionIdOf(1),
      agentId: 'system-health',
      state: 'succeeded',
      mode: 'report',
      dryRun: false,
      startedBy: 'user:anna',
      verdict: 'All is well.',
    },
    {
      kind: 'approval',
      at: ago(55),
      what: 'approved',
      planId: `pln_${'0'.repeat(26)}`,
      executionId: executionIdOf(2),
      by: 'user:anna',
      titles: ['Remove 14 images that nothing uses', 'Remove the build cache'],
      total: 2,
    },
    {
      kind: 'execution',
      at: ago(2_000),
      executionId: executionIdOf(3),
      agentId: 'docker-janitor',
      state: 'failed',
      mode: 'apply',
      dryRun: false,
      startedBy: 'user:anna',
      verdict: null,
    },
    { kind: 'audit', at: ago(2_100), seq: 7, actor: 'user:anna', action: 'node.changed' },
  ],
  nextCursor: 'more',
}
const withStory = (answers: object = {}) =>
  answering({ ...server(), [`GET /nodes/${id}/story`]: story, ...answers })

export const ItsStory: Story = {
  args: { tab: 'story' },
  beforeEach: () => withStory(),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('img', { name: /disk.used_pct \/var: from/ })).toBeVisible()
    await userEvent.click(page.getByRole('button', { name: 'As a table' }))
    await expect(await page.findByRole('table', { name: 'disk.used_pct /var' })).toBeVisible()
    await expect(await page.findByText('7 things changed')).toBeVisible()
  },
}
export const ItsStoryDark: Story = {
  args: { tab: 'story' },
  beforeEach: () => withStory(),
  globals: { theme: 'dark' },
}
export const NoStoryYet: Story = {
  args: { tab: 'story' },
  beforeEach: () =>
    withStory({
      [`GET /nodes/${id}/story`]: { items: [], nextCursor: null },
      [`GET /nodes/${id}/metrics`]: { items: [] },
    }),
}
export const StoryBroken: Story = {
  args: { tab: 'story' },
  beforeEach: () =>
    withStory({ [`GET /nodes/${id}/story`]: refusal('server.no_answer', 'Nothing answers.') }),
}
