import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionId } from '../../contract/ids.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { createEvents } from '../lib/events.ts'
import { createIds } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import { findLogs } from './log-retention.ts'
import { createLogs, type LogDraft, type Logs } from './log.ts'

const logger = createLogger('silent')
const day = 86_400_000
let root: string
let clock: FakeClock
let logs: Logs
let id: ExecutionId

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'carl-log-'))
  clock = createFakeClock()
  logs = createLogs({ folder: root, clock, logger, limits: { chunkBytes: 10_000 } })
  id = createIds(clock)('exe')
})
afterEach(async () => {
  await logs.close()
  await rm(root, { recursive: true, force: true })
})

const folder = () => join(root, '2026-03', id)
const files = () => readdir(folder()).catch(() => [])

const line = (words: string, q: number | null = null): LogDraft => ({
  at: clock.now().toISOString(),
  stream: 'out',
  level: 'info',
  text: words,
  message: null,
  q,
})

const seqs = async (after: number, limit: number) =>
  (await logs.read(id, after, limit)).items.map(({ seq }) => seq)

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

describe('what is appended', () => {
  test('can be read at once, before it is on disk, and never shows its frame number', async () => {
    const log = await logs.writer(id)
    log.append(line('one', 7), line('two', 8))
    expect(await files()).toEqual([])
    const read = await logs.read(id, 0, 10)
    expect(read).toMatchObject({ lastSeq: 2, complete: false })
    expect(read.items).toEqual([
      { seq: 1, at: '2026-03-01T12:00:00.000Z', stream: 'out', level: 'info', text: 'one', message: null },
      { seq: 2, at: '2026-03-01T12:00:00.000Z', stream: 'out', level: 'info', text: 'two', message: null },
    ])
  })

  test('is written after 50 milliseconds or 100 entries', async () => {
    const log = await logs.writer(id)
    log.append(line('one'))
    await clock.advance(49)
    expect(await files()).toEqual([])
    await clock.advance(1)
    expect(await files()).toHaveLength(1)
    const size = async () =>
      (await readFile(join(folder(), (await files())[0] ?? ''), 'utf8')).split('\n').length - 1
    expect(await size()).toBe(1)
    for (let number = 0; number < 99; number++) log.append(line('more'))
    expect(await size()).toBe(1)
    log.append(line('more'))
    expect(await size()).toBe(101)
  })

  test('is told once for everything in one turn, with the last number', async () => {
    const events = createEvents(logger)
    const hints: number[] = []
    events.on('execution.logged', 'test', ({ lastSeq }) => void hints.push(lastSeq))
    const telling = createLogs({ folder: root, clock, logger, events })
    const log = await telling.writer(id)
    for (let number = 0; number < 10; number++) log.append(line('x'))
    await new Promise((resolve) => setImmediate(resolve))
    log.append(line('x'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(hints).toEqual([10, 11])
    await telling.close()
  })

  test('cannot come from two writers at the same time', async () => {
    const log = await logs.writer(id)
    await expect(logs.writer(id)).rejects.toThrow('being written already')
    await log.close()
    await expect(logs.writer(id)).resolves.toBeDefined()
  })

  test('to a closed log is a mistake that shows', async () => {
    const log = await logs.writer(id)
    await log.finish()
    expect(() => log.append(line('late'))).toThrow('closed')
  })
})

describe('any range', () => {
  // 2,000 entries over some twenty chunks, a part of them not written yet.
  async function fill(): Promise<Awaited<ReturnType<Logs['writer']>>> {
    const log = await logs.writer(id)
    for (let number = 1; number <= 2_000; number++) log.append(line(`line ${number}`, number))
    log.append(line('line 2001'), line('line 2002'))
    return log
  }
  const ranges: [number, number][] = [
    [0, 5],
    [0, 5_000],
    [99, 3],
    [63, 130],
    [1_000, 700],
    [1_990, 100],
    [2_000, 1],
    [2_001, 1],
    [2_002, 10],
    [9_999, 10],
  ]
  const expected = (after: number, limit: number) => range(after + 1, Math.min(after + limit, 2_002))

  test('of a growing log is exact', async () => {
    await fill()
    expect((await files()).length).toBeGreaterThan(10)
    for (const [after, limit] of ranges) expect(await seqs(after, limit)).toEqual(expected(after, limit))
  })

  test('of an ended log is exact before and after it is packed', async () => {
    const log = await fill()
    await log.finish()
    for (const [after, limit] of ranges) expect(await seqs(after, limit)).toEqual(expected(after, limit))
    await logs.settled()
    expect((await files()).filter((name) => name.endsWith('.ndjson'))).toEqual([])
    for (const [after, limit] of ranges) expect(await seqs(after, limit)).toEqual(expected(after, limit))
    expect(await logs.read(id, 2_000, 1)).toMatchObject({
      lastSeq: 2_002,
      complete: true,
      items: [{ text: 'line 2001' }],
    })
  })

  test('read while it is being packed has no hole', async () => {
    const log = await fill()
    await log.finish()
    let isPacked = false
    const packed = logs.settled().then(() => (isPacked = true))
    let reads = 0
    for (; !isPacked; reads++) expect(await seqs(0, 5_000)).toEqual(range(1, 2_002))
    await packed
    expect(reads).toBeGreaterThan(0)
  })

  test('of a log from before a restart is exact', async () => {
    await (await fill()).close()
    logs = createLogs({ folder: root, clock, logger })
    for (const [after, limit] of ranges) expect(await seqs(after, limit)).toEqual(expected(after, limit))
    expect(await logs.read(id, 0, 1)).toMatchObject({ lastSeq: 2_002, complete: false })
  })

  test('of a log that does not exist is empty', async () => {
    expect(await logs.read(id, 0, 10)).toEqual({ items: [], lastSeq: 0, complete: false })
  })

  test('of long texts is cut to what one reply may hold, and can be continued', async () => {
    const log = await logs.writer(id)
    for (let number = 0; number < 50; number++) log.append(line('x'.repeat(250_000)))
    const first = await seqs(0, 50)
    expect(first.length).toBeLessThan(40)
    expect(await seqs(first.length, 50)).toEqual(range(first.length + 1, 50))
  })

  test('with an id that is none never leaves the folder', async () => {
    await expect(logs.read('../../etc/passwd' as ExecutionId, 0, 10)).rejects.toThrow('Expected an id')
  })
})

describe('the whole log as text', () => {
  test('has one line for each entry, with control characters made visible', async () => {
    const log = await logs.writer(id)
    log.append(line('plain\ttext ä €'), line('\u001b[2Jgone\r\nnext\u0007\u009b'))
    expect(await text(logs.stream(id))).toBe(
      [
        '2026-03-01T12:00:00.000Z out    plain\ttext ä €\n',
        '2026-03-01T12:00:00.000Z out    \\x1b[2Jgone\\x0d\\x0anext\\x07\\x9b\n',
      ].join(''),
    )
  })

  test('is whole, over all chunks', async () => {
    const log = await logs.writer(id)
    for (let number = 1; number <= 3_500; number++) log.append(line(`line ${number}`))
    await log.finish()
    const lines = (await text(logs.stream(id))).trimEnd().split('\n')
    expect(lines.map((words) => Number(words.split(' ').at(-1)))).toEqual(range(1, 3_500))
  })
})

describe('limits', () => {
  test('a text of more than 256 KiB is cut at a whole character, and says so', async () => {
    const log = await logs.writer(id)
    log.append(line(`x${'ä'.repeat(200_000)}`))
    const [entry] = (await logs.read(id, 0, 1)).items
    expect(entry?.text).toMatch(/^xä+ … \[cut: 262143 of 400001 bytes\]$/)
  })

  test('a typed message of more than 256 KiB is replaced by its size', async () => {
    const log = await logs.writer(id)
    log.append({ ...line('big'), message: { kind: 'log', msg: 'x'.repeat(300_000) } })
    const [entry] = (await logs.read(id, 0, 1)).items
    expect(entry?.message).toEqual({ kind: 'log', cutFromLength: 300_023 })
  })

  test('a log that has reached its size takes only the words of this server, and counts the rest', async () => {
    const small = createLogs({ folder: root, clock, logger, limits: { logBytes: 20_000 } })
    const log = await small.writer(id)
    for (let number = 1; number <= 1_000; number++) log.append(line(`line ${number}`))
    log.append({ ...line('Succeeded.'), stream: 'server' })
    await log.finish()
    const { items } = await small.read(id, 0, 5_000)
    expect(items.map(({ seq }) => seq)).toEqual(range(1, items.length))
    expect(items.slice(-3).map(({ stream, text: words }) => `${stream}: ${words}`)).toEqual([
      'gap: The log has reached its limit of 20000 bytes; what follows is left out.',
      'server: Succeeded.',
      `gap: ${1_000 - (items.length - 3)} entries were left out.`,
    ])
    await small.close()
  })
})

describe('after a crash', () => {
  test('a torn last line is cut off, its number is given out again, and the last frame is known', async () => {
    const log = await logs.writer(id)
    log.append(line('one', 5), line('two', 9), line('said by the server'))
    await log.close()
    const [file] = await files()
    await appendFile(join(folder(), file ?? ''), '{"seq":4,"at":"2026-03-0')
    expect(await seqs(0, 10)).toEqual([1, 2, 3])
    const again = await logs.writer(id)
    expect(again.seq).toBe(3)
    expect(again.lastFrame).toBe(9)
    again.append(line('four', 10))
    await again.finish()
    expect((await logs.read(id, 2, 10)).items.map(({ seq, text: words }) => `${seq} ${words}`)).toEqual([
      '3 said by the server',
      '4 four',
    ])
  })

  test('zeros at the end, as a power cut leaves them, are cut off', async () => {
    const log = await logs.writer(id)
    log.append(line('one', 1))
    await log.close()
    const [file] = await files()
    await appendFile(
      join(folder(), file ?? ''),
      Buffer.concat([Buffer.alloc(500), Buffer.from('\n'), Buffer.alloc(20)]),
    )
    const again = await logs.writer(id)
    expect(again.seq).toBe(1)
    again.append(line('two', 2))
    await again.finish()
    expect(await seqs(0, 10)).toEqual([1, 2])
  })

  test('the last frame is found in an older chunk when the last one has none', async () => {
    const log = await logs.writer(id)
    log.append(line('one', 42))
    for (let number = 0; number < 400; number++) log.append(line('x'.repeat(100)))
    await log.close()
    expect((await files()).length).toBeGreaterThan(2)
    expect((await logs.writer(id)).lastFrame).toBe(42)
  })

  test('a chunk that was being packed counts once', async () => {
    const log = await logs.writer(id)
    for (let number = 1; number <= 300; number++) log.append(line(`line ${number}`))
    await log.finish()
    await logs.settled()
    const packed = (await files()).filter((name) => name.endsWith('.gz'))[0] ?? ''
    const plain = join(folder(), packed.slice(0, -3))
    await writeFile(plain, gunzipSync(await readFile(join(folder(), packed))))
    expect(await seqs(0, 5_000)).toEqual(range(1, 300))
    await logs.sweepRetention({ before: new Date(0), maxBytes: 1e9 })
    expect(await files()).not.toContain(packed.slice(0, -3))
  })

  test('with kill -9 in the middle of writing, nothing that was durable is missing or doubled', async () => {
    const script = fileURLToPath(new URL('../../testbed/log-child.ts', import.meta.url))
    let durable = 0
    for (let round = 1; round <= 3; round++) {
      const child = spawn(process.execPath, [script, root, id], { stdio: ['ignore', 'pipe', 'inherit'] })
      for await (const said of createInterface({ input: child.stdout })) {
        expect(Number(said)).toBeGreaterThan(durable)
        durable = Number(said)
        if (durable > round * 1_500) child.kill('SIGKILL')
      }
    }
    const log = await logs.writer(id)
    expect(log.seq).toBeGreaterThanOrEqual(durable)
    expect(log.lastFrame).toBe(log.seq)
    log.append(line(`line ${log.seq + 1}`))
    await log.finish()
    let next = 1
    for await (const entries of logs.pages(id)) {
      for (const { seq, text: words } of entries) {
        expect(`${seq} ${words}`).toBe(`${next} line ${next}`)
        next++
      }
    }
    expect(next).toBe(log.seq + 1)
  })

  test('a log that was ended and packed can be continued', async () => {
    const log = await logs.writer(id)
    log.append(line('one', 3))
    await log.finish()
    const again = await logs.writer(id)
    expect(again.lastFrame).toBe(3)
    again.append(line('two'))
    expect(await logs.read(id, 0, 10)).toMatchObject({ complete: false, items: [{ seq: 1 }, { seq: 2 }] })
    await again.finish()
    expect(await seqs(0, 10)).toEqual([1, 2])
  })
})

describe('retention', () => {
  async function logEnded(daysAgo: number, lines = 1): Promise<ExecutionId> {
    const then = createFakeClock({ startsAt: new Date(clock.now().getTime() - daysAgo * day) })
    const old = createIds(then)('exe')
    const writing = createLogs({ folder: root, clock: then, logger })
    const log = await writing.writer(old)
    // Random words, so that packing leaves a size to reckon with.
    for (let number = 0; number < lines; number++) log.append(line(crypto.randomUUID().repeat(3)))
    await log.finish()
    await writing.settled()
    return old
  }
  const isThere = async (some: ExecutionId) => (await logs.read(some, 0, 1)).items.length > 0

  test('removes what ended too long ago, and the folder of its month', async () => {
    const old = await logEnded(40)
    const young = await logEnded(20)
    const result = await logs.sweepRetention({
      before: new Date(clock.now().getTime() - 30 * day),
      maxBytes: 1e9,
    })
    expect(result.removed).toBe(1)
    expect([await isThere(old), await isThere(young)]).toEqual([false, true])
    expect(await readdir(root)).toEqual(['2026-02'])
  })

  test('removes the oldest until the rest fits', async () => {
    const all = [await logEnded(3, 500), await logEnded(2, 500), await logEnded(1, 500)]
    const bytes = (await findLogs(root)).reduce((sum, log) => sum + log.bytes, 0)
    await logs.sweepRetention({ before: new Date(0), maxBytes: bytes - 1 })
    const left = await Promise.all(all.map(isThere))
    expect(left).toEqual([false, true, true])
  })

  test('never touches a log that is being written', async () => {
    const log = await logs.writer(id)
    log.append(line('one'))
    await log.flush()
    await clock.advance(100 * day)
    await logs.sweepRetention({ before: clock.now(), maxBytes: 0 })
    expect(await isThere(id)).toBe(true)
  })

  test('a log can be removed by name, even while it is written', async () => {
    const log = await logs.writer(id)
    log.append(line('one'))
    await logs.remove(id)
    expect(await isThere(id)).toBe(false)
    expect(await readdir(root)).toEqual([])
  })
})

test('a hundred thousand long lines leave the memory as it was', async () => {
  const roomy = createLogs({ folder: root, clock, logger })
  const log = await roomy.writer(id)
  const words = 'x'.repeat(1_000)
  const before = process.memoryUsage()
  for (let number = 0; number < 100_000; number++) log.append(line(words, number))
  const after = process.memoryUsage()
  const grownMib = (after.external + after.arrayBuffers - before.external - before.arrayBuffers) / 1_048_576
  expect(grownMib).toBeLessThan(60)
  expect((await roomy.read(id, 99_990, 100)).items).toHaveLength(10)
  await log.close()
  await roomy.close()
})
