import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditEntry } from '../../contract/audit.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import type { Actor } from '../lib/actor.ts'
import { serverActor } from '../lib/actor.ts'
import { Secret } from '../lib/secret.ts'
import { type Audit, createAudit } from './audit.ts'
import { createCheckpoints } from './checkpoints.ts'
import { type AuditKeys, auditKeysFromText, auditKeysToText, newAuditKeys } from './keys.ts'
import { toDetailText } from './detail.ts'

const anna: Actor = { ...serverActor, name: 'user:anna', ip: '192.168.1.20' }
const dayMs = 24 * 3_600_000

let base: TestDatabase
let clock: FakeClock
let audit: Audit
let keys: AuditKeys
let folder: string

beforeEach(async () => {
  clock = createFakeClock()
  base = await testDatabase()
  keys = newAuditKeys()
  audit = createAudit({ db: base.db, clock, keys })
  folder = mkdtempSync(join(tmpdir(), 'carl-audit-'))
})
afterEach(async () => {
  await base.close()
  rmSync(folder, { recursive: true })
})

const note = (action: string, target: string | null = null, detail: Record<string, unknown> = {}) =>
  base.db.write((tx) => audit.append(tx, { actor: anna, action, target, detail }))

async function notes(...actions: string[]): Promise<void> {
  for (const action of actions) await note(action)
}

const everything = async () => (await audit.list({ limit: 200 })).items

/** What somebody does who has the file and a pen: the types allow no change, so the row is laid in anew. */
async function forge(seq: number, change: Record<string, string>): Promise<void> {
  await base.db.write(async (tx) => {
    const row = await tx.selectFrom('audit').selectAll().where('seq', '=', seq).executeTakeFirstOrThrow()
    await tx.deleteFrom('audit').where('seq', '=', seq).execute()
    await tx
      .insertInto('audit')
      .values({ ...row, ...change })
      .execute()
  })
}

const remove = (seq: number) => base.db.write((tx) => tx.deleteFrom('audit').where('seq', '=', seq).execute())

test('a line says who did what to what, when and from where', async () => {
  await note('node.created', 'nod_1', { host: 'nas' })
  const [line] = await everything()
  expect(auditEntry.parse(line)).toEqual({
    seq: 1,
    at: '2026-03-01T12:00:00.000Z',
    actor: 'user:anna',
    ip: '192.168.1.20',
    action: 'node.created',
    target: 'nod_1',
    detail: { host: 'nas' },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('a change that is undone leaves no line', async () => {
  const work = base.db.write(async (tx) => {
    await audit.append(tx, { actor: anna, action: 'node.removed', target: null, detail: {} })
    throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  expect(await everything()).toEqual([])
})

test('the trail is read in pages, newest first, and can be narrowed to an action or a target', async () => {
  await notes('a', 'b', 'c', 'd', 'e')
  await note('a', 'nas')
  const first = await audit.list({ limit: 4 })
  expect(first.items.map(({ seq }) => seq)).toEqual([6, 5, 4, 3])
  const second = await audit.list({ limit: 4, cursor: first.nextCursor ?? '' })
  expect(second).toMatchObject({ items: [{ seq: 2 }, { seq: 1 }], nextCursor: null })
  expect((await audit.list({ limit: 9, action: 'a' })).items.map(({ seq }) => seq)).toEqual([6, 1])
  expect((await audit.list({ limit: 9, target: 'nas' })).items.map(({ seq }) => seq)).toEqual([6])
  await expect(audit.list({ limit: 9, cursor: 'x' })).rejects.toMatchObject({ code: 'request.invalid' })
})

describe('checking the chain', () => {
  test('finds it sound when nobody touched it, and when there is nothing yet', async () => {
    expect(await audit.verify()).toEqual({ sound: true, lines: 0, checkpoints: 0 })
    await notes('a', 'b', 'c')
    expect(await audit.verify()).toEqual({ sound: true, lines: 3, checkpoints: 0 })
  })

  test.each([
    { field: 'actor', value: 'user:mallory' },
    { field: 'at', value: '2026-03-01T11:00:00.000Z' },
    { field: 'ip', value: '10.0.0.1' },
    { field: 'action', value: 'node.read' },
    { field: 'target', value: 'another' },
    { field: 'detail', value: '{"host":"other"}' },
    { field: 'previous_hash', value: '1'.repeat(64) },
    { field: 'hash', value: '1'.repeat(64) },
  ])('names the line whose $field was changed', async ({ field, value }) => {
    await notes('a', 'b', 'c')
    await forge(2, { [field]: value })
    expect(await audit.verify()).toEqual({ sound: false, seq: 2, what: 'changed' })
  })

  test('names the line before which one was removed', async () => {
    await notes('a', 'b', 'c')
    await remove(2)
    expect(await audit.verify()).toEqual({ sound: false, seq: 3, what: 'removed' })
  })

  test('names the first of two lines that changed places', async () => {
    await notes('a', 'b', 'c')
    await base.db.write(async (tx) => {
      const rows = await tx.selectFrom('audit').selectAll().where('seq', '>', 1).orderBy('seq').execute()
      await tx.deleteFrom('audit').where('seq', '>', 1).execute()
      for (const [at, row] of rows.toReversed().entries()) {
        await tx
          .insertInto('audit')
          .values({ ...row, seq: at + 2 })
          .execute()
      }
    })
    expect(await audit.verify()).toEqual({ sound: false, seq: 2, what: 'changed' })
  })

  test('finds lines taken from the old end, where retention was not at work', async () => {
    await notes('a', 'b', 'c')
    await remove(1)
    expect(await audit.verify()).toEqual({ sound: false, seq: 2, what: 'removed' })
  })

  test('finds more lines taken from the old end than retention took', async () => {
    await notes('old')
    await clock.advance(2 * dayMs)
    await notes('new', 'newer')
    await audit.removeBefore(new Date(clock.now().getTime() - dayMs))
    expect(await audit.verify()).toEqual({ sound: true, lines: 3, checkpoints: 0 })
    await remove(2)
    expect(await audit.verify()).toEqual({ sound: false, seq: 3, what: 'removed' })
  })

  test('does not take a whole trail that was written with another key', async () => {
    const forger = createAudit({ db: base.db, clock, keys: newAuditKeys() })
    await base.db.write((tx) => forger.append(tx, { actor: anna, action: 'a', target: null, detail: {} }))
    expect(await audit.verify()).toEqual({ sound: false, seq: 1, what: 'changed' })
  })

  test('goes on with keys that were kept as text', async () => {
    await notes('a')
    const again = createAudit({ db: base.db, clock, keys: auditKeysFromText(auditKeysToText(keys)) })
    expect(await again.verify()).toEqual({ sound: true, lines: 1, checkpoints: 0 })
  })

  test('reads on past the first thousand lines', async () => {
    await base.db.write(async (tx) => {
      for (let at = 0; at < 1_002; at++) {
        await audit.append(tx, { actor: anna, action: 'x', target: null, detail: {} })
      }
    })
    expect(await audit.verify()).toEqual({ sound: true, lines: 1_002, checkpoints: 0 })
    await forge(1_001, { actor: 'user:mallory' })
    expect(await audit.verify()).toEqual({ sound: false, seq: 1_001, what: 'changed' })
  })
})

describe('checkpoints', () => {
  const file = () => join(folder, 'checkpoints.jsonl')
  const checkpoints = () => createCheckpoints({ audit, keys, file: file(), clock })
  const verdict = async () => audit.verify((await checkpoints().read('')).checkpoints)

  test('fit a trail that nobody touched; one is written only when something has happened', async () => {
    const writing = checkpoints()
    await writing.write()
    await notes('a', 'b')
    await writing.write()
    await writing.write()
    await notes('c')
    await writing.write()
    expect(await verdict()).toEqual({ sound: true, lines: 3, checkpoints: 2 })
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(2)
  })

  test('show that the newest lines are missing, even when others were written since', async () => {
    await notes('a', 'b', 'c')
    await checkpoints().write()
    await remove(3)
    expect(await verdict()).toEqual({ sound: false, seq: 2, what: 'truncated' })
    await notes('instead')
    expect(await verdict()).toEqual({ sound: false, seq: 3, what: 'rewritten' })
    // Not even once the trail as it is now has a checkpoint of its own.
    await checkpoints().write()
    expect(await verdict()).toEqual({ sound: false, seq: 3, what: 'rewritten' })
  })

  test('show that the whole trail is missing', async () => {
    await notes('a')
    await checkpoints().write()
    await remove(1)
    expect(await verdict()).toEqual({ sound: false, seq: 0, what: 'truncated' })
  })

  test('do not count when they were changed, cut off, or signed by another server', async () => {
    await notes('a')
    await checkpoints().write()
    const line = readFileSync(file(), 'utf8')
    await createCheckpoints({ audit, keys: newAuditKeys(), file: file(), clock }).write()
    writeFileSync(
      file(),
      `${readFileSync(file(), 'utf8')}${line.replace('"seq":1', '"seq":9')}${line.slice(0, 40)}\nx\n`,
    )
    const read = await checkpoints().read('')
    expect(read.checkpoints).toHaveLength(1)
    expect(read.foreign).toBe(4)
    expect(await audit.verify(read.checkpoints)).toEqual({ sound: true, lines: 1, checkpoints: 1 })
  })

  test('may come from elsewhere, when there is no file here', async () => {
    await notes('a', 'b')
    await checkpoints().write()
    const kept = readFileSync(file(), 'utf8')
    rmSync(file())
    await remove(2)
    const { checkpoints: known } = await checkpoints().read(kept)
    expect(await audit.verify(known)).toEqual({ sound: false, seq: 1, what: 'truncated' })
  })

  test('of lines that retention took are left aside', async () => {
    await notes('old')
    await checkpoints().write()
    await clock.advance(2 * dayMs)
    await audit.removeBefore(new Date(clock.now().getTime() - dayMs))
    expect(await verdict()).toEqual({ sound: true, lines: 1, checkpoints: 0 })
  })
})

test('retention takes the oldest lines, says so in the trail, and the chain still holds', async () => {
  await notes('old', 'old')
  await clock.advance(2 * dayMs)
  await notes('new')
  expect(await audit.removeBefore(new Date(clock.now().getTime() - dayMs))).toBe(2)
  expect((await everything()).map(({ seq, action }) => [seq, action])).toEqual([
    [4, 'audit.trimmed'],
    [3, 'new'],
  ])
  expect(await audit.verify()).toEqual({ sound: true, lines: 2, checkpoints: 0 })
  expect(await audit.removeBefore(new Date(clock.now().getTime() - dayMs))).toBe(0)
})

test('retention that takes all lines keeps the count and the chain going', async () => {
  await notes('old', 'old')
  await clock.advance(2 * dayMs)
  expect(await audit.removeBefore(clock.now())).toBe(2)
  await note('new')
  expect((await everything()).map(({ seq }) => seq)).toEqual([4, 3])
  expect(await audit.verify()).toEqual({ sound: true, lines: 2, checkpoints: 0 })
})

test('a line that somebody made unreadable does not hide the others', async () => {
  await notes('a', 'b')
  await forge(1, { detail: 'not json' })
  expect((await everything()).map(({ detail }) => detail)).toEqual([{}, { unreadable: 'not json' }])
})

describe('a detail', () => {
  test.each([
    ['keeps plain facts', { n: 1, ok: true, none: null }, { n: 1, ok: true, none: null }],
    ['masks a secret', { key: new Secret('canary') }, { key: '▮▮▮' }],
    [
      'masks fields that are named like secrets',
      { a: { password: 'x', token: 'x' } },
      { a: { password: '▮▮▮', token: '▮▮▮' } },
    ],
    [
      'keeps what only sounds like one',
      { tokenId: 'tok_1', hasSudoPassword: true },
      { tokenId: 'tok_1', hasSudoPassword: true },
    ],
    ['cuts long texts', { text: 'x'.repeat(3_000) }, { text: `${'x'.repeat(2_000)}…` }],
    ['cuts long lists', { list: Array(101).fill(0) }, { list: [...Array(100).fill(0), '… 1 more'] }],
    [
      'cuts what is too large to its names',
      { a: Array(50).fill('x'.repeat(1_000)) },
      { cut: true, fields: ['a'] },
    ],
    [
      'writes dates and large numbers as text',
      { at: new Date(0), n: 5n },
      { at: '1970-01-01T00:00:00.000Z', n: '5' },
    ],
    ['ends deep nesting', { a: { b: { c: { d: { e: {} } } } } }, { a: { b: { c: { d: { e: '…' } } } } }],
  ])('%s', (_name, given, kept) => {
    expect(JSON.parse(toDetailText(given))).toEqual(kept)
  })
})

describe('retention of commands', () => {
  const dayAgo = () => new Date(clock.now().getTime() - dayMs)

  test('takes them out from between the lines that stay, and the chain still holds', async () => {
    await notes('command.ran', 'command.ran', 'node.created', 'command.ran', 'command.denied', 'user.created')
    await clock.advance(2 * dayMs)
    await notes('command.ran', 'session.started')
    expect(await audit.removeCommandsBefore(dayAgo())).toBe(4)
    expect((await everything()).map(({ seq, action }) => [seq, action])).toEqual([
      [9, 'audit.thinned'],
      [8, 'session.started'],
      [7, 'command.ran'],
      [6, 'user.created'],
      [3, 'node.created'],
    ])
    expect(await audit.verify()).toEqual({ sound: true, lines: 5, checkpoints: 0 })
    expect((await everything())[0]?.detail).toEqual({ fromSeq: 1, upToSeq: 5, lines: 4 })
    expect(await audit.removeCommandsBefore(dayAgo())).toBe(0)
    await clock.advance(2 * dayMs)
    expect(await audit.removeCommandsBefore(dayAgo())).toBe(1)
    expect(await audit.verify()).toEqual({ sound: true, lines: 5, checkpoints: 0 })
  })

  test('keeps the chain going when all lines are commands', async () => {
    await notes('command.ran', 'command.ran')
    await clock.advance(2 * dayMs)
    expect(await audit.removeCommandsBefore(dayAgo())).toBe(2)
    expect(await audit.verify()).toEqual({ sound: true, lines: 1, checkpoints: 0 })
  })

  test('and of the rest go together, in either order', async () => {
    await notes('a', 'command.ran', 'b', 'command.ran')
    await clock.advance(2 * dayMs)
    await notes('c')
    await audit.removeCommandsBefore(dayAgo())
    await audit.removeBefore(dayAgo())
    expect(await audit.verify()).toMatchObject({ sound: true })
    // The gap before what went is of no use; the one behind it bridges to the first line that is left.
    expect(await base.db.read.selectFrom('audit_gap').select('first_seq').execute()).toEqual([
      { first_seq: 4 },
    ])
    await notes('command.ran', 'd')
    await clock.advance(3 * dayMs)
    await audit.removeBefore(new Date(clock.now().getTime() - 10 * dayMs))
    await audit.removeCommandsBefore(dayAgo())
    expect(await audit.verify()).toMatchObject({ sound: true })
  })

  test('hides nothing else: a gap that somebody made, widened or took away shows', async () => {
    await notes('a', 'command.ran', 'node.removed', 'b')
    await clock.advance(2 * dayMs)
    await audit.removeCommandsBefore(dayAgo())
    const gap = await base.db.read.selectFrom('audit_gap').selectAll().executeTakeFirstOrThrow()
    const removed = await base.db.read
      .selectFrom('audit')
      .selectAll()
      .where('seq', '=', 3)
      .executeTakeFirstOrThrow()
    await remove(3)
    expect(await audit.verify()).toEqual({ sound: false, seq: 4, what: 'removed' })
    await base.db.write(async (tx) => {
      await tx.deleteFrom('audit_gap').execute()
      await tx
        .insertInto('audit_gap')
        .values({ ...gap, last_seq: 3, hash: removed.hash })
        .execute()
    })
    expect(await audit.verify()).toEqual({ sound: false, seq: 4, what: 'removed' })
    await base.db.write((tx) => tx.deleteFrom('audit_gap').execute())
    expect(await audit.verify()).toEqual({ sound: false, seq: 4, what: 'removed' })
  })

  test('takes more than a thousand in steps', async () => {
    await base.db.write(async (tx) => {
      for (let at = 0; at < 1_500; at++) {
        const action = at % 3 === 0 ? 'node.tested' : 'command.ran'
        await audit.append(tx, { actor: anna, action, target: null, detail: {} })
      }
    })
    await clock.advance(2 * dayMs)
    await note('new')
    expect(await audit.removeCommandsBefore(dayAgo())).toBe(1_000)
    expect(await audit.verify()).toEqual({ sound: true, lines: 502, checkpoints: 0 })
  })
})

describe('an export', () => {
  const textOf = async (wanted: Parameters<typeof audit.exportAll>[0]) => {
    let text = ''
    for await (const part of await audit.exportAll(wanted, anna)) text += String(part)
    return text
  }

  test('has every line, oldest first, and is itself a line of the trail', async () => {
    await note('node.created', 'nod_1', { host: 'nas' })
    const lines = (await textOf({ format: 'jsonl' }))
      .trim()
      .split('\n')
      .map((line) => auditEntry.parse(JSON.parse(line)))
    expect(lines.map(({ seq, action }) => [seq, action])).toEqual([
      [1, 'node.created'],
      [2, 'audit.exported'],
    ])
    expect(lines).toEqual((await everything()).toReversed())
  })

  test('holds what the filters leave, and says which they were', async () => {
    await note('node.created', 'nod_1')
    await note('node.changed', 'nod_1')
    await note('node.created', 'nod_2')
    const text = await textOf({ format: 'jsonl', action: 'node.created', target: 'nod_2' })
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
    ).toEqual([3])
    expect((await everything())[0]).toMatchObject({
      actor: 'user:anna',
      action: 'audit.exported',
      detail: { format: 'jsonl', action: 'node.created', target: 'nod_2' },
    })
  })

  test('as CSV holds no text that a spreadsheet would run, and no control characters', async () => {
    await note('node.created', '=cmd|calc!A0', { name: 'a "quoted", name\u001b[31m' })
    const [head, line] = (await textOf({ format: 'csv' })).split('\r\n')
    expect(head).toBe('seq,at,actor,ip,action,target,detail,hash')
    expect(line).toContain(",node.created,'=cmd|calc!A0,")
    expect(line).not.toMatch(/[\u0000-\u001f]/)
  })

  test('is read while it is sent, however long the trail is', async () => {
    await base.db.write(async (tx) => {
      for (let at = 0; at < 2_500; at++) {
        await audit.append(tx, { actor: anna, action: 'x', target: null, detail: {} })
      }
    })
    let parts = 0
    let lines = 0
    for await (const part of await audit.exportAll({ format: 'jsonl' }, anna)) {
      parts += 1
      lines += String(part).split('\n').length - 1
      // Lines that come meanwhile are not part of it, so it ends.
      await note('meanwhile')
    }
    expect([parts > 2, lines]).toEqual([true, 2_501])
  })
})
