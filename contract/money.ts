import * as z from 'zod'

/**
 * An amount of money: billionths of a US dollar, always whole. Sums of whole numbers have no rounding that adds up, and
 * the largest that is exact is nine million dollars.
 */
export type NanoUsd = number

export const nanoPerUsd = 1_000_000_000

/** An amount that is said over the wire; none is ever below zero. */
export const nanoUsd = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
