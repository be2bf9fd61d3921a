import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, within } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { ScheduleList } from './list-page.tsx'
import { schedules } from './samples.ts'

const serving = (answers: object = {}) =>
  answering({ ...aServer(), 'GET /schedules': { items: schedules, nextCursor: null }, ...answers })

const meta = {
  title: 'schedules/ScheduleList',
  component: ScheduleList,
  args: { search: undefined, after: undefined, onChange: fn() },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof ScheduleList>
export default meta
type Story = StoryObj<typeof meta>

export const Some: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('link', { name: 'Morning system report' })).toBeVisible()
    await expect(page.getByText('Overdue')).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Loads: Story = { beforeEach: () => serving({ 'GET /schedules': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /schedules': refusal('server.no_answer', 'Nothing answers.') }),
}
export const Empty: Story = {
  beforeEach: () => serving({ 'GET /schedules': { items: [], nextCursor: null } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Nothing runs by itself yet')).toBeVisible()
  },
}
export const NothingFits: Story = {
  args: { search: 'nothing' },
  beforeEach: () => serving({ 'GET /schedules': { items: [], nextCursor: null } }),
}
export const ForAViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByText('Morning system report')
    await expect(page.queryByRole('link', { name: 'New schedule' })).toBeNull()
  },
}
