import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../../contract/settings.ts'
import { environment } from '../../server/config.ts'
import { configurationTables, withTables } from './configuration.ts'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guide/configuration.md'), 'utf8')

test('the guide to the configuration is as the code says; else run: ./run node scripts/docs-tables.ts', () => {
  expect(guide).toBe(withTables(guide, configurationTables(root)))
})

test('every variable and every setting has a row with words in it', () => {
  const { Environment = '', Settings = '' } = configurationTables(root)
  for (const [table, shape] of [
    [Environment, environment.shape],
    [Settings, settings.shape],
  ] as const) {
    const rows = table.split('\n').slice(2)
    expect(rows.map((row) => /^\| `(\w+)` /.exec(row)?.[1])).toEqual(Object.keys(shape))
    const bare = rows.filter((row) => (row.split('|').at(-2)?.trim().length ?? 0) <= 15)
    expect(bare).toEqual([])
  }
})

test('tables are put in the place of old ones, and the text around them stays', () => {
  const text =
    '# A\n\n## One\n\nWords.\n\n| old |\n| --- |\n| 1   |\n\nMore.\n\n| mine |\n| --- |\n\n## Two\n\n| old |\n| --- |\n'
  expect(withTables(text, { One: '| new |', Two: '| newer |' })).toBe(
    '# A\n\n## One\n\nWords.\n\n| new |\n\nMore.\n\n| mine |\n| --- |\n\n## Two\n\n| newer |\n',
  )
  expect(() => withTables('## One\n\nNo table.\n\n## Two\n\n| a |\n', { One: '| b |' })).toThrow('under One')
})
