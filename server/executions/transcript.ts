import type { ActionReport, AgentMessage, ProposedAction } from '../../contract/agent-protocol.ts'
import type { LogEntry } from '../../contract/executions.ts'
import type { Told } from '../plans/outcomes.ts'
import { type Collected, createCollector } from '../reports/collected.ts'
import type { Frame } from '../ssh/frames.ts'
import type { Noise } from '../ssh/launch.ts'
import type { LogWriter } from './log.ts'
import { createReader, type EntryDraft } from './messages.ts'

/** Lines of output that an outcome shows. */
const lastLinesKept = 20
/** Commands kept for the audit trail of one execution. */
const commandsKept = 2_000
/** Proposed changes that are kept, and what is said about approved ones. */
const actionsKept = 500
const reportsKept = 2_000

/** A command for the audit trail. */
export type Command = Extract<AgentMessage, { kind: 'exec' | 'cmd' | 'denied' }>

/**
 * Everything one run has said, as it comes in: lines go to the log, messages are collected for the report. It can
 * be fed the same frames again after a restart: what the log has already is not written twice.
 */
export function createTranscript(log: LogWriter, startedAtMs: number) {
  let zeroMs = startedAtMs
  let reader = createReader(zeroMs)
  const collector = createCollector()
  const lastLines: string[] = []
  const commands: Command[] = []
  const proposed: ProposedAction[] = []
  const reports: ActionReport[] = []
  let bytesFreed: number | null = null
  let isWhole = false
  let hasGap = false
  let result: Extract<AgentMessage, { kind: 'result' }> | null = null
  let lastFrame = 0

  function take(frame: Frame): void {
    lastFrame = frame.q
    const { entries, message } = reader.read(frame)
    for (const entry of entries) write(entry)
    if (frame.t === 'end') isWhole = true
    if (frame.t === 'lost' || (frame.t === 'gap' && frame.s === 'ev')) hasGap = true
    if (message === null) {
      if (frame.t === 'ev' && frame.k === 'action_result') hasGap = true
      return
    }
    collector.add(message)
    if (message.kind === 'result') result = message
    if (message.kind === 'action' && proposed.length < actionsKept) proposed.push(message.action)
    if (message.kind === 'action_result' && reports.length < reportsKept) reports.push(message.result)
    if (message.kind === 'measured') bytesFreed = message.bytesFreed
    if (isCommand(message) && commands.length < commandsKept) commands.push(message)
  }

  function takeNoise(noise: Noise, at: string): void {
    write(reader.readNoise(noise, at))
  }

  function write(entry: EntryDraft): void {
    if (entry.stream === 'out' || entry.stream === 'err') {
      lastLines.push(entry.text.slice(0, 500))
      if (lastLines.length > lastLinesKept) lastLines.shift()
    }
    if (entry.position !== null && entry.position <= log.lastFrame) return
    const { position, ...shown } = entry
    log.append({ ...shown, q: position })
  }

  /** The run starts now: what it says is timed from here. */
  function startAt(ms: number): void {
    zeroMs = ms
    reader = createReader(ms)
  }

  return {
    startAt,
    /** When a frame was said, by the clock of this server. */
    timeOf: ({ ms }: Pick<Frame, 'ms'>): Date => new Date(zeroMs + ms),
    take,
    takeNoise,
    /** Number of the last frame, to continue after it on another connection. */
    lastFrame: () => lastFrame,
    lastLines: (): readonly string[] => lastLines,
    commands: (): readonly Command[] => commands,
    result: () => result,
    /** The changes it proposes. */
    proposed: (): readonly ProposedAction[] => proposed,
    /** What it said about the changes that it was to make, and whether that is all it said. */
    told: (): Told => ({ reports, isWhole: isWhole && !hasGap }),
    /** What its changes freed together, as it measured. */
    bytesFreed: () => bytesFreed,
    collected: (): Collected => collector.collected(),
  }
}
export type Transcript = ReturnType<typeof createTranscript>

const isCommand = (message: AgentMessage): message is Command =>
  message.kind === 'exec' || message.kind === 'cmd' || message.kind === 'denied'

/** An entry about what this server does, at the moment it does it. */
export function serverEntry(now: Date, text: string, level: LogEntry['level'] = 'info') {
  return { at: now.toISOString(), stream: 'server' as const, level, text, message: null, q: null }
}
