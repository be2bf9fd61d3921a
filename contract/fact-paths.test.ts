import { expect, test } from 'vitest'
import { factAt, factsOf } from './fact-paths.ts'

test('every value is called by its place, entries of lists by what they are', () => {
  const facts = {
    host: { os: 'Debian 12', cores: 4, virtual: null },
    disks: [
      { mount: '/', pct: 41 },
      { mount: '/var', pct: 93 },
    ],
    tags: ['a', 'b'],
    empty: [],
    odd: [{ x: 1 }, [true]],
  }
  expect([...factsOf(facts)]).toEqual([
    ['host.os', 'Debian 12'],
    ['host.cores', 4],
    ['host.virtual', null],
    ['disks[/].mount', '/'],
    ['disks[/].pct', 41],
    ['disks[/var].mount', '/var'],
    ['disks[/var].pct', 93],
    ['tags', 'a, b'],
    ['odd[0].x', 1],
    ['odd[1]', 'true'],
  ])
})

test('facts without end come to one', () => {
  const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`f${at}`, at]))
  expect([...factsOf(many)]).toHaveLength(20_000)
})

test.each([
  ['disks[/var].pct', 93],
  ['disks[/].pct', 41],
  ['disks', undefined],
  ['host', undefined],
  ['host.os', 'Debian'],
  ['host.osx', undefined],
])('the fact at %s is %s', (path, value) => {
  const facts = {
    disks: [
      { mount: '/', pct: 41 },
      { mount: '/var', pct: 93 },
    ],
    host: { o: 1, os: 'Debian' },
  }
  expect(factAt(facts, path)).toBe(value)
})
