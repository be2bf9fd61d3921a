import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import type { ExecutionStart } from '../../contract/executions.ts'
import { ApiError } from '../../contract/client.ts'
import { agent, anExecution, nodeIdOf, nodes, refusal } from '../fixtures.ts'
import { type Asked, answering, aServer, signedInAs } from '../story-server.ts'
import { RunDialog } from './run-dialog.tsx'

const meta = {
  title: 'executions/RunDialog',
  component: RunDialog,
  args: { open: true, onOpenChange: fn() },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => answering(aServer()),
  globals: { theme: 'light' },
} satisfies Meta<typeof RunDialog>
export default meta
type Story = StoryObj<typeof meta>

const dialog = async () => within(await within(document.body).findByRole('dialog'))

export const Empty: Story = {}
export const Dark: Story = {
  args: { agentId: 'docker-janitor', targets: ['all'] },
  globals: { theme: 'dark' },
}
export const OfAnAgent: Story = { args: { agentId: 'system-health' } }
export const OnANode: Story = {
  args: { targets: [nodeIdOf(2)] },
  play: async () => {
    await expect(await (await dialog()).findByRole('button', { name: 'Remove pve1' })).toBeVisible()
  },
}
export const Again: Story = {
  args: { agentId: 'system-health', targets: [nodeIdOf(1)], options: { diskFullPct: 80 }, timeoutS: 60 },
}
export const ThatCanChange: Story = {
  args: { agentId: 'docker-janitor', targets: ['nas'] },
  play: async () => {
    const page = await dialog()
    await userEvent.click(await page.findByRole('switch', { name: 'Dry run' }))
    await expect(await page.findByRole('button', { name: 'Dry run on 1 node' })).toBeVisible()
  },
}

export const NodesResolveWhileOneTypes: Story = {
  args: { agentId: 'system-health' },
  play: async () => {
    const page = await dialog()
    const field = await page.findByRole('combobox', { name: /Nodes/ })
    await userEvent.type(field, 'pv')
    await expect(await page.findByRole('option', { name: /pve1/ })).toBeVisible()
    await userEvent.keyboard('{ArrowDown}{Enter}')
    await expect(page.getByRole('button', { name: 'Remove pve1' })).toBeVisible()
    await expect(await page.findByText('1 node will run it')).toBeVisible()

    // What is still being typed counts already, and a paused node says why it is left out.
    await userEvent.type(field, 'tag:nothing, workshop-pi')
    await expect(await page.findByText('1 left out')).toBeVisible()
    await expect(page.getByText(/the node is paused/)).toBeVisible()
    await expect(page.getByText('No node matches “tag:nothing”.')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Run on 1 node' })).toBeVisible()

    await userEvent.keyboard('{Escape}')
    await expect(page.getByRole('combobox', { name: /Nodes/ })).toHaveAttribute('aria-expanded', 'false')
    await userEvent.clear(field)
    await userEvent.keyboard('{Backspace}')
    await waitFor(() => expect(page.queryByRole('button', { name: 'Remove tag:nothing' })).toBeNull())
  },
}

const started = fn()
export const StartsWhatWasChosen: Story = {
  args: { agentId: 'docker-janitor', targets: ['nas'] },
  beforeEach: () =>
    answering({
      ...aServer(),
      'POST /executions': ({ body }: Asked) => {
        started(body as ExecutionStart)
        return { batchId: 'bat_01jd0000000000000000000001', executions: [anExecution()] }
      },
    }),
  play: async ({ args }) => {
    const page = await dialog()
    await userEvent.click(await page.findByRole('switch', { name: 'Dry run' }))
    await userEvent.click(page.getByText('Options and time limit'))
    await userEvent.type(page.getByRole('textbox', { name: 'Time limit in seconds' }), '60')
    await userEvent.click(await page.findByRole('button', { name: 'Dry run on 1 node' }))
    await waitFor(() =>
      expect(started).toHaveBeenCalledWith({
        agentId: 'docker-janitor',
        targets: ['nas'],
        options: {},
        dryRun: true,
        timeoutS: 60,
      }),
    )
    await waitFor(() => expect(args.onOpenChange).toHaveBeenCalledWith(false))
  },
}

export const WithoutNodesItSaysSoAtTheField: Story = {
  args: { agentId: 'system-health' },
  play: async () => {
    const page = await dialog()
    await page.findByText('Options and time limit')
    await userEvent.click(page.getByRole('button', { name: 'Run' }))
    await expect(await page.findByRole('alert')).toHaveTextContent('Name at least one node.')
  },
}

export const RefusedOptionsShowAtTheirFields: Story = {
  args: { agentId: 'system-health', targets: ['all'] },
  beforeEach: () =>
    answering({
      ...aServer(),
      'POST /executions': new ApiError(422, {
        ...refusal('agent.options_invalid').problem,
        issues: [{ path: 'options.diskFullPct', message: 'must be <= 99' }],
      }),
    }),
  play: async () => {
    const page = await dialog()
    await userEvent.click(await page.findByRole('button', { name: /Run on \d+ nodes/ }))
    await expect(await page.findByText('must be <= 99')).toBeVisible()
  },
}

export const AnyOtherRefusalStaysInSight: Story = {
  args: { agentId: 'system-health', targets: ['all'] },
  beforeEach: () =>
    answering({ ...aServer(), 'POST /executions': refusal('storage.full', 'Only 20 MB are free.') }),
  play: async () => {
    const page = await dialog()
    await userEvent.click(await page.findByRole('button', { name: /Run on \d+ nodes/ }))
    await expect(await page.findByText('Only 20 MB are free.')).toBeVisible()
  },
}

export const ForViewers: Story = {
  args: { agentId: 'system-health', targets: ['all'] },
  parameters: { queries: [signedInAs('viewer')] },
}

export const WithoutAgents: Story = {
  beforeEach: () => answering({ ...aServer(), 'GET /agents': { items: [], leftOut: [] } }),
}

export const OneAgentNeedsNoChoice: Story = {
  beforeEach: () =>
    answering({ ...aServer({ someNodes: nodes }), 'GET /agents': { items: [agent], leftOut: [] } }),
  play: async () => {
    const page = await dialog()
    await expect(await page.findByText('Options and time limit')).toBeVisible()
    await expect(page.queryByRole('combobox', { name: /Agent/ })).toBeNull()
  },
}
