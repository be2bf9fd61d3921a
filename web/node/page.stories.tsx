import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, waitFor, within } from 'storybook/test'
import { toProblem } from '../../contract/errors.ts'
import type { Node } from '../../contract/nodes.ts'
import {
  ago,
  aNode,
  aNodeKey,
  anExecution,
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
  args: { id, tab: 'overview', onTab: fn() },
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
export const Executions: Story = { args: { tab: 'executions' } }
export const NoExecutions: Story = { args: { tab: 'executions' }, beforeEach: () => answering(bare()) }
export const Settings: Story = { args: { tab: 'settings' } }
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
