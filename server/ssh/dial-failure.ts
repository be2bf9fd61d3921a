import { type AppError, fail } from '../lib/errors.ts'
import { isBusy, isSsh } from './first-bytes.ts'
import { printable } from './probe.ts'

/** How far a connection had come when it failed. */
export type Phase = 'greeting' | 'handshake' | 'login'

/** What is known about a failure of the SSH library; `closed` when the stream just ended. */
export interface Breakdown {
  readonly phase: Phase
  readonly message: string
  /** Where the library places it: `handshake`, `protocol`, `client-authentication`, … */
  readonly level: string
  readonly firstBytes: string
  readonly port: number
  readonly username: string
  /** A credential has been sent: from then on nothing is tried again by itself. */
  readonly isTried: boolean
  /** What the node would still take, and whether it took the first proof. */
  readonly offered: readonly string[]
  readonly isPartial: boolean
}

/** Gives a failure its code: the first rule that fits. */
export function toDialFailure(breakdown: Breakdown): AppError {
  const { phase, message, level, firstBytes, port, username, offered } = breakdown
  const said = printable(firstBytes).slice(0, 80)
  const told = printable(message)

  if (phase === 'greeting' && isBusy(firstBytes))
    return fail('ssh.server_busy', { detail: `The node said: “${said}”.` })
  if (level === 'client-authentication') return refusal(breakdown)
  if (/no matching|no common/i.test(message)) return fail('ssh.no_common_algorithm', { detail: `${told}.` })
  if (phase === 'greeting' && firstBytes !== '' && !isSsh(firstBytes)) {
    return fail('ssh.not_ssh', { detail: `Port ${port} answers with “${said}”.` })
  }
  if (/Header line too long|Invalid header|Protocol version not supported|Bad packet length/i.test(message)) {
    return fail('ssh.not_ssh', { detail: `Port ${port} answers, but: ${told}.` })
  }
  if (phase === 'login' && /too many authentication failures/i.test(message)) return refusal(breakdown)
  if (breakdown.isTried) {
    const detail = `The link broke while ${username} was logging in (${told}); the node takes ${offered.join(', ') || 'nothing known'}.`
    return fail('ssh.link_lost', { detail })
  }
  return fail('ssh.connection_reset', { detail: `The connection broke during the ${phase}: ${told}.` })
}

function refusal({ username, offered, isPartial }: Breakdown): AppError {
  const takes = offered.join(', ') || 'nothing'
  return isPartial
    ? fail('ssh.auth_partial', {
        detail: `The node took the credential of ${username}, and wants ${takes} besides.`,
      })
    : fail('ssh.auth_failed', { detail: `The node refused ${username}; it would take ${takes}.` })
}
