import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import type { BatchId } from '../../contract/ids.ts'
import { anExecution, executionIdOf, executions, nodeIdOf, nodes, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { ExecutionList, type Filters } from './list-page.tsx'

const batchId = 'bat_01jd0000000000000000000001' as BatchId
const batch = executions.map((one) => ({ ...one, batchId }))

/** Keeps the filters as the address would. */
function WithAddress({ filters: first, onFilter, onClear }: Parameters<typeof ExecutionList>[0]) {
  const [filters, setFilters] = useState<Filters>(first)
  return (
    <ExecutionList
      filters={filters}
      onFilter={(changed) => {
        onFilter(changed)
        setFilters({ ...filters, ...changed })
      }}
      onClear={() => {
        onClear()
        setFilters({})
      }}
    />
  )
}

const meta = {
  title: 'executions/ExecutionList',
  component: ExecutionList,
  args: { filters: {}, onFilter: fn(), onClear: fn() },
  render: (args) => <WithAddress {...args} />,
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => answering(aServer()),
  globals: { theme: 'light' },
} satisfies Meta<typeof ExecutionList>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {
  play: async ({ canvasElement }) => {
    await expect((await within(canvasElement).findAllByRole('link', { name: / on / })).length).toBe(
      executions.length,
    )
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Loads: Story = { beforeEach: () => answering({ ...aServer(), 'GET /executions': 'never' }) }
export const Broken: Story = {
  beforeEach: () =>
    answering({ ...aServer(), 'GET /executions': refusal('server.no_answer', 'Nothing answers.') }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByRole('button', { name: 'Try again' })).toBeVisible()
  },
}
export const NothingYet: Story = {
  beforeEach: () => answering(aServer({ someExecutions: [] })),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Nothing has run yet')).toBeVisible()
  },
}

export const FiltersGoIntoTheAddress: Story = {
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await page.findAllByRole('link', { name: / on / })
    await userEvent.selectOptions(page.getByRole('combobox', { name: 'State' }), 'failed')
    await expect(args.onFilter).toHaveBeenLastCalledWith({ state: 'failed' })
    await waitFor(() => expect(page.getAllByRole('row')).toHaveLength(2))
    // The filter that was just used keeps the focus.
    await expect(page.getByRole('combobox', { name: 'State' })).toHaveFocus()

    await userEvent.click(page.getByRole('button', { name: 'Clear filters' }))
    await waitFor(() => expect(page.getAllByRole('row').length).toBe(executions.length + 1))

    await userEvent.type(page.getByRole('combobox', { name: 'Filter by node' }), 'pve')
    await userEvent.click(await page.findByRole('option', { name: /pve1/ }))
    await expect(args.onFilter).toHaveBeenLastCalledWith({ node: nodeIdOf(2) })
    await waitFor(() => expect(page.getByRole('combobox', { name: 'Filter by node' })).toHaveValue('pve1'))
  },
}

export const NothingMatches: Story = {
  args: { filters: { agent: 'gone-agent' } },
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('Nothing matches these filters')).toBeVisible()
    await expect(page.getByRole('combobox', { name: 'Agent' })).toHaveValue('gone-agent')
    await userEvent.click(page.getAllByRole('button', { name: 'Clear filters' })[0] as HTMLElement)
    await expect(args.onClear).toHaveBeenCalled()
  },
}

export const Batch: Story = {
  args: { filters: { batch: batchId } },
  beforeEach: () => answering(aServer({ someExecutions: batch })),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('progressbar', { name: '7 of 11 finished' })).toBeVisible()
    await userEvent.click(page.getByRole('button', { name: 'Cancel the 4 that still run' }))
    const dialog = await within(document.body).findByRole('alertdialog')
    await waitFor(() => expect(dialog).toBeVisible())
    await userEvent.keyboard('{Escape}')
  },
}

export const BatchThatIsDone: Story = {
  args: { filters: { batch: batchId } },
  beforeEach: () =>
    answering(aServer({ someExecutions: batch.filter(({ state }) => state === 'succeeded') })),
}

export const ManyPages: Story = {
  beforeEach: () =>
    answering(
      aServer({
        someExecutions: Array.from({ length: 120 }, (_, place) =>
          anExecution({ id: executionIdOf(place + 1), nodeName: nodes[place % 5]?.name ?? 'nas' }),
        ),
      }),
    ),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Older' }))
    await expect(await page.findByRole('button', { name: 'Newer' })).toBeEnabled()
  },
}

/** What a role never does is not shown. */
export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect((await page.findAllByRole('link', { name: / on / }))[0]).toBeVisible()
    await expect(page.queryByRole('button', { name: /run|cancel/i })).toBeNull()
  },
}
