import { randomBytes } from 'node:crypto'
import type { AgentId } from '../contract/ids.ts'
import { type ScheduleSpec, scheduleSpec } from '../contract/schedules.ts'
import { createIds } from '../server/lib/id.ts'
import type { Notices } from '../server/notices/notices.ts'
import { createSchedules } from '../server/schedules/schedules.ts'
import { createMasterKey } from '../server/vault/master-key.ts'
import { createTriggers } from '../server/triggers/triggers.ts'
import { createVault } from '../server/vault/vault.ts'
import { executionFloor, looksAround } from './execution-floor.ts'
import { anna } from './node-floor.ts'

/** A look at the database takes turns of the event loop, so time goes on in steps, milliseconds. */
const stepMs = 30_000

/** A schedule as a caller would send it; each minute unless something else is said. */
export const aSpec = (changed: Partial<ScheduleSpec> = {}): ScheduleSpec =>
  scheduleSpec.parse({
    name: 'Every minute',
    timing: { kind: 'cron', cron: '* * * * *' },
    zone: 'UTC',
    agentId: looksAround,
    targets: ['all'],
    ...changed,
  })

/** What people would hear of, and what was recorded at that moment. */
interface Noted {
  readonly kind: string
  readonly key: string
  readonly page: string
  readonly states: readonly string[]
}

/** Everything up to the schedules, of the real parts; runs are in the hands of the test, see `executionFloor`. */
export async function scheduleFloor() {
  const lower = await executionFloor()
  const { db, clock, logger, events, audit, nodes, catalogue, executions } = lower
  const noted: Noted[] = []
  const vault = createVault({ masterKey: createMasterKey(randomBytes(32), 'file'), db })

  const notices: Pick<Notices, 'put'> = {
    put: async (tx, { kind, key, page }) => {
      // What is told of is there already, in the same transaction.
      const rows = await tx.selectFrom('occurrence').select('state').orderBy('at').execute()
      noted.push({ kind, key, page, states: rows.map(({ state }) => state) })
    },
  }

  /** The triggers as another start of the server would make them. */
  const openTriggers = () =>
    createTriggers({
      db,
      vault,
      catalogue,
      nodes,
      executions,
      occasions: lower.occasions,
      notices,
      audit,
      events,
      clock,
      newId: createIds(clock),
      logger,
    })
  const triggers = openTriggers()

  /** The schedules as another start of the server would make them. */
  const open = () =>
    createSchedules({
      db,
      vault,
      catalogue,
      nodes,
      executions,
      triggers,
      audit,
      notices,
      events,
      clock,
      newId: createIds(clock),
      logger,
      estimate: (_agentId: AgentId) =>
        Promise.resolve({
          driver: 'anthropic',
          model: 'some-model',
          isAiOn: true,
          billing: 'metered',
          likelyNanoUsd: 1_000_000,
          mostNanoUsd: 3_000_000,
          atLeastNanoUsd: 0,
          isPriceKnown: true,
          learntFrom: 0,
        }),
      limits: () => Promise.resolve({ dayNanoUsd: null, monthNanoUsd: 100_000_000 }),
      defaultZone: () => Promise.resolve('Europe/Berlin'),
    })
  let schedules = open()

  /** Lets time pass and everything that falls due happen. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advance(Math.min(stepMs, left))
      await lower.settled()
    }
  }

  return {
    ...lower,
    get schedules() {
      return schedules
    },
    /** What was noted in the transactions that recorded it. */
    noted,
    triggers,
    open,
    pass,
    create: (changed: Partial<ScheduleSpec> = {}) => schedules.create(aSpec(changed), anna),
    /** What became of a schedule, oldest first: `ran`, `missed (server-off)`, … */
    told: async (id: Parameters<typeof schedules.occurrences>[0]): Promise<string[]> => {
      const { items } = await schedules.occurrences(id, { limit: 200 })
      return items.toReversed().map(({ state, reason }) => (reason ? `${state} (${reason})` : state))
    },
    /** The server goes away for a time, and comes back. */
    away: async (ms: number): Promise<void> => {
      await schedules.stop()
      await clock.advance(ms)
      schedules = open()
      await schedules.start()
      await lower.settled()
    },
    close: async () => {
      await schedules.stop()
      await triggers.stop()
      await lower.close()
    },
  }
}
export type ScheduleFloor = Awaited<ReturnType<typeof scheduleFloor>>
