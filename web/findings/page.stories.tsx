import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { findings, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { FindingList } from './page.tsx'

const open = findings.filter(({ state }) => state !== 'resolved')
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /findings': ({ query }: { query: URLSearchParams }) => ({
      items: query.get('open') === 'false' ? findings.filter(({ state }) => state === 'resolved') : open,
      nextCursor: null,
    }),
    ...answers,
  })

const meta = {
  title: 'findings/FindingList',
  component: FindingList,
  args: { filter: {}, onFilter: fn(), onClear: fn() },
  render: (args) => (
    <>
      <FindingList {...args} />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof FindingList>
export default meta
type Story = StoryObj<typeof meta>

export const Open: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const [first] = await page.findAllByRole('button', { name: 'Evidence and fix' })
    await expect(first).toBeDefined()
    if (first) await userEvent.click(first)
    await expect(await page.findByText(/du -xh \/var/)).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Resolved: Story = { args: { filter: { open: false } } }
export const Loads: Story = { beforeEach: () => serving({ 'GET /findings': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /findings': refusal('server.no_answer', 'Nothing answers.') }),
}
export const AllIsWell: Story = {
  beforeEach: () => serving({ 'GET /findings': { items: [], nextCursor: null } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('All is well')).toBeVisible()
  },
}
export const NothingFits: Story = {
  args: { filter: { severity: 'critical' } },
  beforeEach: () => serving({ 'GET /findings': { items: [], nextCursor: null } }),
}
export const HasMore: Story = {
  beforeEach: () => serving({ 'GET /findings': { items: open, nextCursor: 'more' } }),
}

let asked: unknown = null
export const Acknowledges: Story = {
  beforeEach: () => {
    asked = null
    return serving({
      'POST /findings/acknowledge': ({ body }: { body: unknown }) => {
        asked = body
        return { ...open[0], acknowledgedBy: 'anna' }
      },
    })
  },
  play: async ({ canvasElement }) => {
    const [first] = await within(canvasElement).findAllByRole('button', { name: 'Acknowledge' })
    if (first) await userEvent.click(first)
    await waitFor(() => expect(asked).toMatchObject({ key: open[0]?.key }))
  },
}
export const ForAViewer: Story = { parameters: { queries: [signedInAs('viewer')] } }
