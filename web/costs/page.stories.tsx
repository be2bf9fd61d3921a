import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import {
  aCall,
  budgets,
  costEstimate,
  costEstimateOff,
  costOff,
  costSummary,
  executionIdOf,
  prices,
  refusal,
  spending,
  unknownCall,
} from '../fixtures.ts'
import { answering, type Asked, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { ExecutionCost } from './calls.tsx'
import { CostsView } from './page.tsx'

const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /costs/summary': costSummary,
    'GET /costs/spending': spending,
    'GET /costs/calls': ({ query }: Asked) => ({
      items: query.get('state') === 'unknown' ? [unknownCall] : [aCall(), unknownCall],
      nextCursor: null,
    }),
    'GET /costs/budgets': budgets,
    'GET /costs/prices': { asOf: '2026-11-20', areOld: false, items: prices },
    'POST /costs/estimate': costEstimate,
    ...answers,
  })

const meta = {
  title: 'costs/CostsView',
  component: CostsView,
  args: { tab: 'spending', days: '30', onChange: fn() },
  render: (args) => (
    <>
      <CostsView {...args} />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof CostsView>
export default meta
type Story = StoryObj<typeof meta>

export const Spends: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'By day: Show as a table' }))
    await expect(await page.findByRole('table', { name: 'By day' })).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const IsOff: Story = {
  beforeEach: () =>
    serving({
      'GET /costs/summary': costOff,
      'GET /costs/spending': {
        ...spending,
        totalNanoUsd: 0,
        calls: 0,
        byAgent: [],
        byNode: [],
        byModel: [],
        savings: [],
        suggestions: [],
        forecast: null,
        days: spending.days.map(({ day }) => ({ day, nanoUsd: 0 })),
      },
    }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Nothing was spent')).toBeVisible()
  },
}
export const Paused: Story = {
  beforeEach: () =>
    serving({
      'GET /costs/summary': {
        ...costSummary,
        todayNanoUsd: 999_000_000,
        reached: {
          limit: 'day',
          agentId: null,
          limitNanoUsd: 1_000_000_000,
          resetsAt: budgets.items[1]?.resetsAt,
        },
        prices: { asOf: '2026-06-01', areOld: true },
      },
    }),
}
export const Loads: Story = {
  beforeEach: () => serving({ 'GET /costs/summary': 'never', 'GET /costs/spending': 'never' }),
}
export const Broken: Story = {
  beforeEach: () =>
    serving({
      'GET /costs/summary': refusal('server.no_answer'),
      'GET /costs/spending': refusal('server.no_answer'),
    }),
}

let asked: unknown = null
export const Limits: Story = {
  args: { tab: 'limits' },
  beforeEach: () => {
    asked = null
    return serving({
      'PUT /costs/budgets': ({ body }: Asked) => {
        asked = body
        return budgets
      },
    })
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await within(canvasElement).findByRole('button', { name: 'Change: A day' }))
    const dialog = within(await within(document.body).findByRole('dialog'))
    const field = dialog.getByLabelText('Limit in US dollars')
    await userEvent.clear(field)
    await userEvent.type(field, '2,50')
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(asked).toEqual({ limit: 'day', agentId: null, limitNanoUsd: 2_500_000_000 }))
  },
}
export const LimitsForAViewer: Story = {
  args: { tab: 'limits' },
  parameters: { queries: [signedInAs('viewer')] },
}
export const Plans: Story = {
  args: { tab: 'plan' },
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/7,200 runs a month, about 101 calls/)).toBeVisible()
  },
}
export const PlansWithoutAi: Story = {
  args: { tab: 'plan' },
  beforeEach: () => serving({ 'POST /costs/estimate': costEstimateOff }),
}
export const Prices: Story = { args: { tab: 'prices' } }

export const OfAnExecution: Story = {
  render: () => <ExecutionCost executionId={executionIdOf(1)} />,
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('1,900 from the cache')).toBeVisible()
  },
}
export const OfAnExecutionWithoutAi: Story = {
  render: () => <ExecutionCost executionId={executionIdOf(1)} />,
  beforeEach: () => serving({ 'GET /costs/calls': { items: [], nextCursor: null } }),
}
