import { describe, expect, test } from 'vitest'
import type { TokenUse } from '../../contract/costs.ts'
import { bundledPrices } from './bundled-prices.ts'
import { tokensOf } from './calibration.ts'
import { estimateCall } from './estimate.ts'
import { noUse, priceFor } from './prices.ts'

const haiku = priceFor('claude-haiku-5-5', '2026-11-26', bundledPrices).row
const given = { row: haiku, mode: 'direct', past: [], inputTokens: undefined, executionLimit: null } as const

describe('an estimate', () => {
  test('before the first call is what such calls cost in general', () => {
    expect(estimateCall(given)).toEqual({ likelyNanoUsd: 755_000, mostNanoUsd: 2_355_000 })
  })
  test('is learnt from the calls before, thinking included', () => {
    const past: TokenUse[] = Array.from({ length: 20 }, (_, index) => ({
      ...noUse,
      input: 2_000,
      output: index === 0 ? 4_000 : 2_500,
      thinking: 2_000,
    }))
    const { likelyNanoUsd, mostNanoUsd } = estimateCall({ ...given, past })
    expect(likelyNanoUsd).toBe(1_450_000)
    expect(mostNanoUsd).toBe(2_210_000)
  })
  test('counts what the cache saves as likely, but not as certain', () => {
    const past: TokenUse[] = Array.from({ length: 9 }, () => ({
      ...noUse,
      cacheRead: 2_000,
      input: 100,
      output: 100,
    }))
    expect(estimateCall({ ...given, past })).toMatchObject({ likelyNanoUsd: 80_000 })
    expect(estimateCall({ ...given, past }).mostNanoUsd).toBeGreaterThan(2_200_000)
  })
  test('of a known prompt takes that', () => {
    expect(estimateCall({ ...given, inputTokens: 100_001 }).likelyNanoUsd).toBe(52_000_500)
  })
  test('is never more than an execution may cost', () => {
    expect(estimateCall({ ...given, executionLimit: 500_000 })).toEqual({
      likelyNanoUsd: 500_000,
      mostNanoUsd: 500_000,
    })
  })
})

describe('tokens of a text', () => {
  test('are guessed high before anything was billed', () => {
    expect(tokensOf(2_200, [])).toEqual({ likely: 1_000, bound: 2_200, isCalibrated: false })
  })
  test('are learnt from five calls on', () => {
    const four = Array.from({ length: 4 }, () => ({ chars: 3_000, tokens: 1_000 }))
    expect(tokensOf(3_000, four).isCalibrated).toBe(false)
    const five = [...four, { chars: 3_000, tokens: 1_100 }]
    expect(tokensOf(3_000, five)).toEqual({ likely: 1_000, bound: 1_155, isCalibrated: true })
  })
  test('are not learnt from a call without length or bill', () => {
    const broken = Array.from({ length: 9 }, () => ({ chars: 0, tokens: 0 }))
    expect(tokensOf(2_200, broken)).toMatchObject({ likely: 1_000, isCalibrated: false })
  })
})
