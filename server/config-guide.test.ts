import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { settings } from '../contract/settings.ts'
import { environment } from './config.ts'

const guide = readFileSync(new URL('../docs/guide/configuration.md', import.meta.url), 'utf8')

/** The rows of the table under a heading: name and default, as the guide prints them. */
function rowsUnder(heading: string): Map<string, string> {
  const section = guide.split(/^## /m).find((text) => text.startsWith(heading)) ?? ''
  const [table = ''] = section.split('\n\n').filter((block) => /\| Default +\|/.test(block))
  const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(
    rows
      .filter(([, name]) => name?.startsWith('`'))
      .map(([, name = '', value = '']) => [name.replaceAll('`', ''), value.replaceAll('`', '')]),
  )
}

/** A default as the guide prints it; empty where there is none. */
function printed(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a schema says is there when nothing is given, before anything is made of it. */
function defaultOf(schema: { def: object }): unknown {
  if ('defaultValue' in schema.def) return schema.def.defaultValue
  return 'in' in schema.def ? defaultOf(schema.def.in as { def: object }) : undefined
}

test.each([
  ['Environment', environment.shape],
  ['Settings', settings.shape],
])('the guide names everything under %s, with its default', (heading, shape) => {
  const wanted = Object.entries(shape).map(([name, schema]) => [name, printed(defaultOf(schema))])
  expect(Object.fromEntries(rowsUnder(heading))).toEqual(Object.fromEntries(wanted))
})
