import { describe, expect, test } from 'vitest'
import { commandRecord, type LogEntry } from '../../contract/executions.ts'
import { toCommand } from './commands.ts'

const entry = (message: LogEntry['message'], stream: LogEntry['stream'] = 'agent'): LogEntry => ({
  seq: 7,
  at: '2026-03-01T12:00:00.000Z',
  stream,
  level: 'debug',
  text: '',
  message,
})

describe('the commands of a run', () => {
  test.each<[name: string, message: Record<string, unknown>, shown: Record<string, unknown>]>([
    [
      'one that ran',
      { kind: 'exec', argv: ['df', '-P'], rc: 0, ms: 4 },
      { argv: ['df', '-P'], rc: 0, ms: 4, via: 'kit', note: null },
    ],
    [
      'one that took too long',
      { kind: 'exec', argv: ['ping'], rc: null, ms: 9, note: 'timeout' },
      { argv: ['ping'], rc: null, ms: 9, via: 'kit', note: 'timeout' },
    ],
    [
      'one that went around the kit',
      { kind: 'cmd', argv: ['sh', '-c', 'id'], via: 'os.system' },
      { argv: ['sh', '-c', 'id'], rc: null, ms: null, via: 'os.system', note: null },
    ],
    [
      'one that was not allowed',
      { kind: 'denied', argv: ['rm'] },
      { argv: ['rm'], rc: null, ms: null, via: 'denied', note: 'not allowed' },
    ],
  ])('show %s', (_name, message, shown) => {
    const command = toCommand(entry(message))
    expect(command).toEqual({ seq: 7, at: '2026-03-01T12:00:00.000Z', ...shown })
    expect(commandRecord.parse(command)).toEqual(command)
  })

  test.each<[name: string, entry: LogEntry]>([
    ['text that looks like one', entry({ kind: 'exec', argv: ['df'] }, 'out')],
    ['other messages', entry({ kind: 'log', msg: 'df' })],
    ['a message too long to be kept', entry({ kind: 'exec', cutFromLength: 300_000 })],
    ['lines without a message', entry(null)],
  ])('leave out %s', (_name, other) => {
    expect(toCommand(other)).toBeNull()
  })
})
