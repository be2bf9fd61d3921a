import * as openid from 'openid-client'
import type { ErrorCode } from '../../../contract/errors.ts'
import { type AppError, fail, isAppError } from '../../lib/errors.ts'

/** At what step something failed: the same fault means another thing at each. */
export type Step = 'discovery' | 'answer'

/** What the provider sends to say no, by where it says it. */
const inAnswer: Readonly<Record<string, ErrorCode>> = {
  unauthorized_client: 'provider.refused_us',
  invalid_scope: 'provider.refused_us',
  invalid_request: 'provider.refused_us',
  unsupported_response_type: 'provider.refused_us',
  server_error: 'provider.unreachable',
  temporarily_unavailable: 'provider.unreachable',
}
const atTokenEndpoint: Readonly<Record<string, ErrorCode>> = {
  invalid_client: 'provider.refused_us',
  unauthorized_client: 'provider.refused_us',
  invalid_request: 'provider.refused_us',
  // The code was used before, is too old, or was meant for somebody else.
  invalid_grant: 'provider.stale',
}

/** What the library calls its findings. */
const byLibraryCode: Readonly<Record<string, ErrorCode>> = {
  OAUTH_TIMEOUT: 'provider.unreachable',
  OAUTH_ABORT: 'provider.unreachable',
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'provider.not_secure',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'provider.clock_differs',
}

/** What the way out says when nobody is there; its other refusals say themselves what to do. */
const isNoAnswer: ReadonlySet<ErrorCode> = new Set([
  'outgoing.no_answer',
  'outgoing.too_slow',
  'outgoing.name_not_found',
])

/**
 * Gives whatever a talk with the provider threw one of our codes. Its own words are not in the detail: whoever reads
 * that may be anybody. `saidBy` has them.
 */
export function toFailure(thrown: unknown, step: Step): Error {
  const known = refusalIn(thrown)
  if (known) return isNoAnswer.has(known.code) ? fail('provider.unreachable', { cause: known }) : known
  const code = codeOf(thrown, step)
  return code === null ? asError(thrown) : fail(code, { cause: thrown, ...detailOf(thrown) })
}

function codeOf(thrown: unknown, step: Step): ErrorCode | null {
  if (thrown instanceof openid.AuthorizationResponseError)
    return inAnswer[thrown.error] ?? 'provider.refused_you'
  if (thrown instanceof openid.ResponseBodyError) {
    if (/redirect/i.test(thrown.error_description ?? '')) return 'provider.redirect_refused'
    return atTokenEndpoint[thrown.error] ?? 'provider.not_believed'
  }
  if (thrown instanceof openid.WWWAuthenticateChallengeError) return 'provider.refused_us'
  if (thrown instanceof openid.ClientError) {
    const code = byLibraryCode[thrown.code ?? '']
    if (code) return code
    // Without a code of its own it is what the network said.
    if (thrown.code === undefined) return 'provider.unreachable'
    return step === 'discovery' ? 'provider.wrong_issuer' : 'provider.not_believed'
  }
  // What fetch throws when nobody answers.
  if (thrown instanceof TypeError && thrown.message === 'fetch failed') return 'provider.unreachable'
  if (thrown instanceof DOMException) return 'provider.unreachable'
  return null
}

/** The provider's name for itself helps whoever mistyped it, and is public. */
function detailOf(thrown: unknown): { detail?: string } {
  if (!(thrown instanceof openid.ClientError)) return {}
  const cause = thrown.cause as { attribute?: unknown; body?: { issuer?: unknown } } | undefined
  const issuer = cause?.attribute === 'issuer' ? cause.body?.issuer : undefined
  return typeof issuer === 'string' ? { detail: `It calls itself ${toPlain(issuer)}` } : {}
}

/** What the provider, or whatever looked at its answer, said in its own words; null when nothing. For administrators. */
export function saidBy(thrown: unknown): string | null {
  const cause = isAppError(thrown) ? thrown.cause : thrown
  if (cause instanceof openid.AuthorizationResponseError || cause instanceof openid.ResponseBodyError) {
    return toPlain([cause.error, cause.error_description].filter(Boolean).join(': '))
  }
  if (cause instanceof openid.WWWAuthenticateChallengeError) {
    const { error, error_description } = cause.cause[0]?.parameters ?? {}
    return toPlain([error ?? `HTTP ${cause.status}`, error_description].filter(Boolean).join(': '))
  }
  if (!(cause instanceof Error)) return null
  const deepest = cause.cause instanceof Error ? cause.cause : cause
  return toPlain(deepest.message)
}

/** A refusal of our own that lies below, as of the guard over outgoing requests. */
function refusalIn(thrown: unknown): AppError | null {
  for (
    let error: unknown = thrown, depth = 0;
    error instanceof Error && depth < 5;
    error = error.cause, depth++
  ) {
    if (isAppError(error)) return error
  }
  return null
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

const toPlain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 300)
    .toWellFormed()
