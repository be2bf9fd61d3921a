import type { Clock } from '../lib/clock.ts'
import { Secret } from '../lib/secret.ts'
import { hashOfToken, newTokenText } from './token-text.ts'

/** More than this can only be abuse; the oldest go first. */
const mostOpen = 10_000

/** Keeps things for a while under texts that nobody can guess; each is taken once. They do not outlive the process. */
export function createOneTime<Kept>({ clock, validMs }: { clock: Clock; validMs: number }) {
  const open = new Map<string, { kept: Kept; untilMs: number }>()

  function issue(kept: Kept): Secret {
    dropOld()
    const text = newTokenText()
    open.set(hashOfToken(text), { kept, untilMs: clock.monotonicMs() + validMs })
    return new Secret(text)
  }

  /** What is kept under the text, which stays; null when it is unknown, taken or too old. */
  function look(text: string): Kept | null {
    const found = open.get(hashOfToken(text))
    return found && clock.monotonicMs() < found.untilMs ? found.kept : null
  }

  /** As `look`, for the last time. */
  function take(text: string): Kept | null {
    const kept = look(text)
    open.delete(hashOfToken(text))
    return kept
  }

  function dropOld(): void {
    // Oldest first, as they were issued.
    for (const [hash, { untilMs }] of open) {
      if (open.size < mostOpen && clock.monotonicMs() < untilMs) return
      open.delete(hash)
    }
  }

  return { issue, look, take }
}
export type OneTime<Kept> = ReturnType<typeof createOneTime<Kept>>
