import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionState } from '../contract/executions.ts'
import { agentId, type ExecutionId } from '../contract/ids.ts'
import { createCatalogue } from '../server/agents/catalogue.ts'
import { createExecutions } from '../server/executions/executions.ts'
import { createLogs } from '../server/executions/log.ts'
import { createQueue, type StopSignal } from '../server/executions/queue.ts'
import { createExecutionStore, type StoredExecution } from '../server/executions/store.ts'
import { fail } from '../server/lib/errors.ts'
import { createIds } from '../server/lib/id.ts'
import { createOccupancy } from '../server/nodes/occupancy.ts'
import { createPlans } from '../server/plans/plans.ts'
import { createRejectionStore } from '../server/plans/rejections.ts'
import { createPlanStore } from '../server/plans/store.ts'
import { createNotices } from '../server/notices/notices.ts'
import { createReports } from '../server/reports/reports.ts'
import { anna, nodeFloor } from './node-floor.ts'

export const looksAround = agentId.parse('looks-around')
/** An agent that proposes changes. */
export const tidiesUp = agentId.parse('tidies-up')

/** A run that the queue has begun, in the hands of the test. */
export interface Begun {
  readonly execution: StoredExecution
  readonly stop: StopSignal
  /** Lets go of it, in a new state unless it stays as it is. */
  end(state?: ExecutionState): Promise<void>
}

/**
 * Everything up to the executions, built of the real parts. In place of a runner stands the test: what the queue
 * begins is in `begun`, until the test ends it.
 */
export async function executionFloor() {
  const lower = await nodeFloor()
  const { db, clock, logger, events, audit, occasions, nodes, settings } = lower
  const folder = mkdtempSync(join(tmpdir(), 'carl-executions-'))
  const catalogue = createCatalogue({
    builtInFolder: agentsIn(join(folder, 'agents')),
    installedFolders: [],
    logger,
  })
  const logs = createLogs({ folder: join(folder, 'logs'), clock, logger, events })
  const notices = createNotices({ clock, newId: createIds(clock), events })
  const reports = createReports({ db, clock, events, audit, notices })
  const store = createExecutionStore(db)
  const newId = createIds(clock)
  const plans = createPlans({
    store: createPlanStore(db),
    rejections: createRejectionStore(db),
    audit,
    events,
    clock,
    newId,
  })
  const begun: Begun[] = []

  function perform(execution: StoredExecution, stop: StopSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    begun.push({
      execution,
      stop,
      end: async (state) => {
        if (state) await db.write((tx) => store.move(tx, execution.id, execution.fence, state))
        resolve()
        await settled()
      },
    })
    return promise
  }

  const occupancy = createOccupancy()
  const queue = createQueue({ db, store, occupancy, clock, logger, limits: settings.get, perform })
  occupancy.onOpen(queue.wake)
  let isFull = false
  const executions = createExecutions({
    db,
    store,
    catalogue,
    nodes,
    plans,
    queue,
    audit,
    occasions,
    events,
    clock,
    newId,
    checkRoom: () => {
      if (isFull) throw fail('storage.full')
    },
  })

  /** Resolves once the queue has done what it could: its reads and transactions take turns of the event loop. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++)
      await db.write(() => new Promise<void>((resolve) => setImmediate(resolve)))
  }

  /** Queues the agent on a node, a moment after the one before. */
  async function queueOn(target: string, wanted: Partial<Parameters<typeof executions.start>[0]> = {}) {
    await clock.advance(1)
    const { executions: started } = await executions.start(
      { agentId: looksAround, targets: [target], options: {}, dryRun: false, timeoutS: null, ...wanted },
      anna,
    )
    await settled()
    return started
  }

  /** Queues the agent on one node, and gives its id. */
  async function queueOne(target: string): Promise<ExecutionId> {
    const [started] = await queueOn(target)
    if (!started) throw new Error('nothing was started')
    return started.id
  }

  return {
    ...lower,
    catalogue,
    logs,
    notices,
    reports,
    nodes,
    executionStore: store,
    plans,
    newId,
    queue,
    occupancy,
    executions,
    begun,
    settled,
    queueOn,
    queueOne,
    /** The names of the nodes on which the queue has begun something, in that order. */
    begunOn: () => begun.map(({ execution }) => execution.nodeName),
    fillDisk: () => {
      isFull = true
    },
    close: async () => {
      const stopping = queue.stop()
      for (const { end } of begun) await end()
      await stopping
      await logs.close()
      rmSync(folder, { recursive: true, force: true })
      await lower.close()
    },
  }
}
export type ExecutionFloor = Awaited<ReturnType<typeof executionFloor>>

function agentsIn(folder: string): string {
  const own = join(folder, looksAround)
  const tidy = join(folder, tidiesUp)
  mkdirSync(join(folder, 'kit'), { recursive: true })
  for (const one of [own, tidy]) mkdirSync(one)
  writeFileSync(join(folder, 'kit', 'agent_kit.py'), '')
  for (const one of [own, tidy]) writeFileSync(join(one, 'agent.py'), 'print("nothing to see")\n')
  writeFileSync(
    join(tidy, 'agent.yaml'),
    `id: ${tidiesUp}
version: 1.0.0
title: Tidies up
description: Removes what is old.
protocol: 1
modes: [report, plan, apply]
actions: [file.remove, file.restore, docker.volume.remove]
timeoutS: { default: 60, max: 120 }
`,
  )
  writeFileSync(
    join(own, 'agent.yaml'),
    `id: ${looksAround}
version: 1.2.3
title: Looks around
description: Sees nothing.
protocol: 1
timeoutS: { default: 60, max: 120 }
options:
  type: object
  additionalProperties: false
  properties: { depth: { type: integer, default: 1, maximum: 9 } }
`,
  )
  return folder
}
