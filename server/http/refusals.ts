import { type ErrorCode, type ErrorReply, errors } from '../../contract/errors.ts'
import { AppError, fail, isAppError } from '../lib/errors.ts'

/** An error as a reply. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorReply
  /** True when nobody foresaw it: it belongs into the log, and the caller learns no more than the request id. */
  readonly isBug: boolean
}

interface Occasion {
  readonly requestId: string
  readonly now: Date
}

/** Gives anything thrown while answering the one error shape of the API. */
export function toRefusal(thrown: unknown, { requestId, now }: Occasion): Refusal {
  const known = toKnown(thrown)
  const { problem, issues, retryAt } = known ?? fail('server.bug')
  const waitS = retryAt && Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1_000))
  return {
    status: errors[problem.code].status,
    headers: waitS === undefined ? {} : { 'retry-after': String(waitS) },
    body: {
      error: {
        ...problem,
        requestId,
        ...(issues && { issues }),
        ...(retryAt && { retryAt: retryAt.toISOString() }),
      },
    },
    isBug: known === undefined,
  }
}

/** What the web framework and Node's HTTP parser refuse by themselves, in our words. */
const foreignCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.malformed',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.malformed',
  FST_ERR_BAD_URL: 'request.not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'request.not_found',
  FST_ERR_NOT_FOUND: 'request.not_found',
  HPE_HEADER_OVERFLOW: 'request.too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request.malformed',
}

function toKnown(thrown: unknown): AppError | undefined {
  if (isAppError(thrown)) return thrown
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  const code = foreignCodes[String(thrown.code)]
  return code && fail(code, { cause: thrown })
}
