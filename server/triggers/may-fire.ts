import type { TriggerId } from '../../contract/ids.ts'
import { longestChain } from '../../contract/trigger-terms.ts'
import type { FiringReason } from '../../contract/triggers.ts'

/** What nobody took up for longer is let go: it would come as a surprise. Milliseconds. */
const tooOldMs = 86_400_000

interface Circumstances {
  readonly id: TriggerId
  readonly paused: boolean
  readonly coolDownMinutes: number
  /** The triggers that led to the run that is the cause, oldest first; none where a person or a schedule began. */
  readonly path: readonly TriggerId[]
  /** When it happened, and now; milliseconds since 1970. */
  readonly happenedAt: number
  readonly now: number
  /** When the trigger last started something within the same cool-down; null for never. */
  readonly lastStartedAt: number | null
}

/** Says why a trigger starts nothing for an occasion that fits; null when it may. */
export function whyHeld(given: Circumstances): FiringReason | null {
  const { id, path, now, lastStartedAt } = given
  // First what no setting changes: a loop must read as one, also while the trigger rests.
  if (path.includes(id)) return 'own-run'
  if (path.length >= longestChain) return 'chain'
  if (given.paused) return 'paused'
  if (now - given.happenedAt > tooOldMs) return 'too-old'
  // A clock that was ahead must not hold a trigger back until that time comes.
  const restsUntil =
    lastStartedAt === null || lastStartedAt > now ? null : lastStartedAt + given.coolDownMinutes * 60_000
  return restsUntil !== null && now < restsUntil ? 'cool-down' : null
}
