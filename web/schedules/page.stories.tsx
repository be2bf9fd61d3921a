import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { answering, type Asked, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { ScheduleView } from './page.tsx'
import { aPreview, aSchedule, overTheChange, pastOccurrences } from './samples.ts'

const schedule = aSchedule({
  options: { depth: 3 },
  blackouts: [{ days: [], from: '22:00', to: '06:00' }],
  notifications: { webhook: 'https://discord.com/▮▮▮' },
})
const path = `/schedules/${schedule.id}`
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    [`GET ${path}`]: schedule,
    [`GET ${path}/coming`]: aPreview(),
    [`GET ${path}/occurrences`]: { items: pastOccurrences, nextCursor: null },
    ...answers,
  })

const meta = {
  title: 'schedules/ScheduleView',
  component: ScheduleView,
  args: { id: schedule.id },
  render: (args) => (
    <>
      <ScheduleView {...args} />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof ScheduleView>
export default meta
type Story = StoryObj<typeof meta>

export const EveryEnding: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('A later run makes up for it.')).toBeVisible()
    await expect(page.getByText(/The node is paused/)).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const OverAClockChange: Story = {
  beforeEach: () => serving({ [`GET ${path}/coming`]: overTheChange }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/leaves out 02:30/)).toBeVisible()
  },
}
export const NotDueYet: Story = {
  beforeEach: () => serving({ [`GET ${path}/occurrences`]: { items: [], nextCursor: null } }),
}
export const Loads: Story = { beforeEach: () => serving({ [`GET ${path}`]: 'never' }) }
export const PartsLoad: Story = {
  beforeEach: () => serving({ [`GET ${path}/coming`]: 'never', [`GET ${path}/occurrences`]: 'never' }),
}
export const Broken: Story = { beforeEach: () => serving({ [`GET ${path}`]: refusal('server.no_answer') }) }
export const PartsBroken: Story = {
  beforeEach: () =>
    serving({
      [`GET ${path}/coming`]: refusal('server.no_answer'),
      [`GET ${path}/occurrences`]: refusal('server.no_answer'),
    }),
}
export const Gone: Story = { beforeEach: () => serving({ [`GET ${path}`]: refusal('schedule.not_found') }) }
export const ForAViewer: Story = { parameters: { queries: [signedInAs('viewer')] } }

let asked: unknown = null
export const Pauses: Story = {
  beforeEach: () => {
    asked = null
    return serving({
      [`PATCH ${path}`]: ({ body }: Asked) => {
        asked = body
        return { ...schedule, paused: true, standing: 'paused' }
      },
    })
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await within(canvasElement).findByRole('button', { name: 'Pause' }))
    await waitFor(() => expect(asked).toEqual({ paused: true }))
  },
}
