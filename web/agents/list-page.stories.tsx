import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, within } from 'storybook/test'
import { agent, agents, anExecution, executionIdOf, executions, hostile, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { AgentsPage } from './list-page.tsx'

const runs = executions.map((one, at) => ({ ...one, agentId: at % 2 ? 'system-health' : 'docker-janitor' }))

const mistake = (message: string, line: number | null = null) => ({
  file: 'agent.yaml',
  line,
  column: null,
  severity: 'error' as const,
  rule: 'manifest',
  message,
  fix: 'Three numbers: version: 1.0.0',
})
const leftOut = [
  { folder: 'big-logs', problems: [mistake('version: Three numbers, e.g. 1.0.0', 9)] },
  { folder: 'my-ups', problems: Array.from({ length: 8 }, (_, at) => mistake(`Mistake ${at + 1}`, at + 1)) },
]

const meta = {
  title: 'agents/AgentsPage',
  component: AgentsPage,
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => answering(aServer({ someExecutions: runs })),
} satisfies Meta<typeof AgentsPage>
export default meta
type Story = StoryObj<typeof meta>

export const Catalogue: Story = {
  play: async ({ canvas }) => {
    const [first] = await canvas.findAllByRole('heading', { name: 'Docker Janitor' })
    await expect(first).toBeVisible()
  },
}
/** Some own agents are wrong: each is named with its line, and an administrator may read them again. */
export const LeftOut: Story = {
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () =>
    answering({
      ...aServer({ someExecutions: runs }),
      'GET /agents': { items: agents, leftOut },
    }),
  play: async ({ canvas }) => {
    const [panel] = await canvas.findAllByLabelText('Own agents that were left out')
    if (!panel) throw new Error('nothing was left out')
    await expect(within(panel).getByText('agent.yaml:9')).toBeVisible()
    await expect(within(panel).getByText('and 2 more; carl agent check tells all')).toBeVisible()
    await expect(canvas.getAllByText('Read own agents again')[0]).toBeVisible()
  },
}
/** What a role never does is not shown. */
export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect((await page.findAllByRole('region', { name: 'System Health' }))[0]).toBeVisible()
    await expect(page.queryByRole('button', { name: /run/i })).toBeNull()
  },
}
export const Loading: Story = { beforeEach: () => answering({ 'GET /agents': 'never' }) }
export const Empty: Story = { beforeEach: () => answering({ 'GET /agents': { items: [], leftOut: [] } }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /agents': refusal('server.not_ready', 'The server is starting.') }),
}
export const Hostile: Story = {
  beforeEach: () =>
    answering({
      ...aServer({ someExecutions: [anExecution({ id: executionIdOf(1), nodeName: hostile.html })] }),
      'GET /agents': {
        leftOut: [{ folder: hostile.rightToLeft, problems: [mistake(hostile.html), mistake(hostile.long)] }],
        items: [
          ...agents,
          {
            ...agent,
            manifest: {
              ...agent.manifest,
              id: 'hostile',
              title: hostile.long,
              description: hostile.html,
              reads: [hostile.rightToLeft, hostile.words, hostile.emoji],
              actions: [hostile.long, hostile.link],
            },
          },
        ],
      },
    }),
}
