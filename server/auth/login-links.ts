import type { UserId } from '../../contract/ids.ts'
import type { Clock } from '../lib/clock.ts'
import { Secret } from '../lib/secret.ts'
import { hashOfToken, newTokenText } from './token-text.ts'

/** Long enough to copy a link from a terminal to a browser. */
const validMs = 10 * 60_000

/** Links that sign a user in, once, within ten minutes. They do not outlive the process. */
export function createLoginLinks(clock: Clock) {
  const open = new Map<string, { userId: UserId; untilMs: number }>()

  function issue(userId: UserId): Secret {
    for (const [hash, { untilMs }] of open) if (untilMs <= clock.monotonicMs()) open.delete(hash)
    const text = newTokenText()
    open.set(hashOfToken(text), { userId, untilMs: clock.monotonicMs() + validMs })
    return new Secret(text)
  }

  /** Whom the link signs in; null when it is unknown, used or too old. */
  function take(text: string): UserId | null {
    const hash = hashOfToken(text)
    const found = open.get(hash)
    open.delete(hash)
    return found && clock.monotonicMs() < found.untilMs ? found.userId : null
  }

  return { issue, take }
}
