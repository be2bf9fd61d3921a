import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { configurationTables, withTables } from './docs/configuration.ts'

/** Writes the tables of docs/guide/configuration.md anew, from the code. A test fails while they are old. */
const root = resolve(import.meta.dirname, '..')
const file = join(root, 'docs/guide/configuration.md')
writeFileSync(file, withTables(readFileSync(file, 'utf8'), configurationTables(root)))
