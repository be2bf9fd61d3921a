import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { tested } from './tested.ts'

test('every test that the table of faults names is there', () => {
  const root = resolve(import.meta.dirname, '../..')
  const missing = tested.flatMap(({ files }) => files).filter((file) => !existsSync(join(root, file)))
  expect(missing).toEqual([])
})
