import type { Finding, Report } from '../../../contract/reports.ts'
import { wordSet } from '../redact/word-set.ts'

/** What the gate decides by: this run against those before. */
export interface Novelty {
  readonly findings: readonly Pick<
    Finding,
    'rule' | 'severity' | 'state' | 'acknowledgedAt' | 'executionId'
  >[]
  readonly executionId: Report['executionId']
  readonly changes: readonly { readonly path: string; readonly kind: 'added' | 'removed' | 'changed' }[]
  /** A kind of log line that this node has not shown before, in evidence of a warning or worse. */
  readonly hasNewLogTemplate: boolean
}

export type Verdict =
  | {
      readonly asks: true
      readonly because: 'asked_for' | 'several_new' | 'needs_cause' | 'new_log' | 'unexplained'
    }
  | { readonly asks: false; readonly reason: 'off' | 'no_novelty' }

/** Rules that see that something is wrong and cannot see why. */
const rulesWithoutCause = wordSet(`
  svc.failed svc.restart_loop svc.unstable mem.oom_kill mem.low mem.swap_full disk.fast_growth
  disk.fs_errors disk.mount_hung disk.readonly pressure.cpu proc.dstate net.packet_loss
  net.unreachable net.iface_errors zfs.data_errors hw.throttled auth.success_after_failures
  net.port_new sec.authorized_keys_changed sec.uid0
`)

/** Parts of the facts where something new is never noise, and the rules that speak about them. */
const hardFacts: Readonly<Record<string, readonly string[]>> = {
  services: ['svc'],
  disks: ['disk'],
  ports: ['net'],
  storage: ['raid', 'zfs', 'lvm', 'disk'],
  keys: ['sec'],
  uid0: ['sec'],
  sshd: ['ssh'],
  containers: ['svc', 'docker'],
  host: ['upd'],
}

/**
 * Says whether a model adds anything to what the rules found. They decide what is wrong; it is asked when something has
 * several parts, has no cause a rule can see, was never seen here, or when somebody wants to know.
 */
export function decideToAsk({
  isOff,
  isAskedFor,
  novelty,
}: {
  readonly isOff: boolean
  readonly isAskedFor: boolean
  readonly novelty: Novelty
}): Verdict {
  if (isOff) return { asks: false, reason: 'off' }
  if (isAskedFor) return { asks: true, because: 'asked_for' }
  const fresh = novelty.findings.filter(
    ({ state, severity, acknowledgedAt, executionId }) =>
      (state === 'new' || state === 'worse') &&
      severity !== 'info' &&
      acknowledgedAt === null &&
      executionId === novelty.executionId,
  )
  if (fresh.filter(({ state }) => state === 'new').length >= 2) return { asks: true, because: 'several_new' }
  if (fresh.some(({ rule }) => rulesWithoutCause.has(rule))) return { asks: true, because: 'needs_cause' }
  if (novelty.hasNewLogTemplate) return { asks: true, because: 'new_log' }
  if (novelty.changes.some((change) => isUnexplained(change, novelty.findings))) {
    return { asks: true, because: 'unexplained' }
  }
  return { asks: false, reason: 'no_novelty' }
}

/** A hard fact came, went or turned, and no finding that is new, worse or over speaks about it. */
function isUnexplained({ path, kind }: Novelty['changes'][number], findings: Novelty['findings']): boolean {
  const [section = ''] = path.split('.')
  const speakers = Object.hasOwn(hardFacts, section) ? hardFacts[section] : undefined
  // A number that moved is for the rules; a thing that appeared or vanished is not.
  if (!speakers || kind === 'changed') return false
  return !findings.some(({ rule, state }) => state !== 'known' && speakers.includes(rule.split('.')[0] ?? ''))
}
