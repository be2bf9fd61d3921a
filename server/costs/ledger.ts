import type { DriverKind } from '../../contract/ai.ts'
import type { AiCall, Billing, CallPurpose, LimitKind, SavingReason, TokenUse } from '../../contract/costs.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import { firstBroken } from './budgets.ts'
import { dayOf } from './calendar.ts'
import { tokensOf as guessTokens, type TokenGuess } from './calibration.ts'
import { estimateCall } from './estimate.ts'
import { inForce, type Limits, type Told } from './limits.ts'
import type { LimitStore } from './limit-store.ts'
import { dayInUtc, type PriceList } from './price-list.ts'
import {
  billedCost,
  billingOf,
  type CacheTtl,
  type CallMode,
  costOf as priceOf,
  priceFor,
  priceRowId,
  worstCost,
} from './prices.ts'
import { type CallStore, type StoredCall, toAiCall } from './store.ts'

/** A call that somebody wants to make, with all that bounds its price. */
export interface CallToPay {
  /** Given by the caller, so that what is sent can carry it. */
  readonly id: AiCallId
  readonly purpose: CallPurpose
  readonly executionId: ExecutionId | null
  readonly nodeId: NodeId | null
  readonly agentId: AgentId | null
  readonly driver: DriverKind
  readonly model: string
  readonly mode: CallMode
  /** Tokens of the whole prompt, never too few. */
  readonly inputBound: number
  readonly maxOutput: number
  /** Left out, as `billingOf` says. */
  readonly billing?: Billing
  /** What the request writes into the provider's cache; left out, the dearest. */
  readonly cacheTtl?: CacheTtl
  /** Length and version of the prompt, for learning how many tokens a text has. */
  readonly inputChars?: number
  readonly promptVersion?: string
}

export type Reservation =
  | { readonly kind: 'reserved' }
  | {
      readonly kind: 'denied'
      readonly limit: LimitKind
      readonly limitNanoUsd: NanoUsd
      readonly resetsAt: string | null
    }

/** What is known of a call besides its tokens, once it ended. */
export interface CallFacts {
  readonly requestId: string | null
  readonly stopReason: string | null
  readonly durationMs: number
}

interface LedgerTools {
  db: Database
  store: CallStore
  limitStore: LimitStore
  limits: Limits
  prices: PriceList
  audit: Audit
  events: EventBus
  clock: Clock
  logger: Logger
}

/** A direct call has an answer long before, a batch is given up by the provider after a day. */
const directExpiryMs = 10 * 60_000
const batchExpiryMs = 48 * 3_600_000

/**
 * Who wants to ask a model pays here first: `reserve` sets the most that the call can cost aside, in one transaction
 * with the look at every limit, so that no number of calls at once goes over one. After the call, `settle` puts what it
 * did cost in its place, `release` nothing, and `hold` leaves the full amount where nobody knows.
 */
export function createLedger(tools: LedgerTools) {
  const { db, store, limitStore, limits, prices, audit, events, clock, logger } = tools

  /** Sets the most that a call can cost aside; or says which limit it does not fit under, and then nothing is set aside. */
  async function reserve(call: CallToPay): Promise<Reservation> {
    const now = clock.now()
    const { reservation, told } = await db.write(async (tx) => {
      const zone = await limitStore.zone(tx)
      const set = await limitStore.limits(tx)
      const day = dayOf(now, zone)
      const price = priceFor(call.model, dayInUtc(now), await prices.read(tx))
      const { cacheTtl = '1h', billing = billingOf(call.driver, price) } = call
      const worst = billing === 'metered' ? worstCost(price.row, { ...call, cacheTtl }) : 0

      const standings = limits.standingsOf(set, await store.sums(tx, day, call.agentId), call.agentId)
      if (call.executionId !== null) {
        standings.push({
          limit: 'execution',
          agentId: null,
          limitNanoUsd: inForce(set, 'execution', null),
          usedNanoUsd: await store.usedByExecution(tx, call.executionId),
        })
      }
      const broken = firstBroken(standings, worst)
      if (broken) {
        const { limit, limitNanoUsd } = broken
        return {
          reservation: { kind: 'denied', limit, limitNanoUsd, resetsAt: limits.nextAt(limit, zone) } as const,
          told: await limits.tell(tx, { ...broken, percent: 100 }, zone, day),
        }
      }
      await store.insert(tx, {
        id: call.id,
        at: now.toISOString(),
        day,
        purpose: call.purpose,
        executionId: call.executionId,
        nodeId: call.nodeId,
        agentId: call.agentId,
        driver: call.driver,
        model: call.model,
        mode: call.mode,
        billing,
        reservedNanoUsd: worst,
        isPriceKnown: price.isKnown,
        priceRow: priceRowId(price.row),
        inputBound: call.inputBound,
        maxOutput: call.maxOutput,
        cacheTtl,
        inputChars: call.inputChars ?? null,
        promptVersion: call.promptVersion ?? null,
        expiresAt: new Date(
          now.getTime() + (call.mode === 'batch' ? batchExpiryMs : directExpiryMs),
        ).toISOString(),
      })
      return { reservation: { kind: 'reserved' } as const, told: [] }
    })
    tellChange(told)
    return reservation
  }

  /**
   * Puts what a call did cost in the place of what was reserved; returns it. A second time changes nothing, so that no
   * usage counts twice.
   */
  async function settle(id: AiCallId, use: TokenUse, facts: CallFacts): Promise<NanoUsd> {
    const { charged, told } = await db.write(async (tx) => {
      const call = await known(tx, id)
      if (call.state === 'settled') return { charged: call.chargedNanoUsd, told: [] }
      const price = priceFor(call.model, dayInUtc(new Date(call.at)), await prices.read(tx))
      const list = billedCost(price.row, use, { mode: call.mode, stopReason: facts.stopReason })
      const chargedNanoUsd = call.billing === 'metered' ? list : 0
      if (chargedNanoUsd > call.reservedNanoUsd) {
        logger.warn(
          { callId: id, reservedNanoUsd: call.reservedNanoUsd, chargedNanoUsd },
          'a call cost more than was reserved for it',
        )
      }
      await store.change(tx, id, {
        state: 'settled',
        chargedNanoUsd,
        listNanoUsd: list,
        isPriceKnown: price.isKnown,
        priceRow: priceRowId(price.row),
        use,
        ...facts,
      })
      return { charged: chargedNanoUsd, told: await noticeOf(tx, call) }
    })
    tellChange(told)
    return charged
  }

  /** Gives back what was reserved for a call that was certainly not billed. */
  async function release(id: AiCallId, why: string): Promise<void> {
    await end(id, ['reserved', 'unknown'], { state: 'released', chargedNanoUsd: 0, why })
  }

  /** Keeps the full amount of a call that may have been billed, until somebody knows. */
  async function hold(id: AiCallId, why: string): Promise<void> {
    await end(id, ['reserved'], { state: 'unknown', why })
  }

  async function end(
    id: AiCallId,
    from: readonly AiCall['state'][],
    change: Parameters<CallStore['change']>[2],
  ): Promise<void> {
    const told = await db.write(async (tx) => {
      const call = await known(tx, id)
      // What is settled stays so: the bill is there.
      if (!from.includes(call.state)) return []
      await store.change(tx, id, change)
      return change.state === 'unknown' ? noticeOf(tx, call) : []
    })
    tellChange(told)
  }

  /** Somebody looked at the provider's own bill. Throws `call.not_found` and `call.not_held`. */
  async function resolve(id: AiCallId, wasBilled: boolean, actor: Actor): Promise<AiCall> {
    const call = await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('call.not_found')
      if (before.state !== 'unknown') throw fail('call.not_held')
      await store.change(tx, id, wasBilled ? { state: 'settled' } : { state: 'released', chargedNanoUsd: 0 })
      await audit.append(tx, {
        actor,
        action: 'call.resolved',
        target: id,
        detail: { wasBilled, heldNanoUsd: before.chargedNanoUsd },
      })
      return (await store.find(id, tx)) as StoredCall
    })
    tellChange([])
    return toAiCall(call)
  }

  /**
   * Reservations of a server that ended before the answer, and batches that ran out, become `unknown`. Only one server
   * works on a data folder, so at its start nobody waits for a direct call any more.
   */
  async function recover(): Promise<number> {
    const ids = await db.write(async (tx) => {
      const abandoned = await store.abandoned(tx, clock.now().toISOString())
      for (const id of abandoned) {
        await store.change(tx, id, { state: 'unknown', why: 'The server ended before the answer came.' })
      }
      return abandoned
    })
    if (ids.length > 0) logger.warn({ calls: ids.length }, 'calls of models whose bill is not known')
    return ids.length
  }

  /** What tokens cost at an instant, and whether that is known or the dearest known price. */
  function costOf(
    model: string,
    use: TokenUse,
    mode: CallMode,
    at: Date,
  ): { nanoUsd: NanoUsd; isPriceKnown: boolean } {
    const { row, isKnown } = prices.at(model, at)
    return { nanoUsd: priceOf(row, use, mode), isPriceKnown: isKnown }
  }

  /** What a call will likely cost and can cost at the most, learnt from the last ones like it; nothing if none is made. */
  async function estimate(wanted: {
    driver: DriverKind
    model: string
    agentId: AgentId
    inputTokens?: number | undefined
  }): Promise<{
    likelyNanoUsd: NanoUsd
    mostNanoUsd: NanoUsd
    atLeastNanoUsd: 0
    isPriceKnown: boolean
    learntFrom: number
  }> {
    const { row, isKnown } = prices.at(wanted.model, clock.now())
    const past = await store.lastUses(wanted.driver, wanted.model, wanted.agentId)
    const set = await limitStore.limits()
    const amounts = estimateCall({
      row,
      mode: 'direct',
      past,
      inputTokens: wanted.inputTokens,
      executionLimit: inForce(set, 'execution', null),
    })
    return { ...amounts, atLeastNanoUsd: 0, isPriceKnown: isKnown, learntFrom: past.length }
  }

  /** How many tokens a prompt of so many characters has, learnt from what the same model was billed for. */
  async function tokensOf(prompt: {
    driver: DriverKind
    model: string
    promptVersion: string
    chars: number
  }): Promise<TokenGuess> {
    return guessTokens(
      prompt.chars,
      await store.measuredPrompts(prompt.driver, prompt.model, prompt.promptVersion),
    )
  }

  /** Counts a run that asked no model or paid less, with what was saved by it: left out, what a call likely costs. */
  async function noteSaving(saving: {
    agentId: AgentId
    reason: SavingReason
    driver: DriverKind
    model: string
    nanoUsd?: NanoUsd
  }): Promise<void> {
    const nanoUsd = saving.nanoUsd ?? (await estimate(saving)).likelyNanoUsd
    await db.write(async (tx) => {
      const day = dayOf(clock.now(), await limitStore.zone(tx))
      await store.addSaving(tx, { day, agentId: saving.agentId, reason: saving.reason, nanoUsd })
    })
    tellChange([])
  }

  /** Who pays for a call that was never reserved made a mistake in this program. */
  async function known(tx: Tx, id: AiCallId): Promise<StoredCall> {
    const call = await store.find(id, tx)
    if (!call) throw new Error(`no call ${id} was reserved`)
    return call
  }

  async function noticeOf(tx: Tx, { day, agentId }: StoredCall): Promise<Told[]> {
    const set = await limitStore.limits(tx)
    const standings = limits.standingsOf(set, await store.sums(tx, day, agentId), agentId)
    return limits.notice(tx, standings, await limitStore.zone(tx), day)
  }

  function tellChange(told: readonly Told[]): void {
    limits.tellAll(told)
    events.emit('costs.changed', {})
  }

  return { reserve, settle, release, hold, resolve, recover, costOf, estimate, tokensOf, noteSaving }
}
export type Ledger = ReturnType<typeof createLedger>
