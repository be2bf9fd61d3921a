import { styleText } from 'node:util'
import { isFinal, type Execution, type LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { toPrintable } from '../reports/print/printable.ts'
import type { CliClient } from './client.ts'

/** Between two looks at an execution, milliseconds. Polling always works, also through any proxy. */
const pollMs = 250

/** Follows an execution to its end, showing its log, and returns it. Ctrl-C stops the watching, not the run. */
export async function watchExecution(
  client: CliClient,
  id: ExecutionId,
  show: (entry: LogEntry) => void,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<Execution> {
  let after = 0
  for (;;) {
    // The state is read before the log: when it is final, the log that follows is complete.
    const execution = await client.executions.get({ params: { id } })
    for (;;) {
      const page = await client.executions.log({ params: { id }, query: { after } })
      for (const entry of page.items) show(entry)
      after = page.items.at(-1)?.seq ?? after
      if (page.items.length === 0 || after >= page.lastSeq) break
    }
    if (isFinal(execution.state)) return execution
    await clock.sleep(pollMs)
  }
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
