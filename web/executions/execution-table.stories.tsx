import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { agents, anExecution, anOutcome, executionIdOf, executions, hostile } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Card } from '../ui/card.tsx'
import { ExecutionTable, ExecutionTableSkeleton } from './execution-table.tsx'

const meta = {
  title: 'executions/ExecutionTable',
  component: ExecutionTable,
  args: { executions },
  render: (args) => (
    <Card className="overflow-clip">
      <ExecutionTable {...args} />
    </Card>
  ),
  parameters: {
    queries: [[['agents', 'list', {}], { items: agents }], signedInAs('operator')],
  },
  globals: { theme: 'light' },
} satisfies Meta<typeof ExecutionTable>
export default meta
type Story = StoryObj<typeof meta>

export const EveryState: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const OfOneNode: Story = { args: { without: 'node' } }
export const OfOneAgent: Story = { args: { without: 'agent' } }

export const Found: Story = {
  args: {
    executions: [
      anExecution({
        findings: { critical: 1, high: 2, warning: 12, info: 0 },
        verdict: '3 things need you.',
      }),
      anExecution({
        id: executionIdOf(2),
        dryRun: true,
        outcome: { ...anOutcome('succeeded'), partial: true },
        verdict: 'All is well, as far as it could see.',
      }),
    ],
  },
}

export const HostileText: Story = {
  args: {
    executions: Object.values(hostile).map((text, place) =>
      anExecution({ id: executionIdOf(place + 1), nodeName: text, verdict: text }),
    ),
  },
}

export const Loads: Story = { render: () => <ExecutionTableSkeleton /> }

export const CancelIsAskedOnce: Story = {
  beforeEach: () => answering(aServer()),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(page.getAllByRole('button', { name: /^Cancel / })[0] as HTMLElement)
    const dialog = within(await within(document.body).findByRole('alertdialog'))
    await waitFor(() => expect(dialog.getByText(/What it has found so far stays/)).toBeVisible())
    await userEvent.click(dialog.getByRole('button', { name: 'Keep it running' }))
    await expect(within(document.body).queryByRole('alertdialog')).toBeNull()
  },
}

export const ViewersCannotCancel: Story = {
  parameters: { queries: [[['agents', 'list', {}], { items: agents }], signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).queryByRole('button', { name: /^Cancel / })).toBeNull()
  },
}
