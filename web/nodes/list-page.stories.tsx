import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { anExecution, executionIdOf, nodeIdOf, nodes, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { type ListFilters, NodeList } from './list-page.tsx'

const runs = Array.from({ length: 9 }, (_, number) =>
  anExecution({ id: executionIdOf(number), nodeId: nodeIdOf(1 + (number % 3)) }),
)
const server = aServer({ someExecutions: runs })

/** Keeps the filters as the address would. */
function WithAddress({ filters: first, onFilter }: Parameters<typeof NodeList>[0]) {
  const [filters, setFilters] = useState<ListFilters>(first)
  return (
    <NodeList
      filters={filters}
      onFilter={(changed) => {
        onFilter(changed)
        setFilters({ ...filters, ...changed })
      }}
    />
  )
}

const meta = {
  title: 'nodes/NodeList',
  component: NodeList,
  args: { filters: {}, onFilter: fn() },
  render: (args) => (
    <div className="p-6">
      <WithAddress {...args} />
    </div>
  ),
  parameters: { queries: [signedInAs('admin')], isPage: true },
  globals: { theme: 'light' },
  beforeEach: () => answering(server),
} satisfies Meta<typeof NodeList>
export default meta
type Story = StoryObj<typeof meta>

export const List: Story = {
  play: async ({ canvasElement }) => {
    await expect((await within(canvasElement).findAllByRole('row')).length).toBe(nodes.length + 1)
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Grid: Story = { args: { filters: { view: 'grid' } } }
export const Loads: Story = { beforeEach: () => answering({ ...server, 'GET /nodes': 'never' }) }
export const Broken: Story = {
  beforeEach: () => answering({ ...server, 'GET /nodes': refusal('server.no_answer') }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByRole('button', { name: 'Try again' })).toBeVisible()
  },
}
export const NoNodes: Story = { beforeEach: () => answering(aServer({ someNodes: [] })) }
export const NothingMatches: Story = { args: { filters: { search: 'nowhere' } } }
export const AsViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findAllByRole('row')
    await expect(page.queryByRole('link', { name: 'Add a node' })).toBeNull()
    await expect(page.queryByRole('checkbox')).toBeNull()
  },
}
export const MorePages: Story = {
  beforeEach: () => answering({ ...server, 'GET /nodes': { items: nodes, nextCursor: 'zeta' } }),
  args: { filters: { after: 'alpha' } },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('link', { name: 'First page' })).toBeVisible()
    await expect(page.getByRole('link', { name: 'Next page' })).toHaveAttribute('href', '/nodes?after=zeta')
  },
}

export const Narrowed: Story = {
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await userEvent.selectOptions(await page.findByRole('combobox', { name: 'Health' }), 'paused')
    await expect(args.onFilter).toHaveBeenCalledWith({ health: 'paused' })
  },
}

/** One of the selected nodes is refused; the others are done all the same. */
export const InBulk: Story = {
  beforeEach: () =>
    answering({
      ...server,
      ...Object.fromEntries(nodes.map((node) => [`PATCH /nodes/${node.id}`, node])),
      [`PATCH /nodes/${nodeIdOf(2)}`]: refusal('node.not_found'),
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('checkbox', { name: 'Select all on this page' }))
    await waitFor(() => expect(page.getByText(`${nodes.length} selected`)).toBeVisible())
    await userEvent.click(page.getByRole('button', { name: 'With the selected nodes' }))
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('menuitem', { name: 'Pause' }))
    const title = await body.findByText(`1 of ${nodes.length} did not work`)
    // It appears softly.
    await waitFor(() => expect(title).toBeVisible())
    await expect(body.getByText(/There is no such node/)).toBeVisible()
  },
}

/** All that fit, also those on other pages; then their keys, one of which cannot be renewed. */
export const RenewKeysOfAll: Story = {
  beforeEach: () => {
    const [first, ...others] = nodes
    return answering({
      ...server,
      'GET /nodes': ({ query }: { query: URLSearchParams }) =>
        query.get('limit') === '200' && query.get('cursor')
          ? { items: others, nextCursor: null }
          : { items: [first], nextCursor: 'on' },
      ...Object.fromEntries(nodes.map(({ id }) => [`POST /nodes/${id}/key/rotate`, {}])),
      [`POST /nodes/${nodeIdOf(2)}/key/rotate`]: refusal('key.not_rotatable'),
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('checkbox', { name: 'Select all on this page' }))
    await userEvent.click(await page.findByRole('button', { name: 'Select all that fit' }))
    await waitFor(() => expect(page.getByText(`${nodes.length} selected`)).toBeVisible())
    await userEvent.click(page.getByRole('button', { name: 'With the selected nodes' }))
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('menuitem', { name: 'Renew SSH keys' }))
    const confirm = within(await body.findByRole('alertdialog'))
    await userEvent.click(confirm.getByRole('button', { name: 'Renew SSH keys' }))
    await waitFor(() => expect(body.getByText(`1 of ${nodes.length} did not work`)).toBeVisible())
  },
}

export const DeleteMany: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('checkbox', { name: 'Select nas' }))
    await userEvent.click(page.getByRole('checkbox', { name: 'Select pve1' }))
    await userEvent.click(page.getByRole('button', { name: 'With the selected nodes' }))
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('menuitem', { name: 'Delete' }))
    const confirm = within(await body.findByRole('alertdialog'))
    await expect(confirm.getByRole('button', { name: 'Delete' })).toBeDisabled()
    await userEvent.type(confirm.getByRole('textbox'), '2')
    await expect(confirm.getByRole('button', { name: 'Delete' })).toBeEnabled()
  },
}
