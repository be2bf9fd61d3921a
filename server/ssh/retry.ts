import type { ErrorCode } from '../../contract/errors.ts'

/** How often a connection is tried in all. */
const attempts = 3
/** Before the second attempt, milliseconds; four times as long before each further one. */
const firstDelayMs = 1_000
const growth = 4

/** What may pass by itself, and how many times the usual delay it takes. Everything else is never tried again. */
const passing = new Map<ErrorCode, number>([
  ['ssh.dns_temporary', 1],
  ['ssh.connection_refused', 1],
  ['ssh.host_unreachable', 1],
  ['ssh.connection_timeout', 1],
  ['ssh.connection_reset', 1],
  ['ssh.handshake_timeout', 1],
  ['ssh.jump_failed', 1],
  // A node that penalises us does so for longer with each knock.
  ['ssh.server_busy', 20],
])

/**
 * How long to wait before the next attempt, milliseconds, or null when there is none: a refused login, a strange host
 * key or a refused address never get one. `random` (0 to 1) spreads nodes that failed together by half either way.
 */
export function retryDelayMs(code: ErrorCode, attempt: number, random: number): number | null {
  const factor = passing.get(code)
  if (factor === undefined || attempt >= attempts) return null
  return firstDelayMs * factor * growth ** (attempt - 1) * (0.5 + random)
}
