import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutionState, LogEntry } from '../../contract/executions.ts'
import { executionFloor, type ExecutionFloor } from '../../testbed/execution-floor.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { fail } from '../lib/errors.ts'
import type { CliClient } from './client.ts'
import { printEntry, watchExecution } from './watch.ts'

describe('watching an execution', () => {
  let floor: ExecutionFloor
  let id: ExecutionId
  beforeEach(async () => {
    floor = await executionFloor()
    await floor.addNode('nas')
    floor.queue.start()
    id = await floor.queueOne('nas')
  })
  afterEach(() => floor.close())

  /** The calls it makes, answered by the real parts without HTTP in between; pages are as short as can be. */
  const client = () =>
    ({
      executions: {
        get: () => floor.executions.get(id),
        log: ({ query }: { query: { after: number } }) => floor.logs.read(id, query.after, 2),
      },
    }) as unknown as CliClient

  test('shows every line once, also those that come just before the end', async () => {
    const log = await floor.logs.writer(id)
    const say = (...words: string[]) => log.append(...words.map(entry))
    const shown: string[] = []
    say('one', 'two', 'three')
    let looks = 0
    const clock = {
      sleep: async () => {
        looks++
        say(`look ${looks}`)
        if (looks === 2) await floor.begun[0]?.end('failed')
      },
    }
    const ended = await watchExecution(client, id, ({ text }) => void shown.push(text), clock)
    expect(ended.state).toBe('failed' satisfies ExecutionState)
    expect(shown).toEqual(['one', 'two', 'three', 'look 1', 'look 2'])
    await log.close()
  })

  test('waits for a server that restarts, and goes on behind the last line', async () => {
    const log = await floor.logs.writer(id)
    log.append(entry('one'))
    const shown: string[] = []
    let reached = 0
    const restarting = () => {
      reached++
      const up = client()
      const away = () => Promise.reject(fail(reached === 2 ? 'auth.required' : 'server.no_answer'))
      return reached % 3 === 1 ? up : ({ executions: { get: away, log: away } } as unknown as CliClient)
    }
    let looks = 0
    const clock = {
      sleep: async () => {
        looks++
        if (looks === 1) vi.spyOn(floor.executions, 'get').mockRejectedValueOnce(fail('server.no_answer'))
        if (looks === 2) log.append(entry('two'))
        if (looks === 5) await floor.begun[0]?.end('failed')
      },
    }
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await watchExecution(restarting, id, ({ text }) => void shown.push(text), clock)
    expect(shown).toEqual(['one', 'two'])
    expect(told).toHaveBeenCalledOnce()
    await log.close()
  })

  test('of one that has ended does not wait', async () => {
    await floor.begun[0]?.end('cancelled')
    const clock = { sleep: () => Promise.reject(new Error('it waited')) }
    const ended = await watchExecution(client, id, () => {}, clock)
    expect(ended.state).toBe('cancelled')
  })
})

const entry = (text: string): Omit<LogEntry, 'seq'> & { q: null } => ({
  at: '2026-03-01T12:00:00.000Z',
  stream: 'out',
  level: 'info',
  text,
  message: null,
  q: null,
})

describe('a line of the log on a terminal', () => {
  /** What printing writes, colours taken away and the time of day with them. */
  function printed(changed: Partial<LogEntry>, prefix?: string): string {
    let written = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written += String(chunk)
      return true
    })
    printEntry({ ...entry('x'), seq: 1, ...changed }, prefix)
    return stripVTControlCharacters(written).replace(/\d{1,2}:\d\d:\d\d( [AP]M)?/, 'TIME')
  }

  test.each<[name: string, changed: Partial<LogEntry>, text: string]>([
    ['what it says', { text: 'hello' }, 'TIME hello\n'],
    ['tabs as they are', { text: 'a\tb' }, 'TIME a\tb\n'],
    ['no commands to the terminal', { text: '\u001b[2J\u0007\u009b1m' }, 'TIME \ufffd[2J\ufffd\ufffd1m\n'],
    ['nothing that overwrites the line', { text: 'real\rfake' }, 'TIME real\ufffdfake\n'],
    ['nothing that turns the text around', { text: 'a\u202eb\u2066c' }, 'TIME a\ufffdb\ufffdc\n'],
    [
      'further lines as belonging to it',
      { text: 'a\n12:00:00 Succeeded.' },
      'TIME a\n    12:00:00 Succeeded.\n',
    ],
    ['nothing that only a developer wants', { level: 'debug' }, ''],
  ])('shows %s', (_name, changed, text) => {
    expect(printed(changed)).toBe(text)
  })

  test('says of which node it is, where there are several', () => {
    expect(printed({ text: 'hello' }, 'nas  ')).toBe('nas  TIME hello\n')
  })
})
