import type { Execution, JournalEntry, LogEntry } from '../../../contract/executions.ts'

/** What a stretch of time was spent on. `step` is a section of the agent, named by it; the rest are the server's. */
export type SpanKind =
  | 'queued'
  | 'connect'
  | 'start'
  | 'agent'
  | 'step'
  | 'command'
  | 'away'
  | 'stop'
  | 'report'

/** A stretch of time on the axis. Milliseconds since 1970; `endMs` is null while it goes on. */
export interface Span {
  readonly id: string
  /** The span it happened within; null at the top. */
  readonly parent: string | null
  readonly kind: SpanKind
  /** The agent's own name for a step, or the program of a command; empty where the kind says it all. */
  readonly name: string
  readonly startMs: number
  readonly endMs: number | null
  readonly state: 'ok' | 'error' | 'active'
  /** The entry of the log that tells of it. */
  readonly seq: number | null
  readonly command: SpanCommand | null
}

export interface SpanCommand {
  readonly argv: readonly string[]
  /** Null when it was not run, or nobody saw its end. */
  readonly rc: number | null
  readonly note: string | null
  readonly via: string
  /** Bytes it printed, where known. */
  readonly out: number | null
  readonly err: number | null
}

type Times = Pick<Execution, 'queuedAt' | 'finishedAt' | 'outcome'>

/**
 * Tells an execution as spans, parents before their children, each level in order of time. Journal and log are of two
 * clocks that may differ by the way to the node, so no span starts before its parent or ends after it.
 */
export function toSpans(
  execution: Times,
  journal: readonly JournalEntry[],
  entries: readonly LogEntry[],
): Span[] {
  const finishedMs = execution.finishedAt === null ? null : Date.parse(execution.finishedAt)
  const stages = stagesOf(execution, journal, entries, finishedMs)
  const agent = stages.find(({ kind }) => kind === 'agent')
  if (!agent) return stages
  const steps = stepSpans(entries, agent)
  const commands = commandSpans(entries, agent, steps)
  const inside = [...steps, ...commands].filter(({ parent }) => parent === agent.id).toSorted(byStart)
  return stages.flatMap((stage) =>
    stage === agent
      ? [agent, ...inside.flatMap((span) => [span, ...commands.filter(({ parent }) => parent === span.id)])]
      : [stage],
  )
}

const byStart = (a: Span, b: Span) => a.startMs - b.startMs || (a.seq ?? 0) - (b.seq ?? 0)

/** What the server's journal opens or closes; the last one open ends with the execution. */
function stagesOf(
  { queuedAt, outcome }: Times,
  journal: readonly JournalEntry[],
  entries: readonly LogEntry[],
  finishedMs: number | null,
): Span[] {
  const spans: Span[] = []
  const hasFailed = outcome !== null && outcome.kind !== 'succeeded'
  const begin = (kind: SpanKind, startMs: number, seq: number | null = null) => {
    spans.push({ ...bare, id: `${kind}-${spans.length}`, kind, startMs, seq })
  }
  const close = (kinds: readonly SpanKind[], atMs: number, state: Span['state'] = 'ok') => {
    for (const [place, span] of spans.entries())
      if (span.endMs === null && kinds.includes(span.kind))
        spans[place] = { ...span, endMs: Math.max(span.startMs, atMs), state }
  }
  const isOpen = (kind: SpanKind) => spans.some((span) => span.kind === kind && span.endMs === null)

  begin('queued', Date.parse(queuedAt))
  for (const { step, at } of journal) {
    const atMs = Date.parse(at)
    switch (step) {
      case 'claimed':
        close(['queued'], atMs)
        if (!spans.some(({ kind, endMs }) => kind === 'agent' && endMs === null)) begin('connect', atMs)
        break
      case 'launch.intent':
        close(['connect', 'start'], atMs)
        begin('start', atMs)
        break
      case 'running':
        close(['connect', 'start'], atMs)
        if (!isOpen('agent')) begin('agent', atMs)
        break
      case 'link.lost':
        begin('away', atMs)
        break
      case 'attached':
        close(['away', 'connect'], atMs)
        break
      case 'cancel.requested':
      case 'stopping':
        if (!isOpen('stop') && !isOpen('queued')) begin('stop', atMs)
        break
      case 'handed-back':
      case 'requeued':
        close(['connect', 'start', 'away', 'stop'], atMs, 'error')
        begin('queued', atMs)
        break
      case 'finished': {
        const result = entries.findLast(({ message }) => message?.['kind'] === 'result')
        const startMs = result ? Math.min(atMs, Date.parse(result.at)) : atMs
        if (isOpen('agent') && result) {
          close(['agent'], startMs, hasFailed ? 'error' : 'ok')
          if (!hasFailed) begin('report', startMs, result.seq)
        }
        break
      }
    }
  }
  if (finishedMs !== null) {
    close(['report', 'stop', 'queued'], finishedMs)
    close(['connect', 'start', 'agent', 'away'], finishedMs, hasFailed ? 'error' : 'ok')
  }
  // Its messages carry the node's own clock, counted from when it was sent: the first may come before the hello.
  return spans.map((span) => (span.kind === 'agent' ? earlier(span, entries) : span)).toSorted(inOrder)
}

/** Stages follow each other as they began; equal ones stay as the journal has them. */
const inOrder = (a: Span, b: Span) => a.startMs - b.startMs

function earlier(agent: Span, entries: readonly LogEntry[]): Span {
  const first = entries.find(({ stream }) => stream === 'agent')
  return first ? { ...agent, startMs: Math.min(agent.startMs, Date.parse(first.at)) } : agent
}

const bare = {
  parent: null,
  name: '',
  endMs: null,
  state: 'active',
  seq: null,
  command: null,
} satisfies Partial<Span>

function stepSpans(entries: readonly LogEntry[], agent: Span): Span[] {
  const steps: Span[] = []
  const open = new Map<string, number>()
  for (const { at, seq, message } of entries) {
    if (message?.['kind'] !== 'progress' || typeof message['step'] !== 'string') continue
    const { step: name, state, ms } = message
    const atMs = within(agent, Date.parse(at))
    if (state === 'start') {
      // A step that says how far it is says “start” again; it is still the same one.
      if (open.has(name)) continue
      open.set(name, steps.length)
      steps.push({ ...bare, id: `step-${seq}`, parent: agent.id, kind: 'step', name, startMs: atMs, seq })
      continue
    }
    const ended = { endMs: atMs, state: state === 'error' ? ('error' as const) : ('ok' as const) }
    const place = open.get(name)
    const begun = place === undefined ? undefined : steps[place]
    if (place !== undefined && begun) {
      steps[place] = { ...begun, ...ended }
      open.delete(name)
    } else {
      const startMs = within(agent, atMs - (typeof ms === 'number' ? ms : 0))
      steps.push({ ...bare, ...ended, id: `step-${seq}`, parent: agent.id, kind: 'step', name, startMs, seq })
    }
  }
  // A step without an end was cut off with the agent.
  return steps.map((step) =>
    step.endMs === null && agent.endMs !== null ? { ...step, endMs: agent.endMs, state: 'error' } : step,
  )
}

function commandSpans(entries: readonly LogEntry[], agent: Span, steps: readonly Span[]): Span[] {
  return entries.flatMap(({ at, seq, message }): Span[] => {
    const kind = message?.['kind']
    if ((kind !== 'exec' && kind !== 'cmd' && kind !== 'denied') || !Array.isArray(message?.['argv']))
      return []
    const argv = message['argv'].map(String)
    const rc = numberOf(message['rc'])
    const note = typeof message['note'] === 'string' ? message['note'] : null
    const endMs = within(agent, Date.parse(at))
    const startMs = within(agent, Date.parse(at) - (numberOf(message['ms']) ?? 0))
    const hasFailed = kind === 'denied' || (kind === 'exec' && (rc !== 0 || note !== null))
    return [
      {
        id: `command-${seq}`,
        parent: homeOf(startMs, endMs, steps)?.id ?? agent.id,
        kind: 'command',
        name: programOf(argv),
        startMs,
        endMs,
        state: hasFailed ? 'error' : 'ok',
        seq,
        command: {
          argv,
          rc,
          note,
          via: kind === 'exec' ? 'kit' : kind === 'denied' ? 'denied' : String(message['via']),
          out: numberOf(message['out']),
          err: numberOf(message['err']),
        },
      },
    ]
  })
}

/** The one step that a command can only have been part of; steps run side by side, so often nobody knows. */
function homeOf(startMs: number, endMs: number, steps: readonly Span[]): Span | undefined {
  const around = steps.filter(
    (step) => step.startMs <= startMs && (step.endMs ?? Number.POSITIVE_INFINITY) >= endMs,
  )
  const beside = steps.filter(
    (step) => step.startMs < endMs && (step.endMs ?? Number.POSITIVE_INFINITY) > startMs,
  )
  return around.length === 1 && beside.length <= 1 ? around[0] : undefined
}

const within = ({ startMs, endMs }: Span, ms: number): number =>
  Math.min(endMs ?? Number.POSITIVE_INFINITY, Math.max(startMs, ms))
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** `sudo -n /usr/sbin/sshd -T` is about sshd. */
function programOf(argv: readonly string[]): string {
  const word = argv[0]?.endsWith('sudo')
    ? (argv.slice(1).find((one) => !one.startsWith('-')) ?? 'sudo')
    : (argv[0] ?? '')
  return word.split('/').at(-1) || word
}
