import type { UserId } from '../../../contract/ids.ts'
import type { Clock } from '../../lib/clock.ts'
import { hashOfToken, newTokenText } from '../token-text.ts'

/** Long enough to look for a phone with the second factor. */
export const flowMs = 10 * 60_000
/** More at a time can only come from somebody who makes them up; the oldest go first. */
const mostFlows = 1_000

/** What is remembered while somebody is at the provider. */
export interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
  /** Which version of the settings it began under: an answer to other settings is none. */
  readonly revision: string
  /** The administrator who tries the provider out; null when somebody signs in. */
  readonly trialOf: UserId | null
}

/**
 * Sign-ins that are under way. Each belongs to the browser that holds its token, is answered once, within ten minutes,
 * and does not outlive the process.
 */
export function createFlows(clock: Clock) {
  const open = new Map<string, { flow: Flow; browser: string; untilMs: number }>()

  /** Remembers a sign-in. Returns the token of the browser: the one it has, when another of its sign-ins is open. */
  function begin(flow: Flow, held: string | null): string {
    dropOld()
    const isKnown = held !== null && [...open.values()].some(({ browser }) => browser === hashOfToken(held))
    const token = isKnown ? held : newTokenText()
    const untilMs = clock.monotonicMs() + flowMs
    open.set(hashOfToken(flow.state), { flow, browser: hashOfToken(token), untilMs })
    return token
  }

  /** The sign-in of this state, once; null when it is unknown, of another browser, used or too old. */
  function take(state: string, browserToken: string | null): Flow | null {
    const key = hashOfToken(state)
    const found = open.get(key)
    // Another browser's does not end by a guess or a stolen address.
    if (!found || browserToken === null || found.browser !== hashOfToken(browserToken)) return null
    open.delete(key)
    return clock.monotonicMs() < found.untilMs ? found.flow : null
  }

  function dropOld(): void {
    for (const [key, { untilMs }] of open) {
      if (untilMs > clock.monotonicMs() && open.size < mostFlows) return
      open.delete(key)
    }
  }

  return { begin, take }
}
