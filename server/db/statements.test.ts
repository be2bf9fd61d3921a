import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepStatements } from './statements.ts'

let sqlite: Sqlite.Database

beforeEach(() => {
  sqlite = new Sqlite(':memory:')
  sqlite.exec("create table thing (name text); insert into thing values ('one'), ('two')")
})
afterEach(() => sqlite.close())

test('a statement is compiled once, whatever it is asked with', () => {
  const kept = keepStatements(sqlite)
  const statement = kept.prepare('select name from thing where name = ?')
  expect(kept.prepare('select name from thing where name = ?')).toBe(statement)
  expect(statement.all(['one'])).toEqual([{ name: 'one' }])
  expect(statement.all(['two'])).toEqual([{ name: 'two' }])
})

test.each(['through the same connection', 'through another one'])(
  'after a change of the schema %s, the new columns are there',
  (through) => {
    const kept = keepStatements(sqlite)
    expect(kept.prepare('select * from thing where name = ?').all(['one'])).toEqual([{ name: 'one' }])
    const change = 'alter table thing add column size integer'
    if (through === 'through another one') sqlite.exec(change)
    else kept.prepare(change).run([])
    expect(kept.prepare('select * from thing where name = ?').all(['one'])).toEqual([
      { name: 'one', size: null },
    ])
  },
)

test('while somebody goes through its rows, another one with the same text has a statement of its own', () => {
  const kept = keepStatements(sqlite)
  const seen: unknown[] = []
  for (const row of kept.prepare('select name from thing').iterate([])) {
    seen.push(row, ...kept.prepare('select name from thing').all([]))
  }
  expect(seen).toHaveLength(6)
})

test('only the last few are kept', () => {
  const kept = keepStatements(sqlite)
  const first = kept.prepare('select 0 from thing')
  for (let at = 1; at <= 200; at++) kept.prepare(`select ${at} from thing`)
  expect(kept.prepare('select 0 from thing')).not.toBe(first)
  expect(kept.prepare('select 200 from thing')).toBe(kept.prepare('select 200 from thing'))
})
