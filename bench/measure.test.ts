import { describe, expect, test } from 'vitest'
import { type Contender, median, quantile, ratio, takeTurns, turned } from './measure.ts'

describe('what a row of figures comes to', () => {
  test.each([
    [[], Number.NaN],
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    // By size, not by digits.
    [[10, 9, 100], 10],
  ])('the middle of %j is %d', (values, middle) => expect(median(values)).toBe(middle))

  test.each([
    [[], 0.95, Number.NaN],
    [[5], 0.95, 5],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 0.95, 4],
    [[1, 2, 3, 4], 0, 1],
    [Array.from({ length: 100 }, (_, at) => 100 - at), 0.95, 95],
    [Array.from({ length: 100 }, (_, at) => at + 1), 0.99, 99],
  ])('of %j, a share of %d stays within %d', (values, share, within) =>
    expect(quantile(values, share)).toBe(within),
  )

  test('a ratio compares the middles, so that one bad round does not decide', () => {
    const timings = new Map([
      ['ours', [10, 12, 900]],
      ['theirs', [24, 20, 26]],
    ])
    expect(ratio(timings, 'ours', 'theirs')).toBe(0.5)
    expect(ratio(timings, 'ours', 'nobody')).toBeNaN()
  })
})

describe('taking turns', () => {
  async function turns(contenders: { name: string; every?: number }[], rounds: number) {
    const done: string[] = []
    const all: Contender[] = contenders.map(({ name, every = 1 }) => ({
      name,
      every,
      perform: async () => void done.push(name),
    }))
    const timings = await takeTurns(all, { rounds, quiet: async () => void done.push('|') })
    return { done: done.join(''), counts: [...timings].map(([name, { length }]) => [name, length]) }
  }

  test('everybody works in every round, and each round begins with somebody else', async () => {
    const { done, counts } = await turns([{ name: 'a' }, { name: 'b' }], 2)
    expect(done).toBe('|ab|ba|ab')
    // The first round warmed up.
    expect(counts).toEqual([
      ['a', 2],
      ['b', 2],
    ])
  })

  test('slow work takes part in some rounds only, always in the first that counts', async () => {
    const { done, counts } = await turns([{ name: 'a' }, { name: 's', every: 3 }], 4)
    expect(done).toBe('|as|sa|a|a|as')
    expect(counts).toEqual([
      ['a', 4],
      ['s', 2],
    ])
  })

  test('what is prepared does not count', async () => {
    let prepared = 0
    const work: Contender = {
      name: 'a',
      prepare: async () => void prepared++,
      perform: async () => expect(prepared).toBeGreaterThan(0),
    }
    await takeTurns([work], { rounds: 2, quiet: async () => {} })
    expect(prepared).toBe(3)
  })

  test.each([
    [[], 3, []],
    [[1, 2, 3], 0, [1, 2, 3]],
    [[1, 2, 3], 4, [2, 3, 1]],
  ])('%j turned by %d is %j', (items, by, expected) => expect(turned<number>(items, by)).toEqual(expected))
})
