import type { DriverKind } from '../../contract/ai.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { type Ask, type Asked, toDenial } from './ask.ts'
import { type BatchItem, type BatchWanted, createBatchStore, type WaitingBatch } from './batch-store.ts'
import type { BatchResult, Driver } from './driver.ts'
import { type AiSetupKeeper, billingOf, isOffFor, modelOf } from './setup.ts'
import type { AiStore } from './store.ts'
import type { Ledger } from './to-pay.ts'

/** With less time than this, half the price is not worth the risk, milliseconds. */
export const leastSlackMs = 2 * 3_600_000
/** A batch that is not done so long before its time is called off, to do the rest directly, milliseconds. */
const cancelBeforeMs = 20 * 60_000
/** Waits between two looks at a batch, milliseconds: from a minute, half as long again each time, to a quarter of an hour. */
const firstPollMs = 60_000
const slowestPollMs = 15 * 60_000
/** For one look, milliseconds. */
const lookMs = 60_000

/** Whoever hands work in says by topic how answers look and who gets them: that must be known again after a restart. */
export interface BatchTopic {
  validate(json: unknown): boolean
  /** May come twice for one tag, when the server died in between. `way` says whether it came at the price of a batch. */
  deliver(wanted: BatchWanted, asked: Asked, way: 'batch' | 'direct'): Promise<void>
}

interface BatchTools {
  readonly db: Database
  readonly setup: AiSetupKeeper
  readonly store: AiStore
  readonly drivers: Readonly<Record<DriverKind, Driver>>
  readonly ledger: Ledger
  readonly ask: Ask['ask']
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

/**
 * Work that may take hours, at half the price. It lies in the database from before it is handed in until it is
 * delivered, so a restart loses nothing; what the provider does not do in time is asked directly.
 */
export function createBatchLane(tools: BatchTools) {
  const { db, setup, store, drivers, ledger, ask, clock, newId, logger } = tools
  const batches = createBatchStore(db)
  const topics = new Map<string, BatchTopic>()
  const leaving = new AbortController()
  let callOff: () => void = () => {}
  let round: Promise<void> = Promise.resolve()

  const on = (topic: string, how: BatchTopic): void => void topics.set(topic, how)

  /** Hands work in, or asks directly where there is no lane, no time, or no way. Each piece is delivered once it is done. */
  async function submit(topic: string, wanted: readonly BatchWanted[], dueAt: Date): Promise<void> {
    const now = setup.get()
    const driver = drivers[now.driver]
    const hasTime = dueAt.getTime() - clock.now().getTime() >= leastSlackMs
    const isWanted = (one: BatchWanted) => !isOffFor(now, one)
    if (!driver.submitBatch || !hasTime) return directly(topic, wanted)
    await directly(
      topic,
      wanted.filter((one) => !isWanted(one)),
    )
    const items: BatchItem[] = []
    for (const one of wanted.filter(isWanted)) {
      const item = await reserve(topic, one, driver)
      if (item) items.push(item)
    }
    if (items.length === 0) return
    await batches.add(items, dueAt.toISOString())
    // One batch for each model.
    for (const depth of ['cheap', 'deep'] as const) {
      await handIn(
        driver,
        items.filter(({ wanted: one }) => one.depth === depth),
        depth,
        dueAt,
      )
    }
  }

  async function reserve(topic: string, wanted: BatchWanted, driver: Driver): Promise<BatchItem | null> {
    const id = newId('aic')
    const { purpose, executionId, nodeId, agentId, depth, prompt } = wanted
    const reservation = await ledger.reserve({
      id,
      purpose,
      executionId,
      nodeId,
      agentId,
      driver: driver.kind,
      model: modelOf(setup.get(), driver.kind, depth),
      mode: 'batch',
      inputBound: driver.inputBound(prompt),
      maxOutput: prompt.maxOutput,
      billing: billingOf(setup.get(), driver.kind),
      cacheTtl: 'none',
      inputChars: JSON.stringify(prompt).length,
    })
    if (reservation.kind === 'reserved') return { id, topic, wanted }
    await topics.get(topic)?.deliver(wanted, toDenial(reservation), 'batch')
    return null
  }

  async function handIn(
    driver: Driver,
    items: readonly BatchItem[],
    depth: BatchWanted['depth'],
    dueAt: Date,
  ): Promise<void> {
    if (items.length === 0 || !driver.submitBatch) return
    const model = modelOf(setup.get(), driver.kind, depth)
    const at = clock.now().toISOString()
    for (const { id, wanted } of items) {
      const { purpose, executionId, nodeId, agentId, prompt } = wanted
      const facts = { purpose, driver: driver.kind, model, executionId, nodeId, agentId }
      await store.openExchange({ id, at, mode: 'batch', request: JSON.stringify(prompt), ...facts })
    }
    const entries = items.map(({ id, wanted }) => ({ id, prompt: wanted.prompt }))
    const effort = depth === 'deep' ? 'medium' : 'low'
    const handedIn = await driver.submitBatch(entries, {
      model,
      effort,
      signal: AbortSignal.any([leaving.signal]),
    })
    if (handedIn.kind === 'submitted') {
      const ids = items.map(({ id }) => id)
      const nextPollAt = later(firstPollMs)
      await batches.submitted(ids, { id: handedIn.batchId, now: at, dueAt: dueAt.toISOString(), nextPollAt })
      return
    }
    for (const item of items) {
      await (handedIn.wasBilled === 'no'
        ? ledger.release(item.id, handedIn.detail)
        : ledger.hold(item.id, handedIn.detail))
      await close(item, null, `${handedIn.reason}: ${handedIn.detail}`)
      await redo(item)
    }
  }

  /** Looks at every batch whose time has come. */
  async function look(): Promise<void> {
    for (const batch of await batches.due(clock.now().toISOString())) {
      if (leaving.signal.aborted) return
      try {
        await lookAt(batch)
      } catch (error) {
        logger.warn({ err: error, batch: batch.id }, 'batch of a model not looked at, trying again')
        await wait(batch, batch.state)
      }
    }
  }

  async function lookAt(batch: WaitingBatch): Promise<void> {
    // Batches belong to whom they were handed in to, whoever is asked meanwhile.
    const driver = drivers.anthropic
    if (!driver.pollBatch || !driver.fetchBatch || !driver.cancelBatch) return
    const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(lookMs)])
    const state = await driver.pollBatch(batch.id, signal)
    if (state === 'working') {
      const isLate = clock.now().getTime() >= Date.parse(batch.dueAt) - cancelBeforeMs
      if (!isLate || batch.state === 'cancelling') return wait(batch, batch.state)
      await driver.cancelBatch(batch.id, signal)
      return wait({ ...batch, polls: 0 }, 'cancelling')
    }
    const results =
      state === 'gone' ? new Map<string, BatchResult>() : await driver.fetchBatch(batch.id, signal)
    for (const item of await batches.itemsOf(batch.id)) {
      await finish(item, results.get(item.id) ?? null)
    }
    await batches.removeBatch(batch.id)
  }

  /** Pays for one piece and delivers it; what was not done is asked directly. */
  async function finish(item: BatchItem, result: BatchResult | null): Promise<void> {
    const { id, topic, wanted } = item
    const how = topics.get(topic)
    if (result === null) {
      await ledger.hold(id, 'The batch is gone.')
      await close(item, null, 'gone')
      return redo(item)
    }
    if (result.kind === 'expired' || result.kind === 'cancelled') {
      await ledger.release(id, result.kind)
      await close(item, null, result.kind)
      return redo(item)
    }
    if (result.kind === 'failed') {
      await ledger.release(id, result.detail)
      await close(item, null, `${result.reason}: ${result.detail}`)
      return redo(item)
    }
    const { use, requestId, stopReason } = result
    const costNanoUsd = use ? await ledger.settle(id, use, { requestId, stopReason, durationMs: 0 }) : null
    if (costNanoUsd === null) await ledger.hold(id, 'The answer did not say what it cost.')
    if (result.kind === 'answer' && how?.validate(result.json)) {
      await close(item, JSON.stringify(result.json), 'answer')
      const { json, model } = result
      const answer = {
        kind: 'answer',
        json,
        callId: id,
        model,
        costNanoUsd: costNanoUsd ?? 0,
        use: result.use,
      } as const
      await how.deliver(wanted, answer, 'batch')
    } else {
      const [reason, detail] =
        result.kind === 'answer'
          ? ['malformed', 'The answer does not have the asked shape.']
          : [result.kind, result.detail]
      await close(item, null, `${reason}: ${detail}`)
      await how?.deliver(wanted, { kind: 'failed', reason, detail, callId: id }, 'batch')
    }
    await batches.removeItem(id)
  }

  async function redo({ id, topic, wanted }: BatchItem): Promise<void> {
    await directly(topic, [wanted])
    await batches.removeItem(id)
  }

  async function directly(topic: string, wanted: readonly BatchWanted[]): Promise<void> {
    const how = topics.get(topic)
    if (!how) return
    for (const one of wanted) {
      const { tag: _tag, ...rest } = one
      await how.deliver(one, await ask({ ...rest, validate: how.validate, signal: leaving.signal }), 'direct')
    }
  }

  const close = ({ id }: BatchItem, answer: string | null, outcome: string) =>
    store.closeExchange(id, { answer, outcome, now: clock.now().toISOString() })

  async function wait({ id, polls }: WaitingBatch, state: WaitingBatch['state']): Promise<void> {
    const waitMs = Math.min(firstPollMs * 1.5 ** (polls + 1), slowestPollMs)
    await batches.pollAgain(id, { polls: polls + 1, nextPollAt: later(waitMs), state })
  }

  const later = (ms: number): string => new Date(clock.now().getTime() + ms).toISOString()

  /** Takes up what the last process left: what nobody confirmed to have may have to be paid, and is asked directly. */
  async function start(): Promise<void> {
    const unsure = await batches.itemsOf(null)
    const again = () => {
      callOff = clock.after(firstPollMs, () => {
        round = look()
          .catch((error: unknown) => logger.error({ err: error }, 'batches of models not looked at'))
          .then(() => {
            if (!leaving.signal.aborted) again()
          })
      })
    }
    round = (async () => {
      for (const item of unsure) {
        await ledger.hold(item.id, 'The server stopped while it was handed in.')
        await close(item, null, 'unknown')
        await redo(item)
      }
    })().catch((error: unknown) => logger.error({ err: error }, 'work for models not taken up'))
    again()
  }

  async function stop(): Promise<void> {
    leaving.abort()
    callOff()
    await round
  }

  return { on, submit, tagsOf: batches.tagsOf, look, start, stop }
}
export type BatchLane = ReturnType<typeof createBatchLane>
