import type { AiPurpose, Depth, DriverKind } from '../../contract/ai.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import type { Driver, DriverResult, Prompt } from './driver.ts'
import { nextAttempt } from './next-attempt.ts'
import { createPause } from './pause.ts'
import { createPlaces } from './places.ts'
import { createRoom, type RateRoom } from './room.ts'
import { type AiSetupKeeper, billingOf, isOffFor, modelOf } from './setup.ts'
import type { AiStore } from './store.ts'
import type { Ledger, Reservation, TokenUse } from './to-pay.ts'

/** Calls at the same time; more would only meet rate limits sooner. */
const placesAtOnce = 2
/** For a whole call with all its attempts, milliseconds. */
const deadlineMs = 60_000
/** A local model on small hardware may think for long, milliseconds. */
const localDeadlineMs = 5 * 60_000

export interface AskWanted {
  readonly purpose: AiPurpose
  readonly executionId: ExecutionId | null
  readonly nodeId: NodeId | null
  readonly agentId: AgentId | null
  readonly depth: Depth
  readonly prompt: Prompt
  /** Says whether an answer has the shape that was asked for. */
  validate(json: unknown): boolean
  readonly signal: AbortSignal
  /** Others with the same `system` follow within minutes. */
  readonly cachesPrefix?: boolean
}

export type NotAsked = {
  readonly kind: 'not-asked'
  readonly reason: 'off' | 'budget' | 'circuit-open' | 'no-key' | 'day-limit'
  readonly detail: string
  readonly resetsAt: string | null
}

export type Asked =
  | {
      readonly kind: 'answer'
      readonly json: unknown
      readonly callId: AiCallId
      readonly model: string
      /** Of all attempts that were settled. */
      readonly costNanoUsd: NanoUsd
      readonly use: TokenUse
    }
  | NotAsked
  | {
      readonly kind: 'failed'
      readonly reason: string
      readonly detail: string
      readonly callId: AiCallId | null
    }

interface AskTools {
  readonly setup: AiSetupKeeper
  readonly store: AiStore
  readonly drivers: Readonly<Record<DriverKind, Driver>>
  readonly ledger: Ledger
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
  /** No key is needed: what answers only plays a model. */
  readonly isStandIn: boolean
  readonly random?: () => number
}

/**
 * The one way to ask a model: choose, reserve, run, settle, and keep what was said. Every attempt has a reservation of its
 * own, because every attempt may have to be paid. What ordinarily goes wrong is an answer too; nothing here rejects for it.
 */
export function createAsk(tools: AskTools) {
  const { setup, store, drivers, ledger, clock, newId, logger, isStandIn, random = Math.random } = tools
  const places = createPlaces(placesAtOnce)
  const pause = createPause({ clock })
  const room = createRoom({ clock })
  const leaving = new AbortController()
  const underWay = new Set<Promise<Asked>>()

  function ask(wanted: AskWanted): Promise<Asked> {
    const work = perform({ ...wanted, signal: AbortSignal.any([wanted.signal, leaving.signal]) })
    underWay.add(work)
    // Whoever asked hears of what went wrong.
    work.finally(() => underWay.delete(work)).catch(() => {})
    return work
  }

  async function perform(wanted: AskWanted): Promise<Asked> {
    const refusal = await refuse(wanted)
    if (refusal) return refusal
    const now = setup.get()
    const driver = drivers[now.driver]
    const model = modelOf(now, driver.kind, wanted.depth)
    return withDeadline(driver.kind, wanted.signal, async (signal, leftMs) => {
      const leave = await places.take(signal).catch(() => null)
      if (!leave) return { kind: 'failed', reason: 'timed-out', detail: 'Its turn never came.', callId: null }
      try {
        // Those before it in the queue may have found out that there is no way.
        return (await refuse(wanted)) ?? (await attempt({ driver, model, wanted, signal, leftMs }))
      } finally {
        leave()
      }
    })
  }

  /** Why nobody is asked; null when somebody may be. */
  async function refuse({ nodeId, agentId, purpose }: AskWanted): Promise<NotAsked | null> {
    const now = setup.get()
    if (now.driver === 'none') return notAsked('off', 'No model is chosen.')
    if (isOffFor(now, { nodeId, agentId })) {
      return notAsked('off', 'Models are switched off for this node or agent.')
    }
    if (now.driver === 'anthropic' && !isStandIn && !setup.keys().anthropic) {
      return notAsked('no-key', 'No key is stored for Anthropic.')
    }
    // A test is how somebody finds out whether it works again.
    const paused = purpose === 'test' ? null : pause.get()
    if (paused) return notAsked('circuit-open', paused.why, paused.until.toISOString())
    if (now.driver === 'claude-code' && (await callsToday()) >= now.claudeCode.callsPerDay) {
      const { callsPerDay } = now.claudeCode
      return notAsked(
        'day-limit',
        `Claude Code was asked ${callsPerDay} times today.`,
        nextDay().toISOString(),
      )
    }
    return null
  }

  interface Attempt {
    readonly driver: Driver
    readonly model: string
    readonly wanted: AskWanted
    readonly signal: AbortSignal
    readonly leftMs: () => number
  }

  async function attempt({ driver, model, wanted, signal, leftMs }: Attempt): Promise<Asked> {
    const results: DriverResult[] = []
    let spent: NanoUsd = 0
    let prompt = wanted.prompt
    for (;;) {
      if (!(await untilRoom(model, driver.inputBound(prompt), signal, leftMs))) return noRoom
      const id = newId('aic')
      const denied = await reserve(id, driver, model, wanted, prompt)
      if (denied) return denied
      const { result, costNanoUsd } = await run(id, { driver, model, wanted, signal, leftMs }, prompt)
      spent += costNanoUsd
      results.push(result)
      pause.note(result)
      if (result.kind === 'answer') {
        return {
          kind: 'answer',
          json: result.json,
          callId: id,
          model: result.model,
          costNanoUsd: spent,
          use: result.use,
        }
      }
      const { mayRepair } = driver
      const next = nextAttempt({ results, mayRepair, leftMs: leftMs(), jitter: random() })
      const failed = { kind: 'failed', reason: reasonOf(result), detail: result.detail, callId: id } as const
      if (next.kind === 'stop' || pause.get()) return failed
      if (next.asRepair) prompt = asRepair(wanted.prompt)
      try {
        if (next.inMs > 0) await clock.sleep(next.inMs, signal)
      } catch {
        return failed
      }
    }
  }

  /** Waits where the provider has said that it takes no more for now. False when that is longer than the time left. */
  async function untilRoom(
    model: string,
    inputTokens: number,
    signal: AbortSignal,
    leftMs: () => number,
  ): Promise<boolean> {
    for (;;) {
      const waitMs = room.take(model, inputTokens)
      if (waitMs === 0) return true
      if (waitMs >= leftMs()) return false
      try {
        await clock.sleep(waitMs, signal)
      } catch {
        return false
      }
    }
  }

  async function reserve(
    id: AiCallId,
    driver: Driver,
    model: string,
    { purpose, executionId, nodeId, agentId, cachesPrefix = false }: AskWanted,
    prompt: Prompt,
  ): Promise<NotAsked | null> {
    const reservation = await ledger.reserve({
      id,
      purpose,
      executionId,
      nodeId,
      agentId,
      driver: driver.kind,
      model,
      mode: 'direct',
      inputBound: driver.inputBound(prompt),
      maxOutput: prompt.maxOutput,
      billing: billingOf(setup.get(), driver.kind),
      cacheTtl: cachesPrefix ? '5m' : 'none',
      inputChars: JSON.stringify(prompt).length,
    })
    return reservation.kind === 'reserved' ? null : toDenial(reservation)
  }

  /** One attempt, paid and written down whatever comes of it. */
  async function run(id: AiCallId, { driver, model, wanted, signal }: Attempt, prompt: Prompt) {
    const startedMs = clock.monotonicMs()
    let isOpen = false
    let answer: string | null = null
    const { purpose, executionId, nodeId, agentId, depth, cachesPrefix = false } = wanted
    const keep = {
      sent: async (request: string) => {
        const at = clock.now().toISOString()
        const facts = { purpose, driver: driver.kind, model, executionId, nodeId, agentId }
        await store.openExchange({ id, at, mode: 'direct', request, ...facts })
        isOpen = true
      },
      received: (text: string) => {
        answer = text.slice(0, maxKeptChars)
      },
    }
    const onRoom = (left: RateRoom) => room.note(model, left)
    const effort = depth === 'deep' ? 'medium' : 'low'
    let result: DriverResult
    try {
      result = judge(await driver.run(prompt, { model, effort, signal, cachesPrefix, keep, onRoom }), wanted)
    } catch (error) {
      // A bug of ours or of a library. What was sent may have to be paid all the same.
      logger.error({ err: error, driver: driver.kind }, 'model driver failed')
      const wasBilled = isOpen ? 'unknown' : 'no'
      const detail = 'Asking the model failed on this server.'
      result = { kind: 'failed', reason: 'bad-request', wasBilled, retryAfterMs: null, detail }
    }
    const costNanoUsd = await pay(id, result, Math.round(clock.monotonicMs() - startedMs))
    if (isOpen) {
      const outcome = result.kind === 'answer' ? 'answer' : `${reasonOf(result)}: ${result.detail}`
      await store.closeExchange(id, { answer, outcome, now: clock.now().toISOString() })
    }
    return { result, costNanoUsd }
  }

  /** Brings a reservation to its end: paid, given back, or held because nobody knows. */
  async function pay(id: AiCallId, result: DriverResult, durationMs: number): Promise<NanoUsd> {
    if (result.kind === 'failed') {
      const { wasBilled, detail } = result
      await (wasBilled === 'no' ? ledger.release(id, detail) : ledger.hold(id, detail))
      return 0
    }
    const { use, requestId, stopReason } = result
    if (use) return ledger.settle(id, use, { requestId, stopReason, durationMs })
    await ledger.hold(id, 'The answer did not say what it cost.')
    return 0
  }

  /** Runs work until its time is over or the caller wants no more. */
  async function withDeadline<Result>(
    kind: DriverKind,
    wanted: AbortSignal,
    work: (signal: AbortSignal, leftMs: () => number) => Promise<Result>,
  ): Promise<Result> {
    const limitMs = kind === 'openai-compatible' ? localDeadlineMs : deadlineMs
    const late = new AbortController()
    const endMs = clock.monotonicMs() + limitMs
    const timeout = new DOMException('the deadline of a call to a model', 'TimeoutError')
    const callOff = clock.after(limitMs, () => late.abort(timeout))
    try {
      return await work(AbortSignal.any([wanted, late.signal]), () => endMs - clock.monotonicMs())
    } finally {
      callOff()
    }
  }

  const callsToday = (): Promise<number> =>
    store.callsSince('claude-code', startOfDay(clock.now()).toISOString())
  const nextDay = (): Date => new Date(startOfDay(clock.now()).getTime() + 86_400_000)

  /** Calls off what is under way, and waits until it is written down. */
  async function stop(): Promise<void> {
    leaving.abort(new Error('the server stops'))
    await Promise.allSettled(underWay)
  }

  return { ask, pause, callsToday, stop }
}
export type Ask = ReturnType<typeof createAsk>

const noRoom: Asked = {
  kind: 'failed',
  reason: 'rate-limited',
  detail: 'The rate limit of the provider is used up for now.',
  callId: null,
}

/** Longest answer that is kept, characters. */
const maxKeptChars = 400_000

/** An answer that does not have the wanted shape is none. */
function judge(result: DriverResult, { validate }: AskWanted): DriverResult {
  if (result.kind !== 'answer' || validate(result.json)) return result
  const { use, requestId, stopReason } = result
  return {
    kind: 'malformed',
    use,
    requestId,
    stopReason,
    detail: 'The answer does not have the asked shape.',
  }
}

/** Nothing of the answer that was wrong is repeated: it could say anything. */
const asRepair = (prompt: Prompt): Prompt => ({
  ...prompt,
  question: `${prompt.question}\n\nYour last answer did not fit the schema. Answer with one JSON object that has every required field and no other.`,
})

const reasonOf = (result: Exclude<DriverResult, { kind: 'answer' }>): string =>
  result.kind === 'failed' ? result.reason : result.kind

const limitWords = {
  execution: 'The limit for one execution',
  day: 'The limit of the day',
  month: 'The limit of the month',
  agent: 'The limit of this agent',
} as const

/** What a ledger that says no means to whoever asked. */
export function toDenial({
  limit,
  limitNanoUsd,
  resetsAt,
}: Extract<Reservation, { kind: 'denied' }>): NotAsked {
  const dollars = (limitNanoUsd / 1e9).toFixed(2)
  return notAsked('budget', `${limitWords[limit]}, $${dollars}, would be passed.`, resetsAt)
}

const notAsked = (reason: NotAsked['reason'], detail: string, resetsAt: string | null = null): NotAsked => ({
  kind: 'not-asked',
  reason,
  detail,
  resetsAt,
})

function startOfDay(now: Date): Date {
  const start = new Date(now)
  start.setUTCHours(0, 0, 0, 0)
  return start
}
