import type { CommandRecord, LogEntry } from '../../contract/executions.ts'

/** The command behind a log entry, if there is one. */
export function toCommand(entry: LogEntry): CommandRecord | null {
  const { message } = entry
  if (entry.stream !== 'agent' || message === null || !Array.isArray(message.argv)) return null
  const argv = message.argv.map(String)
  const at = { seq: entry.seq, at: entry.at, argv }
  switch (message.kind) {
    case 'exec':
      return {
        ...at,
        rc: asNumber(message.rc),
        ms: asNumber(message.ms),
        via: 'kit',
        note: asText(message.note),
      }
    case 'cmd':
      return { ...at, rc: null, ms: null, via: String(message.via), note: null }
    case 'denied':
      return { ...at, rc: null, ms: null, via: 'denied', note: 'not allowed' }
    default:
      return null
  }
}

const asNumber = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null)
