import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { answering, type Asked, aServer, signedInAs } from '../story-server.ts'
import { ScheduleCalendar } from './calendar-page.tsx'
import { anOccurrence, schedules } from './samples.ts'

const hourMs = 3_600_000

/** A month of what the sample schedules do, whatever part of it is asked for. */
function aCalendar({ query }: Asked) {
  const [from, to] = ['from', 'to'].map((name) => Date.parse(query.get(name) ?? '')) as [number, number]
  const past: object[] = []
  const coming: object[] = []
  const states = ['ran', 'ran', 'late', 'ran', 'missed', 'ran', 'skipped'] as const
  for (const [index, { id }] of schedules.entries()) {
    for (
      let at = from + (3 + 4 * index) * hourMs;
      at < to;
      at += (index === 2 ? 1 : 24 * (index + 1)) * hourMs
    ) {
      const iso = new Date(at).toISOString()
      const state = states[Math.floor(at / (24 * hourMs)) % states.length] ?? 'ran'
      if (at < Date.now()) past.push(anOccurrence({ scheduleId: id, at: iso, dueAt: iso, state }))
      else {
        coming.push({
          scheduleId: id,
          at: iso,
          dueAt: iso,
          wall: iso.slice(0, 16),
          shift: null,
          isBlackedOut: false,
        })
      }
    }
  }
  return { past, coming, schedules: schedules.map(({ id, name }) => ({ id, name })), isCut: false }
}

const serving = (answers: object = {}) =>
  answering({ ...aServer(), 'GET /schedules/calendar': aCalendar, ...answers })

const meta = {
  title: 'schedules/ScheduleCalendar',
  component: ScheduleCalendar,
  args: { day: undefined, span: 'month', onChange: fn() },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof ScheduleCalendar>
export default meta
type Story = StoryObj<typeof meta>

export const Month: Story = {
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await expect((await page.findAllByText('Morning system report')).length).toBeGreaterThan(20)
    await userEvent.click(page.getByRole('button', { name: 'Later' }))
    await expect(args.onChange).toHaveBeenCalled()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Week: Story = { args: { span: 'week' } }
export const Loads: Story = { beforeEach: () => serving({ 'GET /schedules/calendar': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /schedules/calendar': refusal('server.no_answer') }),
}
export const Nothing: Story = {
  beforeEach: () =>
    serving({ 'GET /schedules/calendar': { past: [], coming: [], schedules: [], isCut: false } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/Nothing ran/)).toBeVisible()
  },
}
export const Cut: Story = {
  beforeEach: () =>
    serving({ 'GET /schedules/calendar': (asked: Asked) => ({ ...aCalendar(asked), isCut: true }) }),
}
