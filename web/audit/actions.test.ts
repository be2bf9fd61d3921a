import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { knownActions, pageOf, toActor } from './actions.ts'

test('every action that the server writes can be filtered by', () => {
  const server = join(import.meta.dirname, '../../server')
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const written = files.flatMap((file) =>
    [...readFileSync(join(server, file), 'utf8').matchAll(/\baction: '([a-z]+[-a-z]*\.[-a-z]+)'/g)].map(
      ([, action]) => action,
    ),
  )
  expect(written.length).toBeGreaterThan(10)
  expect(
    [...new Set(written)].filter((action) => !(knownActions as readonly unknown[]).includes(action)),
  ).toEqual([])
})

test.each([
  ['user:anna', { kind: 'user', name: 'anna' }],
  ['token:back:up', { kind: 'token', name: 'back:up' }],
  ['server', { kind: 'server', name: null }],
])('%s is told apart', (actor, wanted) => {
  expect(toActor(actor)).toEqual(wanted)
})

test.each([
  ['nod_01jd0000000000000000000001', '/nodes/$id'],
  ['exe_01jd0000000000000000000001', '/executions/$id'],
  ['javascript:alert(1)', undefined],
  ['nas', undefined],
])('%s leads to %s', (target, to) => {
  expect(pageOf(target)?.to).toBe(to)
})
