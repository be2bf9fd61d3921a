import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
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

const sent = fn()

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
const aConflict = {
  kind: 'overlap',
  schedules: [
    { id: schedules[0]?.id, name: 'Morning system report' },
    { id: schedules[1]?.id, name: 'Weekly Docker clean-up' },
  ],
  nodes: ['nas', 'docker-1'],
  at: new Date(Date.now() + 86_400_000).toISOString(),
  times: 4,
}
const before = { kind: 'cron', cron: '0 2 * * 0' }
const after = { kind: 'cron', cron: '10 2 * * 0' }
const conflicts = {
  conflicts: [
    aConflict,
    {
      kind: 'pile-up',
      schedules: schedules.concat(schedules).map(({ id, name }) => ({ id, name })),
      at: aConflict.at,
      times: 30,
    },
    {
      kind: 'budget',
      limit: 'month',
      schedules: [],
      at: aConflict.at,
      likelyNanoUsd: 12_400_000_000,
      limitNanoUsd: 10_000_000_000,
    },
  ],
  moves: [{ id: schedules[1]?.id, name: 'Weekly Docker clean-up', zone: 'Europe/Berlin', before, after }],
  draft: null,
}

/** What is proposed is shown first, and sent as it was shown. */
export const Conflicts: Story = {
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => {
    sent.mockClear()
    return serving({
      'POST /schedules/conflicts': conflicts,
      'POST /schedules/spread': ({ body }: Asked) => {
        sent(body)
        return { changed: 1 }
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Spread them' }))
    const dialog = within(await within(document.body).findByRole('dialog'))
    await expect(dialog.getByText('Every Sun at 02:10')).toBeVisible()
    await expect(sent).not.toHaveBeenCalled()
    await userEvent.click(dialog.getByRole('button', { name: 'Change 1 schedule' }))
    await waitFor(() =>
      expect(sent).toHaveBeenCalledWith({ moves: [{ id: schedules[1]?.id, before, after }] }),
    )
  },
}
export const Cut: Story = {
  beforeEach: () =>
    serving({ 'GET /schedules/calendar': (asked: Asked) => ({ ...aCalendar(asked), isCut: true }) }),
}
