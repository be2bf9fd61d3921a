import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect } from 'storybook/test'
import { agent, agents, anExecution, executionIdOf, executions, hostile, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { AgentsPage } from './list-page.tsx'

const runs = executions.map((one, at) => ({ ...one, agentId: at % 2 ? 'system-health' : 'docker-janitor' }))

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
export const ForViewers: Story = { parameters: { queries: [signedInAs('viewer')] } }
export const Loading: Story = { beforeEach: () => answering({ 'GET /agents': 'never' }) }
export const Empty: Story = { beforeEach: () => answering({ 'GET /agents': { items: [] } }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /agents': refusal('server.not_ready', 'The server is starting.') }),
}
export const Hostile: Story = {
  beforeEach: () =>
    answering({
      ...aServer({ someExecutions: [anExecution({ id: executionIdOf(1), nodeName: hostile.html })] }),
      'GET /agents': {
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
