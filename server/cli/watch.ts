import { styleText } from 'node:util'
import type { ErrorCode } from '../../contract/errors.ts'
import { isFinal, type Execution, type LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { toPrintable } from '../lib/printable.ts'
import type { CliClient } from './client.ts'
import { problemOf } from './problem.ts'

/** Between two looks at an execution, milliseconds. Polling always works, also through any proxy. */
const pollMs = 250

/** A server that restarts is back within this time, else it is not waited for any longer, milliseconds. */
const awayMs = 120_000
const knockMs = 1_000
/** What a server that is away answers, or one that came back: it takes another token then. */
const awayCodes: readonly (ErrorCode | undefined)[] = [
  'server.no_answer',
  'server.not_ready',
  'server.not_running',
  'auth.required',
]

/**
 * Follows an execution to its end, showing its log, and returns it. Ctrl-C stops the watching, not the run; and a server
 * that restarts meanwhile is waited for. `reach` finds the server, again when it was away.
 */
export async function watchExecution(
  reach: () => CliClient,
  id: ExecutionId,
  show: (entry: LogEntry) => void,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<Execution> {
  let client = reach()
  let after = 0
  let awayForMs = 0
  for (;;) {
    try {
      // The state is read before the log: when it is final, the log that follows is complete.
      const execution = await client.executions.get({ params: { id } })
      for (;;) {
        const page = await client.executions.log({ params: { id }, query: { after } })
        for (const entry of page.items) show(entry)
        after = page.items.at(-1)?.seq ?? after
        if (page.items.length === 0 || after >= page.lastSeq) break
      }
      if (isFinal(execution.state)) return execution
      awayForMs = 0
      await clock.sleep(pollMs)
    } catch (error) {
      if (!awayCodes.includes(problemOf(error)?.code) || awayForMs >= awayMs) throw error
      if (awayForMs === 0) tellAway()
      awayForMs += knockMs
      await clock.sleep(knockMs)
      client = reachOr(reach, client)
    }
  }
}

/** A server that is not back yet has left nothing to be found by. */
function reachOr(reach: () => CliClient, before: CliClient): CliClient {
  try {
    return reach()
  } catch {
    return before
  }
}

function tellAway(): void {
  const stream = process.stderr
  const text = 'The server does not answer. The run goes on at its node; waiting for the server…'
  stream.write(`${styleText('yellow', text, { stream })}\n`)
}

/** Writes a log entry to standard error, as a person reads it. */
export function printEntry(entry: LogEntry, prefix = ''): void {
  if (entry.level === 'debug') return
  const stream = process.stderr
  // Further lines are indented, so that none of them looks like an entry of its own.
  const text = toPrintable(entry.text).replaceAll('\n', '\n    ')
  const colour = entry.level === 'error' ? 'red' : entry.level === 'warn' ? 'yellow' : 'dim'
  const time = styleText('dim', new Date(entry.at).toLocaleTimeString(), { stream })
  stream.write(`${prefix}${time} ${entry.stream === 'out' ? text : styleText(colour, text, { stream })}\n`)
}
