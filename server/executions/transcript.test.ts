import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId } from '../../contract/ids.ts'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createIds } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import type { Frame } from '../ssh/frames.ts'
import { createLogs, type Logs } from './log.ts'
import { createTranscript, serverEntry } from './transcript.ts'

const clock = createFakeClock()
const startedAtMs = clock.now().getTime()
let folder: string
let logs: Logs
let id: ExecutionId

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-transcript-'))
  logs = createLogs({ folder, clock, logger: createLogger('silent') })
  id = createIds(clock)('exe')
})
afterEach(async () => {
  await logs.close()
  await rm(folder, { recursive: true, force: true })
})

const printed = (q: number, d: string): Frame => ({ t: 'out', q, ms: q, s: 'o', d })
const said = (q: number, k: string, v: Record<string, unknown>): Frame => ({ t: 'ev', q, ms: q, k, v })

const run: Frame[] = [
  printed(1, 'one\ntw'),
  said(2, 'exec', { argv: ['df'], rc: 0, ms: 1 }),
  printed(3, 'o\n'),
  said(4, 'denied', { argv: ['rm'] }),
  said(5, 'metric', { name: 'load', value: 1, unit: '' }),
  said(6, 'result', { status: 'partial' }),
]

const texts = async () => (await logs.read(id, 0, 100)).items.map(({ text }) => text)

test('what a run says is in the log, and what matters for its report is collected', async () => {
  const log = await logs.writer(id)
  const transcript = createTranscript(log, startedAtMs)
  for (const frame of run) transcript.take(frame)
  expect(await texts()).toEqual([
    'one',
    '$ df  [exit 0, 1 ms]',
    'two',
    'Not allowed: rm',
    'Finished: partial',
  ])
  expect(transcript.commands().map(({ kind, argv }) => [kind, ...argv])).toEqual([
    ['exec', 'df'],
    ['denied', 'rm'],
  ])
  expect(transcript.result()?.status).toBe('partial')
  expect(transcript.collected().metrics).toMatchObject([{ name: 'load', value: 1 }])
  expect(transcript.lastFrame()).toBe(6)
  expect(transcript.lastLines()).toEqual(['one', 'two'])
})

test('a run that is read again after a restart is in the log once, and collected whole', async () => {
  const before = await logs.writer(id)
  const first = createTranscript(before, startedAtMs)
  for (const frame of run.slice(0, 3)) first.take(frame)
  await before.close()

  const log = await logs.writer(id)
  const transcript = createTranscript(log, startedAtMs)
  log.append(serverEntry(clock.now(), 'The server is back.'))
  for (const frame of run) transcript.take(frame)
  expect(await texts()).toEqual([
    'one',
    '$ df  [exit 0, 1 ms]',
    'two',
    'The server is back.',
    'Not allowed: rm',
    'Finished: partial',
  ])
  expect(transcript.commands()).toHaveLength(2)
  expect(transcript.collected().status).toBe('partial')
})

test('only the end of what it prints is kept for the outcome', async () => {
  const transcript = createTranscript(await logs.writer(id), startedAtMs)
  for (let q = 1; q <= 30; q++) transcript.take(printed(q, `${q}${'x'.repeat(1_000)}\n`))
  expect(transcript.lastLines()).toHaveLength(20)
  expect(transcript.lastLines()[0]).toBe(`11${'x'.repeat(498)}`)
})

test('an agent that runs commands without end does not fill the audit trail', async () => {
  const transcript = createTranscript(await logs.writer(id), startedAtMs)
  for (let q = 1; q <= 2_100; q++) transcript.take(said(q, 'cmd', { argv: ['true'], via: 'os.exec' }))
  expect(transcript.commands()).toHaveLength(2_000)
})

test('text from outside the protocol is kept, but is not what the agent printed', async () => {
  const transcript = createTranscript(await logs.writer(id), startedAtMs)
  transcript.takeNoise({ t: 'noise', text: 'Welcome!' }, clock.now().toISOString())
  expect(await texts()).toEqual(['Welcome!'])
  expect(transcript.lastLines()).toEqual([])
})
