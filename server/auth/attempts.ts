import type { Clock } from '../lib/clock.ts'
import { groupsOf, unwrap } from '../lib/addresses.ts'
import { fail } from '../lib/errors.ts'

interface AttemptTools {
  readonly clock: Clock
  /** As many as this in `withinMs`, over any such stretch of time. */
  readonly most: number
  readonly withinMs: number
}

/** More keys than this can only come from somebody who makes them up; the oldest go first. */
const mostKeys = 20_000

/**
 * Counts attempts by key and refuses more than so many in a stretch of time. An attempt counts when it begins, so that
 * a hundred at once are no way round; one that is refused does not count, so that the promised moment holds.
 *
 * Our own and not rate-limiter-flexible: that library reads Date.now by itself, so neither a test could pass the time
 * nor would a change of the wall clock leave the limit alone.
 */
export function createAttempts({ clock, most, withinMs }: AttemptTools) {
  /** Monotonic times of the attempts, by key; the key that was used last stands last. */
  const times = new Map<string, readonly number[]>()

  /** Counts one. Throws `request.rate_limited` with the moment from which it makes sense to try again. */
  function count(key: string): void {
    const now = clock.monotonicMs()
    const recent = (times.get(key) ?? []).filter((at) => at > now - withinMs)
    const [oldest] = recent
    if (oldest !== undefined && recent.length >= most) {
      throw fail('request.rate_limited', {
        retryAt: new Date(clock.now().getTime() + oldest + withinMs - now),
      })
    }
    times.delete(key)
    times.set(key, [...recent, now])
    dropOld(now)
  }

  function dropOld(now: number): void {
    for (const [key, at] of times) {
      const isOld = (at.at(-1) ?? 0) <= now - withinMs
      if (!isOld && times.size <= mostKeys) return
      times.delete(key)
    }
  }

  return { count, forget: (key: string): void => void times.delete(key) }
}
export type Attempts = ReturnType<typeof createAttempts>

/**
 * The part of an address that one household or one attacker has: an IPv4 address, the first 64 bits of an IPv6 one,
 * however it is spelt. (A host can take any address of its /64: better-auth CVE-2026-45364.)
 */
export function networkOf(ip: string): string {
  const address = ip.includes(':') ? unwrap(ip) : ip
  // An IPv4 address inside an IPv6 one is the household of that IPv4 address, not all of them together.
  if (address === null || !address.includes(':')) return address ?? ip
  const groups = groupsOf(address)
  return groups
    ? `${groups
        .slice(0, 4)
        .map((group) => group.toString(16))
        .join(':')}::/64`
    : ip
}
