import { isAppError } from '../../lib/errors.ts'
import type { DriverResult } from '../driver.ts'

type Failed = Extract<DriverResult, { kind: 'failed' }>

/** With these, not one byte of the request went out. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'outgoing.name_not_found',
  'outgoing.url_not_allowed',
  'outgoing.host_not_listed',
  'outgoing.address_not_allowed',
  'outgoing.not_trusted',
])

/** What is known of a request that brought no answer. */
export interface Sending {
  /** Whether the request was handed to the network. */
  readonly wasSent: boolean
  readonly signal: AbortSignal
}

/** Says what a request that broke off means, first of all whether it may have to be paid. */
export function toConnectionFailure(error: unknown, { wasSent, signal }: Sending): Failed {
  const codes = codesOf(error)
  const isUnsent = !wasSent || codes.some((code) => neverSent.has(code))
  const wasBilled = isUnsent ? 'no' : 'unknown'
  if (signal.aborted) {
    const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    return isLate
      ? failed('timed-out', wasBilled, 'It did not answer in time.')
      : failed('aborted', wasBilled, 'It was called off.')
  }
  if (codes.includes('outgoing.too_slow')) return failed('timed-out', wasBilled, 'It did not answer in time.')
  const told = causesOf(error).find(isAppError)
  const why = told ? told.problem.detail : (codes[0] ?? 'the connection broke off')
  return failed('offline', wasBilled, why)
}

const failed = (reason: Failed['reason'], wasBilled: Failed['wasBilled'], detail: string): Failed => ({
  kind: 'failed',
  reason,
  wasBilled,
  retryAfterMs: null,
  detail,
})

/** An error and what it came from, outermost first. */
export function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let one = error; one instanceof Error && causes.length < 8; one = one.cause) causes.push(one)
  return causes
}

const codesOf = (error: unknown): string[] =>
  causesOf(error).flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []))
