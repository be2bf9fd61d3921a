import type {
  AiExchange,
  AiSetup,
  AiState,
  AiTest,
  Depth,
  KeyedDriver,
  NodeAiSetup,
} from '../../contract/ai.ts'
import type { AiCallId, NodeId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import type { Vault } from '../vault/vault.ts'
import { createAsk } from './ask.ts'
import { createBatchLane } from './batch.ts'
import type { ModelFetch, Prompt } from './driver.ts'
import { createAnthropicDriver } from './drivers/anthropic.ts'
import { createClaudeCodeDriver } from './drivers/claude-code.ts'
import { noDriver } from './drivers/none.ts'
import { createOpenAiCompatibleDriver } from './drivers/openai-compatible.ts'
import { createReadinessTest } from './readiness.ts'
import { addressOf, billingOf, createAiSetup, modelOf, withNode } from './setup.ts'
import { createAiStore } from './store.ts'
import type { Ledger } from './to-pay.ts'
import { createWindow } from './window.ts'

interface AiTools {
  readonly db: Database
  readonly vault: Vault
  readonly audit: Audit
  readonly events: EventBus
  readonly ledger: Ledger
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
  /** Opens the way out by HTTP; the hosts that are set up are listed with it. */
  readonly openWay: (hosts: () => readonly string[]) => ModelFetch
  /** The program that is Claude Code, and the environment it is found in. */
  readonly claudeProgram: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Address of a program that plays Claude, for development; null for the real one. */
  readonly standIn: string | null
}

/** Everything that has to do with asking a model: who, how, by which key, and what was said. */
export async function createAi(tools: AiTools) {
  const { db, vault, audit, events, ledger, clock, newId, logger, openWay, claudeProgram, env, standIn } =
    tools
  const setup = await createAiSetup({ db, vault, audit, events, clock, logger })
  const store = createAiStore(db)
  const fetch = openWay(() => {
    const now = setup.get()
    return now.driver === 'anthropic' || now.driver === 'openai-compatible'
      ? [addressOf(now, now.driver)]
      : []
  })
  const drivers = {
    none: noDriver,
    anthropic: createAnthropicDriver({
      // The stand-in is on this machine, where nothing else may be reached; the operator of the server named it.
      fetch:
        standIn === null
          ? fetch
          : // oxlint-disable-next-line no-restricted-properties -- the guarded way does not lead to this machine
            (address, init) => globalThis.fetch(address, init as RequestInit | undefined),
      baseUrl: () => standIn ?? setup.get().anthropic.baseUrl,
      key: async () => (standIn === null ? setup.openKey('anthropic') : new Secret('stand-in')),
      clock,
    }),
    'openai-compatible': createOpenAiCompatibleDriver({
      fetch,
      baseUrl: () => setup.get().local.baseUrl,
      key: () => setup.openKey('openai-compatible'),
      contextTokens: () => setup.get().local.contextTokens,
      clock,
    }),
    'claude-code': createClaudeCodeDriver({ program: claudeProgram, env }),
  }
  const isStandIn = standIn !== null
  const {
    ask,
    pause,
    callsToday,
    stop: stopAsking,
  } = createAsk({
    setup,
    store,
    drivers,
    ledger,
    clock,
    newId,
    logger,
    isStandIn,
  })
  const lane = createBatchLane({ db, setup, store, drivers, ledger, ask, clock, newId, logger })
  const window = createWindow({ ask, clock, waitMs: () => setup.get().explain.windowS * 1_000 })
  const tryOut = createReadinessTest({ setup, drivers, ask, ledger, clock })
  events.on('ai.changed', 'pause', () => pause.clear())

  async function state(): Promise<AiState> {
    const paused = pause.get()
    return {
      setup: setup.get(),
      keys: setup.keys(),
      isStandIn,
      pause: paused && { until: paused.until.toISOString(), why: paused.why },
      claudeCodeCallsToday: await callsToday(),
    }
  }

  async function change(wanted: AiSetup, actor: Actor): Promise<AiState> {
    await setup.change(() => wanted, actor)
    return state()
  }

  async function changeNode(id: NodeId, wanted: NodeAiSetup, actor: Actor): Promise<AiState> {
    await setup.change((before) => withNode(before, id, wanted), actor)
    return state()
  }

  async function putKey(driver: KeyedDriver, key: string, actor: Actor): Promise<AiState> {
    await setup.putKey(driver, key, actor)
    return state()
  }

  async function removeKey(driver: KeyedDriver, actor: Actor): Promise<AiState> {
    await setup.removeKey(driver, actor)
    return state()
  }

  /** Throws `ai.off`. */
  async function test(depth: Depth, actor: Actor, signal: AbortSignal): Promise<AiTest> {
    const { driver } = setup.get()
    if (driver === 'none') throw fail('ai.off')
    const result = await tryOut(depth, signal)
    await db.write((tx) =>
      audit.append(tx, {
        actor,
        action: 'ai.tested',
        target: null,
        detail: { driver, model: result.model, isReady: result.readiness.isReady },
      }),
    )
    return result
  }

  /** Throws `ai.call_not_found`. */
  async function exchange(id: AiCallId): Promise<AiExchange> {
    const found = await store.exchange(id)
    if (!found) throw fail('ai.call_not_found')
    return found
  }

  async function stop(): Promise<void> {
    await Promise.all([lane.stop(), stopAsking()])
  }

  /** Who is asked when nothing else is said, for estimates. */
  function chosen() {
    const now = setup.get()
    if (now.driver === 'none') return { driver: now.driver, model: null }
    const { driver } = now
    return {
      driver,
      model: modelOf(now, driver, 'cheap'),
      billing: billingOf(now, driver),
      isStandIn: isStandIn && driver === 'anthropic',
    }
  }

  return {
    ask,
    chosen,
    /** Takes up what the last process left. */
    start: lane.start,
    stop,
    /** Gathers for a minute what shares a prefix. */
    window,
    /** For what may take hours, at half the price. */
    lane,
    setup: setup.get,
    /** Tokens a prompt takes with who is asked now, never too few. */
    inputBound: (prompt: Prompt) => drivers[setup.get().driver].inputBound(prompt),
    state,
    change,
    changeNode,
    putKey,
    removeKey,
    test,
    exchange,
    removeBefore: (before: Date) => store.removeExchangesBefore(before.toISOString()),
  }
}
export type Ai = Awaited<ReturnType<typeof createAi>>
