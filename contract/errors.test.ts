import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errors } from './errors.ts'

test('every code stands in one catalogue, and no catalogue is forgotten', async () => {
  const files = readdirSync(new URL('errors/', import.meta.url))
  const parts = await Promise.all(files.map((file) => import(`./errors/${file}`) as Promise<object>))
  const codes = parts.flatMap((part) => Object.values(part).flatMap((catalogue: object) => Object.keys(catalogue)))
  expect(codes.toSorted()).toEqual(Object.keys(errors).toSorted())
})
