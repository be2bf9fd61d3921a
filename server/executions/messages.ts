import { type AgentMessage, agentMessage } from '../../contract/agent-protocol.ts'
import type { LogEntry } from '../../contract/executions.ts'
import type { Frame } from '../ssh/frames.ts'
import type { Noise } from '../ssh/launch.ts'
import { createLines } from './lines.ts'

/** An entry before the log numbers it. */
export interface EntryDraft {
  readonly at: string
  readonly stream: LogEntry['stream']
  readonly level: LogEntry['level']
  readonly text: string
  readonly message: Record<string, unknown> | null
  /** Place in the stream of frames, growing; what makes a repeated frame recognisable. Null for our own entries. */
  readonly position: number | null
}

/** What one frame means: lines for the log, and the agent's message if it was one. */
export interface Reading {
  readonly entries: EntryDraft[]
  readonly message: AgentMessage | null
}

/** No run lasts longer, milliseconds; a node that claims more must not push an entry out of the calendar. */
const longestRunMs = 8 * 86_400_000
/** Room for the entries of one frame: a frame holds at most 262,144 bytes of text, so fewer lines than that. */
const positionsPerFrame = 2 ** 20

/**
 * Turns frames into log entries and messages. The same frames always give the same entries at the same positions,
 * so after a restart the whole run can be read again and what the log has already is passed over.
 */
export function createReader(startedAtMs: number) {
  const lines = { o: createLines(), e: createLines() }

  function read(frame: Frame): Reading {
    const at = new Date(startedAtMs + Math.min(frame.ms, longestRunMs)).toISOString()
    const message = frame.t === 'ev' ? toMessage(frame) : null
    const entries = draftsOf(frame, message).map((draft, index) => ({
      ...draft,
      at,
      position: frame.q * positionsPerFrame + index,
    }))
    return { entries, message }
  }

  function draftsOf(frame: Frame, message: AgentMessage | null): Draft[] {
    switch (frame.t) {
      case 'out':
        return lines[frame.s].push(frame.d).map((text) => printed(frame.s, text))
      case 'ev': {
        const draft = message ? described(message) : notUnderstood(frame)
        return draft ? [draft] : []
      }
      case 'gap': {
        const gap = {
          ...plain('gap', 'warn', gapText(frame)),
          message: { bytes: frame.bytes, count: frame.count },
        }
        // The text before and after a gap are not one line.
        return frame.s === 'ev' ? [gap] : [...rest(frame.s), gap]
      }
      case 'stopping':
        return [plain('server', 'info', `Stopping on the node: ${frame.why}.`)]
      case 'end':
      case 'lost':
        // What was printed without a line end is still worth reading.
        return [...rest('o'), ...rest('e')]
      case 'hello':
      case 'cut':
      case 'hb':
        return []
    }
  }

  const rest = (stream: 'o' | 'e'): Draft[] => lines[stream].rest().map((text) => printed(stream, text))

  /** Text from the node outside the protocol: banners, login scripts. */
  function readNoise(noise: Noise, at: string): EntryDraft {
    return { ...plain('raw', 'debug', noise.text), at, position: null }
  }

  return { read, readNoise }
}
export type Reader = ReturnType<typeof createReader>

type Draft = Omit<EntryDraft, 'at' | 'position'>

const plain = (stream: Draft['stream'], level: Draft['level'], text: string): Draft => ({
  stream,
  level,
  text,
  message: null,
})

const printed = (stream: 'o' | 'e', text: string): Draft =>
  plain(stream === 'o' ? 'out' : 'err', 'info', text)

/** The agent's message in a frame; null when it does not keep to the protocol. */
function toMessage(frame: Extract<Frame, { t: 'ev' }>): AgentMessage | null {
  const parsed = agentMessage.safeParse({ ...frame.v, kind: frame.k })
  return parsed.success ? parsed.data : null
}

const notUnderstood = (frame: Extract<Frame, { t: 'ev' }>): Draft =>
  plain('agent', 'warn', `A message of kind "${frame.k}" was not understood and left out.`)

function gapText(frame: Extract<Frame, { t: 'gap' }>): string {
  const what = frame.s === 'ev' ? `${frame.count} messages` : `${frame.bytes} bytes`
  return `${what} were left out here: the agent said more than is kept.`
}

/** How a message reads in the log; null for those that only feed the report. */
function described(message: AgentMessage): Draft | null {
  const entry = (
    level: Draft['level'],
    text: string,
    shown: Record<string, unknown> | null = { ...message },
  ): Draft => ({
    stream: 'agent',
    level,
    text,
    message: shown,
  })
  switch (message.kind) {
    case 'log':
      return entry(message.level, message.msg)
    case 'progress': {
      const took = message.ms === undefined ? '' : ` (${Math.round(message.ms)} ms)`
      if (message.state === 'start') return entry('debug', `${message.step} …`)
      return entry(message.state === 'ok' ? 'info' : 'warn', `${message.step}: ${message.state}${took}`)
    }
    case 'exec': {
      const ended = message.note ?? (message.rc === null ? 'not run' : `exit ${message.rc}`)
      return entry('debug', `$ ${message.argv.join(' ')}  [${ended}, ${Math.round(message.ms)} ms]`)
    }
    case 'cmd':
      return entry('debug', `$ ${message.argv.join(' ')}  [${message.via}]`)
    case 'denied':
      return entry('warn', `Not allowed: ${message.argv.join(' ')}`)
    case 'finding': {
      const { severity, title } = message.finding
      return entry(severity === 'info' ? 'info' : 'warn', `${severity}: ${title}`, {
        kind: 'finding',
        key: message.finding.key,
      })
    }
    case 'result': {
      const gaps = message.gaps.length ? `, ${message.gaps.length} gaps` : ''
      return entry(message.status === 'error' ? 'error' : 'info', `Finished: ${message.status}${gaps}`)
    }
    case 'artifact':
      return entry('info', `Artifact ${message.name} (${message.mediaType})`, {
        kind: 'artifact',
        name: message.name,
      })
    case 'action':
      return entry('info', `Proposed: ${message.action.title}`, { kind: 'action', aid: message.action.aid })
    case 'action_result': {
      const { aid, state, why } = message.result
      const level =
        state === 'failed' || state === 'unknown' ? 'error' : state === 'skipped' ? 'warn' : 'info'
      return entry(level, `${aid}: ${state}${why === null ? '' : `, ${why}`}`)
    }
    case 'measured':
      return entry('info', `Freed ${message.bytesFreed} bytes, measured.`)
    case 'metric':
    case 'data':
    case 'history':
      return null
  }
}
