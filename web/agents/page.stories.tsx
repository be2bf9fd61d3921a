import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn } from 'storybook/test'
import { agent, agents, executions, hostile } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { AgentDetail } from './page.tsx'

const runs = executions.map((one) => ({ ...one, agentId: 'system-health' }))
const [, janitor = agent] = agents

const meta = {
  title: 'agents/AgentPage',
  component: AgentDetail,
  args: { agent, tab: 'overview', onTab: fn() },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => answering(aServer({ someExecutions: runs })),
} satisfies Meta<typeof AgentDetail>
export default meta
type Story = StoryObj<typeof meta>

export const Overview: Story = {}
export const ThatMayChange: Story = { args: { agent: janitor } }
export const Options: Story = { args: { tab: 'options' } }
export const ForViewers: Story = { parameters: { queries: [signedInAs('viewer')] } }

const readme = `# Manual

Runs *everywhere*, **quickly**, with \`python3\`.

| section | reads |
| --- | --- |
| \`disks\` | mounts, /etc/fstab |

1. First
2. Second
   - inner

> A remark with [a link](https://example.org/page) in it.

\`\`\`sh
carl run system-health --on nas
\`\`\`
`
export const Manual: Story = { args: { tab: 'readme', agent: { ...agent, readme } } }
export const NoManual: Story = { args: { tab: 'readme', agent: { ...agent, readme: '' } } }

/** An installed agent may say anything; it stays text, and none of its links can be followed. */
export const HostileManual: Story = {
  args: {
    tab: 'readme',
    agent: {
      ...agent,
      readme: [
        hostile.html,
        `[${hostile.rightToLeft}](${hostile.link})`,
        `# ${hostile.long}`,
        hostile.emoji,
      ].join('\n\n'),
    },
  },
  play: async ({ canvas, canvasElement }) => {
    await canvas.findAllByText(/<script>/, {}, { timeout: 10_000 })
    await expect(canvasElement.querySelector('[role="tabpanel"] :is(a, img, script)')).toBeNull()
  },
}
