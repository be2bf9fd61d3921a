import type { ErrorCode, Problem } from '../../contract/errors.ts'
import type { Node } from '../../contract/nodes.ts'

/** A person must act before this node can be used again. */
export const blockingCodes: readonly ErrorCode[] = [
  'ssh.host_key_unknown',
  'ssh.host_key_changed',
  'ssh.auth_failed',
  'ssh.auth_partial',
  'ssh.address_not_allowed',
  'ssh.password_expired',
  'ssh.login_disabled',
  'launch.gate_refused',
  'credential.missing',
  'credential.quarantined',
]

export const isBlocking = (code: ErrorCode): boolean => blockingCodes.includes(code)

interface Seen {
  readonly paused: boolean
  readonly lastSeenAt: string | null
  readonly lastProblem: Problem | null
  readonly findings: Node['findings']
}

/** What a person sees of a node at a glance: the first of these that holds. */
export function toHealth({ paused, lastSeenAt, lastProblem, findings }: Seen): Node['health'] {
  if (paused) return 'paused'
  if (lastProblem) return isBlocking(lastProblem.code) ? 'blocked' : 'unreachable'
  if (lastSeenAt === null) return 'unknown'
  return findings.critical + findings.high + findings.warning > 0 ? 'findings' : 'ok'
}
