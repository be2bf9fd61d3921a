import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, screen, userEvent, waitFor, within } from 'storybook/test'
import type { PlacedNode } from '../../../contract/topology.ts'
import { hostile, nodeIdOf, refusal } from '../../fixtures.ts'
import { closeRunRequest, useRunRequest } from '../../lib/run-request.ts'
import { answering, aServer, signedInAs } from '../../story-server.ts'
import { Topology } from './topology.tsx'

const node = (number: number, name: string, changed: Partial<PlacedNode> = {}): PlacedNode => ({
  id: nodeIdOf(number),
  name,
  tags: [],
  jumpNodeId: null,
  health: 'ok',
  findings: 0,
  ...changed,
})
const gate = nodeIdOf(1)
const some = [
  node(1, 'gate', { tags: ['edge'] }),
  node(2, 'nas', { tags: ['cellar'], jumpNodeId: gate, health: 'findings', findings: 2 }),
  node(3, 'nas-backup', { tags: ['cellar'], jumpNodeId: gate }),
  node(4, hostile.words, { tags: ['docker'], health: 'blocked' }),
  node(5, 'docker-2', { tags: ['docker'], jumpNodeId: gate, health: 'unreachable' }),
  node(6, 'docker-3', { tags: ['docker'], health: 'paused' }),
  node(7, 'pi', { health: 'unknown' }),
]
const serving = (items: readonly PlacedNode[], answers: object = {}) =>
  answering({ ...aServer(), 'GET /topology': { items }, ...answers })

const meta = {
  title: 'nodes/Topology',
  component: Topology,
  args: { filters: {}, onGroup: fn() },
  parameters: { queries: [signedInAs('operator')] },
  globals: { theme: 'light' },
  beforeEach: () => {
    closeRunRequest()
    return serving(some)
  },
  render: (args) => (
    <div className="p-6">
      <Topology {...args} />
    </div>
  ),
} satisfies Meta<typeof Topology>
export default meta
type Story = StoryObj<typeof meta>

/** A drag, and its twin for those without a mouse: both ask for the same run. */
export const Usual: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const agent = await page.findByText('System Health')
    const dataTransfer = new DataTransfer()
    const drag = (type: string, on: Element) =>
      on.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }))
    drag('dragstart', agent)
    const cellar = await page.findByRole('region', { name: 'cellar' })
    drag('dragover', cellar)
    drag('drop', cellar)
    await expect(useRunRequest.getState().request).toMatchObject({
      agentId: 'system-health',
      targets: ['tag:cellar'],
    })
    closeRunRequest()
    page.getByRole('button', { name: 'Run on nas' }).focus()
    await userEvent.keyboard('{Enter}')
    await userEvent.click(await screen.findByRole('menuitem', { name: 'System Health' }))
    await waitFor(() => expect(useRunRequest.getState().request).toMatchObject({ targets: [nodeIdOf(2)] }))
    closeRunRequest()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const AsATable: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'As a table' }))
    const row = page.getByRole('row', { name: /docker-2/ })
    await expect(within(row).getByText('through gate')).toBeVisible()
  },
}
export const ByJumpHost: Story = { args: { filters: { by: 'jump' } } }
/** Ten thousand are folded, and counted by how they are. */
export const TenThousand: Story = {
  beforeEach: () =>
    serving([
      node(1, 'gate', { tags: ['edge'] }),
      ...Array.from({ length: 10_000 }, (_, at) =>
        node(at + 2, `node-${at}`, {
          tags: [`rack-${at % 40}`],
          jumpNodeId: at % 3 === 0 ? gate : null,
          health: at % 97 === 0 ? 'unreachable' : at % 11 === 0 ? 'findings' : 'ok',
        }),
      ),
    ]),
  play: async ({ canvasElement }) => {
    const rack = within(await within(canvasElement).findByRole('region', { name: 'rack-7' }))
    await userEvent.click(rack.getByRole('button', { name: 'Unfold: rack-7' }))
    await expect((await rack.findAllByRole('link')).length).toBe(250)
  },
}
export const Phone: Story = { globals: { viewport: { value: 'mobile1' } } }
export const NoneFits: Story = { args: { filters: { search: 'xyzzy' } } }
export const Loads: Story = { beforeEach: () => serving([], { 'GET /topology': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving([], { 'GET /topology': refusal('server.no_answer', 'Nothing answers.') }),
}
export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByRole('region', { name: 'cellar' })
    await expect(page.queryByRole('button', { name: 'Run on nas' })).toBeNull()
  },
}
