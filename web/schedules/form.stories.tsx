import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { answering, type Asked, aServer, signedInAs } from '../story-server.ts'
import { ScheduleForm } from './form.tsx'
import { aPreview, aSchedule, overTheChange } from './samples.ts'

let asked: unknown = null
const serving = (answers: object = {}) => {
  asked = null
  return answering({
    ...aServer(),
    'POST /schedules/preview': aPreview(),
    'POST /schedules': ({ body }: Asked) => {
      asked = body
      return aSchedule()
    },
    ...answers,
  })
}

const meta = {
  title: 'schedules/ScheduleForm',
  component: ScheduleForm,
  args: { onSaved: fn(), onCancel: fn() },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof ScheduleForm>
export default meta
type Story = StoryObj<typeof meta>

export const New: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Weekly: Story = {
  args: { schedule: aSchedule({ timing: { kind: 'cron', cron: '30 2 * * 0,6' } }) },
  beforeEach: () => serving({ 'POST /schedules/preview': overTheChange }),
}
export const SaysMoreThanCanBeChosen: Story = {
  args: { schedule: aSchedule({ timing: { kind: 'cron', cron: '0 7,19 1-7 * MON' } }) },
}
export const Interval: Story = {
  args: {
    schedule: aSchedule({
      timing: { kind: 'interval', everyMinutes: 90, from: '2026-11-26T07:00:00.000Z' },
      jitterS: 300,
      blackouts: [{ days: [], from: '22:00', to: '06:00' }],
    }),
  },
}
export const Once: Story = {
  args: { schedule: aSchedule({ timing: { kind: 'once', at: '2026-12-23T18:00' } }) },
}

export const SaysWhatIsWrong: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const cron = await page.findByLabelText('Cron expression')
    await userEvent.clear(cron)
    await userEvent.type(cron, '0 0 31 2 *')
    await expect(page.getByText('This day never comes.')).toBeVisible()
    await userEvent.click(page.getByRole('button', { name: 'New schedule' }))
    await expect(page.getByText('Give it a name')).toBeVisible()
    await expect(asked).toBeNull()
  },
}

export const FieldsAndExpressionFollowEachOther: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.selectOptions(await page.findByLabelText('How often'), 'week')
    await userEvent.click(page.getByRole('button', { name: 'Sun' }))
    await expect(page.getByLabelText('Cron expression')).toHaveValue('0 7 * * 0,1')
    const cron = page.getByLabelText('Cron expression')
    await userEvent.clear(cron)
    await userEvent.type(cron, '5 * * * *')
    await expect(page.getByLabelText('How often')).toHaveValue('hour')
    await expect(page.getByLabelText('Minute')).toHaveValue(5)
  },
}

export const Saves: Story = {
  args: { initial: { name: 'Nightly', agentId: 'system-health' as never, targets: ['nas'] } },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'New schedule' }))
    await waitFor(() =>
      expect(asked).toMatchObject({
        name: 'Nightly',
        timing: { kind: 'cron', cron: '0 7 * * *' },
        targets: ['nas'],
        catchUp: { policy: 'once' },
      }),
    )
  },
}

export const NameIsTaken: Story = {
  args: { initial: { name: 'Nightly', agentId: 'system-health' as never, targets: ['nas'] } },
  beforeEach: () => serving({ 'POST /schedules': refusal('schedule.name_taken') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'New schedule' }))
    await expect(await page.findByText('Another schedule has this name')).toBeVisible()
  },
}

export const PreviewIsBroken: Story = {
  beforeEach: () => serving({ 'POST /schedules/preview': refusal('server.no_answer') }),
}

/** A time that is free is taken by a click, and a blackout has its days. */
export const IsInTheWay: Story = {
  args: {
    schedule: aSchedule({
      timing: { kind: 'cron', cron: '0 7 * * *' },
      blackouts: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }],
    }),
  },
  beforeEach: () =>
    serving({
      'POST /schedules/conflicts': ({ body }: Asked) =>
        JSON.stringify(body).includes('"0 7 * * *"')
          ? {
              conflicts: [
                {
                  kind: 'overlap',
                  schedules: [
                    { id: aSchedule().id, name: 'Weekly backup check' },
                    { id: null, name: '' },
                  ],
                  nodes: ['nas'],
                  at: new Date(Date.now() + 86_400_000).toISOString(),
                  times: 31,
                },
              ],
              moves: [],
              draft: { kind: 'cron', cron: '10 7 * * *' },
            }
          : { conflicts: [], moves: [], draft: null },
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(
      await page.findByRole('button', { name: 'Use instead: Every day at 07:10' }, { timeout: 5_000 }),
    )
    await expect(page.getByLabelText('Cron expression')).toHaveValue('10 7 * * *')
    await waitFor(() => expect(page.queryByRole('region', { name: 'In each other’s way' })).toBeNull(), {
      timeout: 5_000,
    })
    await userEvent.click(page.getByText('More settings'))
    const days = within(page.getByRole('group', { name: 'Days of the blackout' }))
    const isOn = (name: string) => days.getByRole('button', { name, pressed: true })
    await expect(isOn('Sat')).toBeVisible()
    await expect(days.queryByRole('button', { name: 'Fri', pressed: true })).toBeNull()
    await userEvent.click(days.getByRole('button', { name: 'Fri' }))
    await expect(isOn('Fri')).toBeVisible()
  },
}
