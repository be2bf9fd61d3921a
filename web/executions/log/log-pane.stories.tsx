import type { Meta, StoryObj } from '@storybook/react-vite'
import { useEffect, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import type { LogEntry } from '../../../contract/executions.ts'
import { setConnection } from '../../lib/connection.ts'
import type { TopicFrame } from '../../lib/live-socket.ts'
import { logEntries, refusal } from '../../fixtures.ts'
import { LogPane, type LogPlace } from './log-pane.tsx'
import { setLogPreferences } from './log-preferences.ts'
import { createLogSource } from './log-source.ts'

interface Scene {
  /** The entry of a number. */
  readonly entryOf: (seq: number) => LogEntry
  readonly lastSeq: number
  readonly complete: boolean
  readonly place?: LogPlace
  /** Lines that come while somebody watches, each time `comes` is pressed. */
  readonly coming?: number
  readonly startAfter?: number
  readonly refuses?: unknown
  readonly neverAnswers?: boolean
}

/** The log view on a log that a story makes up. */
function Stage({ entryOf, lastSeq, complete, place = {}, coming = 0, startAfter = 0, ...server }: Scene) {
  const [now, setNow] = useState(place)
  const [made] = useState(() => {
    let last = lastSeq
    let hear: (frame: TopicFrame) => void = () => {}
    const source = createLogSource({
      startAfter,
      isLive: () => true,
      read: async (after, limit) => {
        if (server.neverAnswers) await new Promise(() => {})
        if (server.refuses) throw server.refuses
        const items = Array.from({ length: Math.max(0, Math.min(limit, last - after)) }, (_, at) =>
          entryOf(after + at + 1),
        )
        return { items, lastSeq: last, complete }
      },
      follow: (follower) => {
        hear = (frame) => follower.hear(frame)
        return () => (hear = () => {})
      },
    })
    const come = () => {
      const entries = Array.from({ length: coming }, (_, at) => entryOf(last + at + 1))
      last += coming
      hear({ type: 'log', topic: `log:exe_${'0'.repeat(26)}` as never, entries })
    }
    return { source, come }
  })
  useEffect(() => {
    setConnection('live')
    setLogPreferences({ wraps: false, time: 'elapsed' })
    made.source.start()
    return made.source.stop
  }, [made])
  return (
    <>
      <LogPane
        source={made.source}
        place={now}
        onPlace={setNow}
        linkTo={() => '/executions/exe?tab=log'}
        downloadHref="#download"
        isGrowing={!complete}
      />
      {coming > 0 && (
        <button type="button" onClick={made.come}>
          comes
        </button>
      )}
    </>
  )
}

const meta = {
  title: 'executions/Log',
  component: Stage,
} satisfies Meta<typeof Stage>
export default meta
type Story = StoryObj<typeof meta>

const began = Date.parse('2026-03-01T12:00:00.000Z')
const levelOf = (seq: number): LogEntry['level'] =>
  seq % 97 === 0 ? 'error' : seq % 31 === 0 ? 'warn' : seq % 7 === 0 ? 'debug' : 'info'
const counted = (seq: number): LogEntry => ({
  seq,
  at: new Date(began + seq * 12).toISOString(),
  stream: seq % 5 === 0 ? 'err' : seq % 3 === 0 ? 'agent' : 'out',
  level: levelOf(seq),
  text: `step ${seq}: looked at /srv/media/photos/2026/${seq % 12}/IMG_${1_000 + seq}.jpg`,
  message: null,
})
const listed = (entries: readonly LogEntry[]) => ({
  entryOf: (seq: number) => ({ ...(entries[seq - 1] ?? counted(seq)), seq }),
  lastSeq: entries.length,
})
const printed = (...texts: readonly string[]): LogEntry[] =>
  texts.map((text, at) => ({ ...counted(at + 1), level: 'info', stream: 'out', text }))

export const Empty: Story = { args: { ...listed([]), complete: true } }
export const Waiting: Story = { args: { ...listed([]), complete: false } }
export const Opening: Story = { args: { ...listed([]), complete: false, neverAnswers: true } }
export const Refused: Story = {
  args: { ...listed([]), complete: true, refuses: refusal('execution.not_found') },
}
export const Finished: Story = { args: { ...listed(logEntries), complete: true } }

export const Live: Story = {
  args: { entryOf: counted, lastSeq: 200, complete: false, coming: 40 },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText(/step 200:/)
    await userEvent.click(canvas.getByText('comes'))
    // At the end already: the newest line shows by itself.
    await canvas.findByText(/step 240:/)
  },
}

export const PausedWithNewLines: Story = {
  args: { entryOf: counted, lastSeq: 200, complete: false, coming: 40 },
  globals: { theme: 'dark' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText(/step 200:/)
    const list = canvas.getByRole('list', { name: 'Log lines' })
    list.scrollTop -= 600
    await canvas.findByText('Follow (f)')
    await userEvent.click(canvas.getByText('comes'))
    await canvas.findByText('40 new lines')
    await expect(canvas.queryByText(/step 240:/)).toBeNull()
    await userEvent.click(canvas.getByText('40 new lines'))
    await canvas.findByText(/step 240:/)
    list.scrollTop -= 600
    await canvas.findByText('Follow (f)')
  },
}

/** What the node left out to stay bounded has a line of its own. */
export const Gap: Story = {
  args: {
    ...listed([
      ...printed('before'),
      {
        ...counted(2),
        stream: 'gap',
        level: 'warn',
        text: 'left out',
        message: { bytes: 12_345_678, count: 0 },
      },
      { ...counted(3), stream: 'gap', level: 'warn', text: 'left out', message: { bytes: 0, count: 204 } },
      ...printed('after'),
    ]),
    complete: true,
  },
}

export const Filtered: Story = {
  args: { entryOf: counted, lastSeq: 3_000, complete: true, place: { level: 'warn', stream: 'err' } },
  play: async ({ canvasElement }) => {
    const [canvas] = [...canvasElement.querySelectorAll<HTMLElement>('[data-theme]')].map((side) =>
      within(side),
    )
    if (!canvas) throw new Error('there is no story')
    await canvas.findByText(/step 155:/)
    await expect(canvas.queryByText(/step 156:/)).toBeNull()
  },
}
export const NothingFits: Story = {
  args: { ...listed(printed('one', 'two')), complete: true, place: { level: 'error' } },
}

export const Searched: Story = {
  args: { entryOf: counted, lastSeq: 20_000, complete: true },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText(/step 1:/)
    await userEvent.click(canvas.getByRole('list', { name: 'Log lines' }))
    await userEvent.keyboard('/')
    await userEvent.keyboard('STEP 1999')
    // 1999 itself, and 19990 to 19999, which have to be fetched.
    await canvas.findByText('11 lines', {}, { timeout: 10_000 })
    await userEvent.keyboard('{Enter}')
    await canvas.findByText('1 of 11')
    await waitFor(() => expect(canvas.getByText('step 1999')).toBeVisible())
    await userEvent.keyboard('{Enter}')
    await canvas.findByText('2 of 11')
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}')
    await canvas.findByText('1 of 11')
  },
}

const sgr = (codes: string, text: string) => `\u001b[${codes}m${text}\u001b[0m`
export const Colours: Story = {
  args: {
    ...listed(
      printed(
        Array.from({ length: 8 }, (_, at) => sgr(`3${at}`, `colour ${at} `)).join(''),
        Array.from({ length: 8 }, (_, at) => sgr(`9${at}`, `colour ${at + 8} `)).join(''),
        Array.from({ length: 8 }, (_, at) => sgr(`4${at}`, ` ground ${at} `)).join(' '),
        Array.from({ length: 8 }, (_, at) => sgr(`10${at}`, ` ground ${at + 8} `)).join(' '),
        [
          sgr('1', 'bold'),
          sgr('2', 'dim'),
          sgr('3', 'italic'),
          sgr('4', 'underlined'),
          sgr('9', 'struck'),
        ].join(' '),
        [sgr('7', ' inverse '), sgr('31;7', ' inverse red '), sgr('30;47', ' black on white ')].join(' '),
        [196, 208, 226, 46, 51, 21, 201, 240]
          .map((colour) => sgr(`38;5;${colour}`, `256:${colour} `))
          .join(''),
      ),
    ),
    complete: true,
  },
}

/** Whatever a node sends is text on its own line. */
export const Hostile: Story = {
  args: {
    ...listed(
      printed(
        '<img src=x onerror=alert(1)><script>alert(1)</script>',
        'gpj.\u202eexe.harmless',
        'שלום עולם: right to left, then 123',
        'مرحبا',
        `\u001b[2J\u001b[10;10H\u001b]0;title\u0007moved and named`,
        'bell\u0007 back\u0008\u0008 return\r nul\u0000',
        'javascript:alert(1) https://example.com/login',
        `Z${'\u0300\u0301\u0302\u0303'.repeat(40)}algo`,
        '👩‍👩‍👧‍👦 🏳️‍🌈 ½ ﷽',
        'x'.repeat(262_144),
        'word '.repeat(800),
        'the line after',
      ),
    ),
    complete: true,
  },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText('the line after')
    await userEvent.click(canvas.getByText('Show all 262,144 characters'))
    await canvas.findByText('Show less')
    await userEvent.click(canvas.getByText('Show less'))
    await canvas.findByText('the line after')
    await expect(canvasElement.querySelector('img, script, a[href^="http"]')).toBeNull()
  },
}

export const Wrapped: Story = {
  args: { ...listed(printed('short', 'word '.repeat(300), 'y'.repeat(900), 'short again')), complete: true },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText('short')
    const before = canvas.getByText('short again').getBoundingClientRect().top
    await userEvent.click(canvas.getByRole('button', { name: 'Wrap long lines (w)' }))
    await waitFor(() =>
      expect(canvas.getByText('short again').getBoundingClientRect().top).toBeGreaterThan(before + 100),
    )
  },
}

export const HalfAMillionLines: Story = {
  args: { entryOf: counted, lastSeq: 500_000, complete: true },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText(/step 1:/)
    await userEvent.click(canvas.getByRole('list', { name: 'Log lines' }))
    await userEvent.keyboard('{End}')
    await canvas.findByText(/step 500000:/)
    await userEvent.keyboard('{PageUp}{PageUp}')
    await waitFor(() => expect(canvas.queryByText(/step 500000:/)).toBeNull())
    await userEvent.keyboard('{Home}')
    await canvas.findByText(/step 1:/)
  },
}

/** A link to a line leads there and marks it; more lines are marked by the keyboard. */
export const Marked: Story = {
  args: { entryOf: counted, lastSeq: 5_000, complete: true, place: { line: 2_500 }, startAfter: 2_400 },
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await canvas.findByText(/step 2500:/)
    await canvas.findByText('Line 2,500')
    canvas.getByRole('list', { name: 'Log lines' }).focus()
    await userEvent.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}')
    await canvas.findByText('Lines 2,500 to 2,502')
    await userEvent.click(canvas.getByRole('button', { name: 'Line 2497' }))
    await canvas.findByText('Line 2,497')
  },
}
