import { expect, test } from 'vitest'
import { emptyTier, isSizeGood, readTiers, readTokens, toDraft } from './price-tiers.ts'

const tier = {
  upToPromptTokens: null,
  input: 100_000,
  cacheWrite5m: 125_000,
  cacheWrite1h: 200_000,
  cacheRead: 10_000,
  output: 500_000,
}

test('prices come back from the form as they went in, with their sizes', () => {
  const tiers = [
    { ...tier, upToPromptTokens: 100_000 },
    { ...tier, input: 500_000 },
  ]
  expect(readTiers(tiers.map(toDraft))).toEqual(tiers)
})

test.each([
  ['100,000', 100_000],
  ['100.000', 100_000],
  ['100 000', 100_000],
  ['0', null],
  ['', null],
  ['-5', null],
  ['1e5', null],
])('%j tokens are %s', (text, tokens) => expect(readTokens(text)).toBe(tokens))

test('sizes have to grow, and the last tier needs none', () => {
  const sized = (...sizes: string[]) => sizes.map((upTo) => ({ ...toDraft(tier), upTo }))
  expect(isSizeGood(sized('200000', '100000', ''), 1)).toBe(false)
  expect(readTiers(sized('200000', '100000', ''))).toBeNull()
  expect(readTiers(sized('100000', '200000', ''))).toHaveLength(3)
})

test('a price that is missing is missed', () => {
  expect(readTiers([emptyTier])).toBeNull()
})
