import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditEntry } from '../../contract/audit.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import type { Actor } from '../lib/actor.ts'
import { serverActor } from '../lib/actor.ts'
import { Secret } from '../lib/secret.ts'
import { type Audit, createAudit } from './audit.ts'
import { toDetailText } from './detail.ts'

const anna: Actor = { ...serverActor, name: 'user:anna', ip: '192.168.1.20' }
const dayMs = 24 * 3_600_000

let base: TestDatabase
let clock: FakeClock
let audit: Audit

beforeEach(async () => {
  clock = createFakeClock()
  base = await testDatabase()
  audit = createAudit({ db: base.db, clock })
})
afterEach(() => base.close())

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
    expect(await audit.verify()).toEqual({ sound: true, lines: 0 })
    await notes('a', 'b', 'c')
    expect(await audit.verify()).toEqual({ sound: true, lines: 3 })
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

  test('reads on past the first thousand lines', async () => {
    await base.db.write(async (tx) => {
      for (let at = 0; at < 1_002; at++) {
        await audit.append(tx, { actor: anna, action: 'x', target: null, detail: {} })
      }
    })
    expect(await audit.verify()).toEqual({ sound: true, lines: 1_002 })
    await forge(1_001, { actor: 'user:mallory' })
    expect(await audit.verify()).toEqual({ sound: false, seq: 1_001, what: 'changed' })
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
  expect(await audit.verify()).toEqual({ sound: true, lines: 2 })
  expect(await audit.removeBefore(new Date(clock.now().getTime() - dayMs))).toBe(0)
})

test('retention that takes all lines keeps the count and the chain going', async () => {
  await notes('old', 'old')
  await clock.advance(2 * dayMs)
  expect(await audit.removeBefore(clock.now())).toBe(2)
  await note('new')
  expect((await everything()).map(({ seq }) => seq)).toEqual([4, 3])
  expect(await audit.verify()).toEqual({ sound: true, lines: 2 })
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
