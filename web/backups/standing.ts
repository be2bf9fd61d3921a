import type { Repository, RepositoryKind } from '../../contract/repositories.ts'
import type { Tone } from '../ui/tone.ts'

/** A proof that is older says little about the backups of today, milliseconds. */
const proofAgesAfterMs = 90 * 86_400_000

/** Kinds of which nothing can be restored here; that they are whole is all that can be shown. */
const withoutDrill: readonly RepositoryKind[] = ['pbs', 'vzdump', 'archives', 'dir']

/**
 * What is known about restores: `proven` one came back, lately · `aged` one did, long ago · `failed` the last one did
 * not · `never` nobody tried · `locked-out` nobody can, for want of the password · `none` this kind cannot be tried.
 */
export type Proof = 'proven' | 'aged' | 'failed' | 'never' | 'locked-out' | 'none'

export function proofOf({ kind, proof, drill, state, secret }: Repository, nowMs: number): Proof {
  if (drill && !drill.isProved && (!proof || drill.at > proof.at)) return 'failed'
  if (proof) return nowMs - Date.parse(proof.at) > proofAgesAfterMs ? 'aged' : 'proven'
  if (withoutDrill.includes(kind)) return 'none'
  return state === 'outside' && secret === null ? 'locked-out' : 'never'
}

export const proofTones: Readonly<Record<Proof, Tone>> = {
  proven: 'ok',
  aged: 'wait',
  failed: 'fail',
  never: 'wait',
  'locked-out': 'wait',
  none: 'idle',
}

const stateTones: Readonly<Record<Repository['state'], Tone>> = {
  unseen: 'idle',
  open: 'ok',
  outside: 'wait',
  missing: 'fail',
  'wrong-password': 'fail',
  'no-repository': 'fail',
  locked: 'wait',
  error: 'fail',
}
export const toneOfState = (state: Repository['state']): Tone => stateTones[state]

export const mayDrill = ({ kind }: Repository): boolean => !withoutDrill.includes(kind)

/** Those that need a person come first: what is broken, then what was never proved, then by name. */
export function byUrgency(nowMs: number) {
  const rank = (repository: Repository): number => {
    const { findings } = repository
    if (findings.critical > 0) return 0
    if (findings.high > 0) return 1
    return { failed: 0, aged: 3, never: 2, 'locked-out': 2, proven: 4, none: 4 }[proofOf(repository, nowMs)]
  }
  return (a: Repository, b: Repository): number =>
    rank(a) - rank(b) || a.nodeName.localeCompare(b.nodeName) || a.location.localeCompare(b.location)
}

/** How many of those that can be proved are. */
export function countProven(
  repositories: readonly Repository[],
  nowMs: number,
): { proven: number; of: number } {
  const proofs = repositories.map((one) => proofOf(one, nowMs)).filter((proof) => proof !== 'none')
  return { proven: proofs.filter((proof) => proof === 'proven').length, of: proofs.length }
}
