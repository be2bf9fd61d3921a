import type { LogEntry } from '../../contract/executions.ts'

/** What happened, out of all that was said: the entries of a log that tell of a step, a command or a finding. */
export interface Story {
  /** The last number read. */
  readonly lastSeq: number
  readonly entries: readonly LogEntry[]
}

export const emptyStory: Story = { lastSeq: 0, entries: [] }

/** Entries of the log that a story is made of. What the agent printed is not among them. */
const isTelling = ({ stream, message }: LogEntry): boolean =>
  stream === 'server' || (stream === 'agent' && message !== null && message['kind'] !== 'log')

/** Goes on with entries that follow; those it has already are passed over. */
export function readOn(story: Story, items: readonly LogEntry[]): Story {
  const fresh = items.filter(({ seq }) => seq > story.lastSeq)
  const last = fresh.at(-1)
  if (!last) return story
  const telling = fresh.filter(isTelling)
  return {
    lastSeq: last.seq,
    entries: telling.length > 0 ? [...story.entries, ...telling] : story.entries,
  }
}

/** Whether entries continue a story without a hole. */
export const continues = (story: Story, items: readonly LogEntry[]): boolean =>
  items.length === 0 || (items[0]?.seq ?? 0) <= story.lastSeq + 1

/** A part of the agent's work as it says it: begun, done or gone wrong. */
export interface Step {
  readonly name: string
  readonly state: 'start' | 'ok' | 'error'
  /** How long it took; null while it goes on. */
  readonly ms: number | null
  /** How far it is, 0–100, where the agent says so. */
  readonly percent: number | null
}

/** The steps in the order in which they began, each as it stands now. */
export function stepsOf({ entries }: Story): Step[] {
  const steps = new Map<string, Step>()
  for (const { message } of entries) {
    if (message?.['kind'] !== 'progress') continue
    const { step, state, ms, done, total } = message
    if (typeof step !== 'string' || (state !== 'start' && state !== 'ok' && state !== 'error')) continue
    const percent =
      typeof done === 'number' && typeof total === 'number' && total > 0
        ? Math.min(100, (100 * done) / total)
        : null
    steps.set(step, { name: step, state, ms: typeof ms === 'number' ? ms : null, percent })
  }
  return [...steps.values()]
}

/** A finding as the log tells it while the agent runs: enough to read, not yet judged against earlier runs. */
export interface FoundSoFar {
  readonly seq: number
  readonly key: string
  readonly text: string
}

export const foundIn = ({ entries }: Story): FoundSoFar[] =>
  entries.flatMap(({ seq, text, message }) =>
    message?.['kind'] === 'finding' && typeof message['key'] === 'string'
      ? [{ seq, key: message['key'], text }]
      : [],
  )
