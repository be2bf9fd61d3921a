import { aiSetup, type AiSetup } from '../contract/ai.ts'
import { createAi } from '../server/ai/ai.ts'
import type { Asked, AskWanted } from '../server/ai/ask.ts'
import { testPrompt } from '../server/ai/readiness.ts'
import { createAudit } from '../server/audit/audit.ts'
import { newAuditKeys } from '../server/audit/keys.ts'
import { serverActor } from '../server/lib/actor.ts'
import { createEvents } from '../server/lib/events.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { createVault } from '../server/vault/vault.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { createFakeClock } from './fake-clock.ts'
import { createInMemoryLedger } from './in-memory-ledger.ts'
import { startLocalModelServer } from './local-model-server.ts'
import { answerToTest, goodKey, startModelProvider } from './model-provider.ts'
import { createMasterKey } from '../server/vault/master-key.ts'

interface AiFloorOptions {
  readonly limit?: number
  /** A database that outlives this floor, for a restart. */
  readonly base?: TestDatabase
  readonly ledger?: ReturnType<typeof createInMemoryLedger>
  readonly claude?: { readonly program: string; readonly home: string }
}

/** Everything that asks models, on a real database, against programs that play models. */
export async function aiFloor({ limit, base: given, ledger: known, claude }: AiFloorOptions = {}) {
  const clock = createFakeClock()
  const base = given ?? (await testDatabase())
  const provider = await startModelProvider({ answer: answerToTest, now: () => clock.now().getTime() })
  const local = await startLocalModelServer()
  const ledger = known ?? createInMemoryLedger(limit === undefined ? {} : { limit })
  const { db } = base
  const logger = createLogger('silent')
  const events = createEvents(logger)
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const vault = createVault({ masterKey: createMasterKey(Buffer.alloc(32, 7), 'file'), db })
  let fetches = 0
  const ai = await createAi({
    db,
    vault,
    audit,
    events,
    ledger,
    clock,
    newId: createIds(clock),
    logger,
    openWay: () => (address, init) => {
      fetches++
      return fetch(address, init as RequestInit)
    },
    claudeProgram: claude?.program ?? '/nowhere/claude',
    env: { PATH: process.env.PATH, HOME: claude?.home },
    standIn: null,
  })

  const wanted: AskWanted = {
    purpose: 'explanation',
    executionId: null,
    nodeId: null,
    agentId: null,
    depth: 'cheap',
    prompt: testPrompt('anthropic'),
    validate: (json) => typeof (json as { mount?: unknown }).mount === 'string',
    signal: new AbortController().signal,
  }

  return {
    ai,
    clock,
    db,
    audit,
    provider,
    local,
    ledger,
    wanted,
    fetches: () => fetches,
    ask: (change: Partial<AskWanted> = {}): Promise<Asked> => ai.ask({ ...wanted, ...change }),
    /** Chooses Claude at the stand-in, with a key. */
    useClaude: async (change: Partial<AiSetup> = {}): Promise<void> => {
      const anthropic = { ...aiSetup.parse({}).anthropic, baseUrl: provider.url }
      await ai.change({ ...aiSetup.parse({}), driver: 'anthropic', anthropic, ...change }, serverActor)
      await ai.putKey('anthropic', goodKey, serverActor)
    },
    useLocal: async (): Promise<void> => {
      const local_ = { ...aiSetup.parse({}).local, baseUrl: local.url, cheap: 'qwen3:8b' }
      await ai.change({ ...aiSetup.parse({}), driver: 'openai-compatible', local: local_ }, serverActor)
    },
    /** Lets time pass until work is done that waits in it. */
    passing: async <Result>(work: Promise<Result>, stepMs = 250): Promise<Result> => {
      let isDone = false
      const done = work.finally(() => {
        isDone = true
      })
      while (!isDone) {
        await new Promise((next) => setTimeout(next, 5))
        if (!isDone) await clock.advance(stepMs)
      }
      return done
    },
    close: async ({ keepsDatabase = false } = {}): Promise<void> => {
      await ai.stop()
      await Promise.all([provider.stop(), local.stop()])
      if (!keepsDatabase) await base.close()
    },
    base,
  }
}
