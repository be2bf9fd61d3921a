import { describe, expect, test } from 'vitest'
import type { Frame } from '../ssh/frames.ts'
import { createReader } from './messages.ts'

const startedAtMs = Date.parse('2026-03-01T12:00:00.000Z')

type Event = Extract<Frame, { t: 'ev' }>
const said = (k: string, v: Record<string, unknown>, q = 1): Event => ({ t: 'ev', q, ms: 0, k, v })
const printedBy = (s: 'o' | 'e', d: string, q = 1): Frame => ({ t: 'out', q, ms: 0, s, d })
const end = (q: number): Frame => ({
  t: 'end',
  q,
  ms: 0,
  code: 0,
  sig: null,
  why: null,
  forced: false,
  strays: 0,
  left: [],
})

const readAll = (...frames: Frame[]) => {
  const reader = createReader(startedAtMs)
  return frames.map((frame) => reader.read(frame))
}
const textsOf = (...frames: Frame[]) =>
  readAll(...frames).flatMap(({ entries }) => entries.map(({ stream, text }) => `${stream}: ${text}`))

const finding = {
  id: 'disk.full',
  severity: 'critical',
  subject: '/var',
  key: 'disk.full:/var',
  title: '/var is full',
  evidence: { used: 99 },
  fix: null,
  confidence: 'certain',
}

describe('a message of an agent reads in the log as', () => {
  test.each<[text: string, level: string, kind: string, fields: Record<string, unknown>]>([
    ['hello', 'warn', 'log', { level: 'warn', msg: 'hello' }],
    ['disks …', 'debug', 'progress', { step: 'disks', state: 'start' }],
    ['disks: ok (13 ms)', 'info', 'progress', { step: 'disks', state: 'ok', ms: 12.6 }],
    ['disks: error', 'warn', 'progress', { step: 'disks', state: 'error' }],
    ['$ df -P  [exit 0, 4 ms]', 'debug', 'exec', { argv: ['df', '-P'], rc: 0, ms: 4.2 }],
    ['$ zpool  [not run, 0 ms]', 'debug', 'exec', { argv: ['zpool'], rc: null, ms: 0 }],
    ['$ ping  [timeout, 9 ms]', 'debug', 'exec', { argv: ['ping'], rc: null, ms: 9, note: 'timeout' }],
    ['$ sh -c id  [os.system]', 'debug', 'cmd', { argv: ['sh', '-c', 'id'], via: 'os.system' }],
    ['Not allowed: rm -rf /', 'warn', 'denied', { argv: ['rm', '-rf', '/'] }],
    ['critical: /var is full', 'warn', 'finding', { finding }],
    ['info: /var is full', 'info', 'finding', { finding: { ...finding, severity: 'info' } }],
    ['Finished: ok', 'info', 'result', { status: 'ok' }],
    ['Finished: partial, 1 gaps', 'info', 'result', { status: 'partial', gaps: [{ what: 'a', why: 'b' }] }],
    ['Finished: error', 'error', 'result', { status: 'error', reason: 'KeyError: x' }],
    ['Artifact sshd.txt (text/plain)', 'info', 'artifact', artifact()],
  ])('"%s"', (text, level, kind, fields) => {
    const [reading] = readAll(said(kind, fields))
    expect(reading?.entries).toMatchObject([{ stream: 'agent', level, text, message: { kind } }])
    expect(reading?.message?.kind).toBe(kind)
  })

  test.each<[kind: string, fields: Record<string, unknown>]>([
    ['metric', { name: 'disk.used', value: 61, unit: '%' }],
    ['data', { schema: 'system-health/1', data: { disks: [] } }],
    ['history', { key: 'mounts', value: ['/'] }],
  ])('nothing when it only feeds the report: %s', (kind, fields) => {
    const [reading] = readAll(said(kind, fields))
    expect(reading).toMatchObject({ entries: [], message: { kind } })
  })

  test('its name alone when what it carries belongs elsewhere', () => {
    const [report, file] = readAll(said('finding', { finding }), said('artifact', artifact(), 2))
    expect(report?.entries[0]?.message).toEqual({ kind: 'finding', key: 'disk.full:/var' })
    expect(file?.entries[0]?.message).toEqual({ kind: 'artifact', name: 'sshd.txt' })
  })
})

function artifact() {
  return { name: 'sshd.txt', mediaType: 'text/plain', base64: 'aGk=' }
}

describe('a message that does not keep to the protocol is named and left out', () => {
  test.each<[name: string, kind: string, fields: Record<string, unknown>]>([
    ['an unknown kind', 'gossip', { text: 'psst' }],
    ['no kind', '', {}],
    ['a field of the wrong type', 'log', { level: 'info', msg: 7 }],
    ['a missing field', 'metric', { name: 'x', unit: '%' }],
    ['a text that is too long', 'log', { level: 'info', msg: 'x'.repeat(4_001) }],
    ['an artifact that is too large', 'artifact', { ...artifact(), base64: 'A'.repeat(400_001) }],
    ['a number that is none', 'metric', { name: 'x', unit: '%', value: Number.NaN }],
    ['too many gaps', 'result', { status: 'ok', gaps: Array(201).fill({ what: 'a', why: 'b' }) }],
  ])('%s', (_name, kind, fields) => {
    const [reading] = readAll(said(kind, fields))
    expect(reading).toMatchObject({
      message: null,
      entries: [{ level: 'warn', text: `A message of kind "${kind}" was not understood and left out.` }],
    })
  })

  test('and its fields cannot say that it is of another kind', () => {
    const [reading] = readAll(said('log', { kind: 'result', status: 'ok', level: 'info', msg: 'hi' }))
    expect(reading?.message).toEqual({ kind: 'log', level: 'info', msg: 'hi' })
  })

  test('nor change what every object has', () => {
    const hostile = JSON.parse('{"schema":"x/1","data":{"__proto__":{"isAdmin":true}}}') as Event['v']
    const [reading] = readAll(said('data', hostile))
    expect(reading?.message).toMatchObject({ kind: 'data' })
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
    expect((reading?.message as { data?: { isAdmin?: unknown } } | null)?.data?.isAdmin).toBeUndefined()
  })
})

describe('what an agent prints', () => {
  test('is cut into lines by stream, whatever the pieces', () => {
    expect(textsOf(printedBy('o', 'on'), printedBy('e', 'oops\n', 2), printedBy('o', 'e\ntwo\n', 3))).toEqual(
      ['err: oops', 'out: one', 'out: two'],
    )
  })

  test('keeps its last line, though it has no end', () => {
    expect(textsOf(printedBy('o', 'out'), printedBy('e', 'err', 2), end(3))).toEqual(['out: out', 'err: err'])
  })

  test('keeps control characters and markup as they are: whoever shows it, escapes it', () => {
    const hostile = '\u001b]0;owned\u0007<script>alert(1)</script>'
    expect(textsOf(printedBy('o', `${hostile}\n`))).toEqual([`out: ${hostile}`])
  })

  test('shows where it was left out, and does not join the text before and after', () => {
    const gap: Frame = { t: 'gap', q: 2, ms: 0, s: 'o', bytes: 900, count: 0 }
    expect(textsOf(printedBy('o', 'before'), gap, printedBy('o', 'after\n', 3))).toEqual([
      'out: before',
      'gap: 900 bytes were left out here: the agent said more than is kept.',
      'out: after',
    ])
  })
})

describe('what the supervisor says', () => {
  test('is in the log where a person wants to know', () => {
    expect(
      textsOf(
        { t: 'gap', q: 1, ms: 0, s: 'ev', bytes: 0, count: 12 },
        { t: 'cut', q: 2, ms: 0, s: 'o', total: 1 },
        { t: 'hb', q: 0, ms: 0 },
        { t: 'stopping', q: 3, ms: 0, why: 'timeout' },
        { t: 'lost', q: 0, ms: 0, why: 'no such run' },
      ),
    ).toEqual([
      'gap: 12 messages were left out here: the agent said more than is kept.',
      'server: Stopping on the node: timeout.',
    ])
  })

  test('outside the protocol is kept for whoever looks for the cause', () => {
    const reader = createReader(startedAtMs)
    expect(reader.readNoise({ t: 'noise', text: 'Welcome!' }, '2026-03-01T12:00:01.000Z')).toEqual({
      at: '2026-03-01T12:00:01.000Z',
      stream: 'raw',
      level: 'debug',
      text: 'Welcome!',
      message: null,
      position: null,
    })
  })
})

describe('the place of an entry', () => {
  const frames = [
    printedBy('o', 'a\nb\nc', 1),
    said('log', { level: 'info', msg: 'x' }, 2),
    printedBy('o', 'd\n', 3),
  ]
  const positions = (readings: ReturnType<typeof readAll>) =>
    readings.flatMap(({ entries }) => entries.map(({ position }) => position))

  test('grows from entry to entry and frame to frame', () => {
    const all = positions(readAll(...frames))
    expect(all).toHaveLength(4)
    expect(all).toEqual([...new Set(all)].sort((a, b) => Number(a) - Number(b)))
  })

  test('is the same when the run is read again', () => {
    expect(readAll(...frames)).toEqual(readAll(...frames))
  })

  test('is in time by the clock of this server, counted from the start of the run', () => {
    const [reading] = readAll({ ...said('log', { level: 'info', msg: 'x' }), ms: 1_500 })
    expect(reading?.entries[0]?.at).toBe('2026-03-01T12:00:01.500Z')
  })

  test('stays within the calendar, whatever a node claims', () => {
    const [reading] = readAll({ ...said('log', { level: 'info', msg: 'x' }), ms: 1e300 })
    expect(reading?.entries[0]?.at).toBe('2026-03-09T12:00:00.000Z')
  })
})
