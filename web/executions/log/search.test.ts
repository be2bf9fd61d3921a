import { expect, test } from 'vitest'
import type { LogEntry } from '../../../contract/executions.ts'
import { createLogStore } from './log-store.ts'
import { createSearch } from './search.ts'

const linesFrom = (from: number, ...texts: string[]): LogEntry[] =>
  texts.map((text, at) => ({
    seq: from + at,
    at: '2026-03-01T12:00:00.000Z',
    stream: 'out',
    level: 'info',
    text,
    message: null,
  }))

function searched(query: string, ...texts: string[]) {
  const store = createLogStore()
  const search = createSearch(store)
  search.listen()
  store.add(linesFrom(1, ...texts))
  search.ask(query)
  while (!search.advance().isDone);
  return { store, search }
}

test('every line with a hit counts, in any case, and behind colours', () => {
  const { search } = searched('err', 'an ERROR', 'nothing', '\u001b[31me\u001b[0mrr', 'err err')
  expect(search.count()).toBe(3)
  expect([1, 2, 3, 4].filter(search.isHit)).toEqual([1, 3, 4])
  expect(search.rankOf(4)).toBe(3)
})

test('next and previous go round at the ends', () => {
  const { search } = searched('x', 'x', '', 'x', '')
  expect(search.next(1, 1)).toBe(3)
  expect(search.next(3, 1)).toBe(1)
  expect(search.next(1, -1)).toBe(3)
  expect(search.next(2, -1)).toBe(1)
})

test('without a hit there is no next one', () => {
  expect(searched('x', 'a', 'b').search.next(1, 1)).toBeNull()
})

test('lines that come while somebody searches are searched too', () => {
  const { store, search } = searched('x', 'a')
  store.add(linesFrom(2, 'x'))
  expect(search.count()).toBe(1)
})

test('what is not here is asked for, and goes on when it has come', () => {
  const store = createLogStore()
  const search = createSearch(store)
  search.listen()
  store.add(linesFrom(1, 'x', 'a'))
  store.reach(4)
  search.ask('x')
  expect(search.advance()).toEqual({ needs: 3, isDone: false })
  store.add(linesFrom(3, 'x', 'x'))
  expect(search.advance()).toEqual({ needs: null, isDone: true })
  expect(search.count()).toBe(3)
})

test('hits stay when the texts are let go of', () => {
  const store = createLogStore({ mostBytes: 100_000 })
  const search = createSearch(store)
  search.listen()
  search.ask('line 7')
  for (let from = 1; from <= 20_000; from += 500) {
    store.add(linesFrom(from, ...Array.from({ length: 500 }, (_, at) => `line ${from + at}.`)))
  }
  expect(store.entry(7)).toBeUndefined()
  expect(search.isHit(7)).toBe(true)
  expect(search.count()).toBe(1_111)
})

test('a new question forgets the old answers', () => {
  const { search } = searched('a', 'a', 'b')
  search.ask('b')
  while (!search.advance().isDone);
  expect([1, 2].filter(search.isHit)).toEqual([2])
  expect(search.examinedCount()).toBe(2)
})
