import type { APIError } from '@anthropic-ai/sdk'
import type { DriverResult, FailureReason } from '../driver.ts'
import { readRetryAfter } from './retry-after.ts'

type Failed = Extract<DriverResult, { kind: 'failed' }>
type Answered = Pick<APIError, 'status' | 'type' | 'errorCode' | 'apiMessage' | 'headers'>

/** Caps that only time or a person lifts: waiting a little helps nothing. */
const spendLimits = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
])

/** The four kinds of limit are told apart, because only the first goes away by waiting. */
const reasonOf = ({ status, type, errorCode, apiMessage }: Answered): FailureReason => {
  if (type === 'billing_error' || status === 402) return 'out-of-credit'
  if (errorCode !== null && spendLimits.has(errorCode)) return 'spend-limit'
  switch (status) {
    case 429:
      return 'rate-limited'
    case 400:
      // The API gives this one no code of its own.
      return /\bAPI usage limits\b/i.test(apiMessage ?? '') ? 'spend-limit' : 'bad-request'
    case 401:
    case 403:
      return 'wrong-key'
    case 404:
      return 'no-such-model'
    default:
      return status === undefined || status >= 500 || status === 408 || status === 409
        ? 'overloaded'
        : 'bad-request'
  }
}

const words: Record<FailureReason, string> = {
  'rate-limited': 'Anthropic wants fewer requests for a while',
  overloaded: 'Anthropic has too much to do or is out of order',
  'spend-limit': 'The spending limit of the account is reached',
  'out-of-credit': 'The account has no credit left',
  'wrong-key': 'Anthropic does not accept the key',
  'no-such-model': 'Anthropic does not know the model',
  'bad-request': 'Anthropic does not accept the request',
  offline: 'Anthropic was not reached',
  'timed-out': 'Anthropic did not answer in time',
  aborted: 'It was called off',
}

/** An answer that is an error; none of them is billed. */
export function toApiFailure(error: Answered, now: Date): Failed {
  const reason = reasonOf(error)
  const type = /^[a-z_]{1,60}$/.test(error.errorCode ?? error.type ?? '')
    ? (error.errorCode ?? error.type)
    : null
  return {
    kind: 'failed',
    reason,
    wasBilled: 'no',
    retryAfterMs:
      reason === 'rate-limited' || reason === 'overloaded'
        ? readRetryAfter(new Headers(error.headers), now)
        : null,
    detail: `${words[reason]} (${[error.status, type].filter(Boolean).join(', ')}).`,
  }
}
