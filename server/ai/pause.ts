import type { Clock } from '../lib/clock.ts'
import type { DriverResult, FailureReason } from './driver.ts'

/** Failures in a row after which nobody is asked for a while. */
const mostFailures = 3
const pauseMs = 5 * 60_000

/** These stay as they are until somebody does something about them, so one is enough. */
const lasting = new Set<FailureReason>(['spend-limit', 'out-of-credit', 'wrong-key'])
/** These say nothing about whether the other side works. */
const unrelated = new Set<FailureReason>(['aborted', 'bad-request', 'no-such-model'])

export interface Pause {
  readonly until: Date
  readonly why: string
}

/** The circuit breaker: after three failures in a row, everybody goes without a model for five minutes. */
export function createPause({ clock }: { readonly clock: Clock }) {
  let failures = 0
  let current: { readonly untilMs: number; readonly pause: Pause } | null = null

  /** Why nobody is asked now; null when the way is free. After the five minutes one failure closes it again. */
  function get(): Pause | null {
    if (current && clock.monotonicMs() >= current.untilMs) current = null
    return current?.pause ?? null
  }

  function note(result: DriverResult): void {
    if (result.kind !== 'failed') return clear()
    const { reason, detail } = result
    if (unrelated.has(reason)) return
    failures++
    if (failures < mostFailures && !lasting.has(reason)) return
    failures = mostFailures - 1
    const until = new Date(clock.now().getTime() + pauseMs)
    current = { untilMs: clock.monotonicMs() + pauseMs, pause: { until, why: detail } }
  }

  /** Something was changed, or worked: all is forgotten. */
  function clear(): void {
    failures = 0
    current = null
  }

  return { get, note, clear }
}
