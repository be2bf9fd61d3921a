import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import type { JournalEntry, LogEntry } from '../../../contract/executions.ts'
import { anExecution, executionIdOf, hostile, refusal } from '../../fixtures.ts'
import { Timeline } from './timeline.tsx'
import { answering, signedInAs } from '../../story-server.ts'

const id = executionIdOf(1)
const zero = Date.parse('2026-11-25T10:00:00.000Z')
const at = (ms: number) => new Date(zero + ms).toISOString()
const journal = (...all: readonly [step: string, ms: number][]): JournalEntry[] =>
  all.map(([step, ms], index) => ({ seq: index + 1, at: at(ms), step, detail: {} }))
const said = (...all: readonly [ms: number, message: Record<string, unknown>][]): LogEntry[] =>
  all.map(([ms, message], index) => ({
    seq: index + 1,
    at: at(ms),
    stream: 'agent',
    level: 'info',
    text: '',
    message,
  }))
const progress = (step: string, state: string) => ({ kind: 'progress', step, state })
const exec = (argv: string[], rc: number | null, ms: number) => ({
  kind: 'exec',
  argv,
  rc,
  ms,
  out: 5_120,
  err: 0,
  note: rc === null ? 'not found' : null,
})

const whole = journal(['claimed', 20], ['launch.intent', 240], ['running', 520], ['finished', 6_300])
const entries = said(
  [530, progress('host', 'start')],
  [540, progress('host', 'ok')],
  [550, progress('disks', 'start')],
  [700, exec(['/usr/bin/df', '-P'], 0, 120)],
  [710, progress('disks', 'ok')],
  [720, progress('load', 'start')],
  [725, progress('updates', 'start')],
  [900, exec(['sudo', '-n', '/usr/bin/dmesg'], 1, 30)],
  [2_740, progress('load', 'ok')],
  [5_900, exec(['/usr/bin/apt-get', '-s', 'dist-upgrade'], null, 5_100)],
  [6_000, progress('updates', 'error')],
  [6_100, progress(hostile.html, 'start')],
  [6_110, progress(hostile.html, 'ok')],
  [6_200, { kind: 'result', status: 'partial' }],
)
const execution = anExecution({ queuedAt: at(0), startedAt: at(20), finishedAt: at(6_300), logLines: 20 })

const serving = (items: JournalEntry[], log: LogEntry[]) =>
  answering({
    [`GET /executions/${id}/journal`]: { items },
    [`GET /executions/${id}/log`]: { items: log, lastSeq: log.length, complete: true },
  })

const meta = {
  title: 'executions/Timeline',
  component: Timeline,
  args: { execution },
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(whole, entries),
  globals: { theme: 'light' },
} satisfies Meta<typeof Timeline>
export default meta
type Story = StoryObj<typeof meta>

export const Whole: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('treeitem', { name: /^apt-get/ }))
    await expect(page.getByText(/apt-get -s dist-upgrade/)).toBeVisible()
    await expect(page.getByText(/not run/)).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }

export const ByKeyboard: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const tree = await page.findByRole('tree')
    tree.focus()
    await userEvent.keyboard('{End}{Enter}')
    await expect(page.getByText('Report', { selector: 'p' })).toBeVisible()
    await userEvent.keyboard('{Home}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowLeft}')
    await expect(page.queryByRole('treeitem', { name: /^disks/ })).toBeNull()
    await userEvent.keyboard('{ArrowRight}')
    await expect(await page.findByRole('treeitem', { name: /^disks/ })).toBeVisible()
  },
}

export const Running: Story = {
  args: {
    execution: anExecution({
      queuedAt: new Date(Date.now() - 6_400).toISOString(),
      startedAt: new Date(Date.now() - 6_380).toISOString(),
      finishedAt: null,
      state: 'running',
      outcome: null,
      verdict: null,
      logLines: 20,
    }),
  },
  beforeEach: () => {
    const shift = <Entry extends { at: string }>(entry: Entry): Entry => ({
      ...entry,
      at: new Date(Date.parse(entry.at) - zero + Date.now() - 6_400).toISOString(),
    })
    return serving(whole.slice(0, 3).map(shift), entries.slice(0, 9).map(shift))
  },
}

export const LinkLost: Story = {
  beforeEach: () =>
    serving(
      journal(
        ['claimed', 20],
        ['launch.intent', 240],
        ['running', 520],
        ['link.lost', 2_000],
        ['attached', 4_000],
        ['finished', 6_300],
      ),
      entries,
    ),
}

const many = said(
  [530, progress('all', 'start')],
  ...Array.from({ length: 500 }, (_, index): [number, Record<string, unknown>] => [
    560 + index * 10,
    exec([`/usr/bin/tool-${index}`], index % 17 === 0 ? 1 : 0, 9),
  ]),
  [5_800, progress('all', 'ok')],
  [6_200, { kind: 'result', status: 'ok' }],
)
export const FiveHundred: Story = {
  beforeEach: () => serving(whole, many),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const tree = await page.findByRole('tree')
    // Only what is in view is drawn.
    await expect(page.getAllByRole('treeitem').length).toBeLessThan(80)
    tree.focus()
    await userEvent.keyboard('{End}')
    await expect(await page.findByRole('treeitem', { name: /^Report/ })).toBeVisible()
  },
}

export const Loads: Story = {
  beforeEach: () =>
    answering({ [`GET /executions/${id}/journal`]: 'never', [`GET /executions/${id}/log`]: 'never' }),
}
export const Broken: Story = {
  beforeEach: () => answering({ [`GET /executions/${id}/journal`]: refusal('server.bug') }),
}
