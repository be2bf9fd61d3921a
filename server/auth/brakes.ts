import type { Clock } from '../lib/clock.ts'
import { type Attempts, createAttempts, networkOf } from './attempts.ts'

interface BrakeTools {
  readonly clock: Clock
  readonly byNetwork: Attempts
  readonly byName: Attempts
}

const limitedMs = 5 * 60_000
/** A person at home mistypes less often; whoever sits beside them guesses no faster than this. */
const mostFromKnown = 10
/** Over all names and networks together: what a whole botnet gets. Each costs us a slow hash. */
const mostFromStrangers = 200
/** Pairs of a name and a network that are remembered; the ones used longest ago go first. */
const mostKnown = 1_000

/**
 * What an attempt to sign in counts against. Guessing at a name from everywhere closes it for strangers alone: a network
 * from which its owner has signed in since the start has a count of its own, so nobody can lock out the people of a house.
 */
export function createBrakes({ clock, byNetwork, byName }: BrakeTools) {
  const fromKnown = createAttempts({ clock, most: mostFromKnown, withinMs: limitedMs })
  const fromStrangers = createAttempts({ clock, most: mostFromStrangers, withinMs: limitedMs })
  const known = new Set<string>()

  /** Counts one. Throws `request.rate_limited`. `name` is as people are told apart, `ip` where it comes from. */
  function count(name: string, ip: string): void {
    const network = networkOf(ip)
    const pair = `${network} ${name}`
    byNetwork.count(network)
    if (known.has(pair)) return fromKnown.count(pair)
    fromStrangers.count('')
    byName.count(name)
  }

  /** The password was right: the counts begin anew. */
  function forget(name: string, ip: string): void {
    byName.forget(name)
    fromKnown.forget(`${networkOf(ip)} ${name}`)
  }

  /** The name was signed in from there, with all that is asked for: the network is known from now on. */
  function remember(name: string, ip: string): void {
    forget(name, ip)
    const pair = `${networkOf(ip)} ${name}`
    known.delete(pair)
    known.add(pair)
    for (const oldest of known) {
      if (known.size <= mostKnown) return
      known.delete(oldest)
    }
  }

  return { count, forget, remember }
}
export type Brakes = ReturnType<typeof createBrakes>
