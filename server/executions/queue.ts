import type { ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Occupancy } from '../nodes/occupancy.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'

/** After a fault of the database (a full disk, say) the queue looks again, milliseconds. */
const retryMs = 30_000
const longestWaitMs = 3_600_000

interface QueueTools {
  db: Database
  store: ExecutionStore
  /** Keeps runs off a node while its key is being renewed. */
  occupancy: Occupancy
  clock: Clock
  logger: Logger
  limits(): { maxExecutions: number; maxExecutionsPerNode: number }
  /** Performs a claimed execution to its end. Resolves when it is finished, or handed back; never rejects for what ordinarily happens. */
  perform(execution: StoredExecution, stop: StopSignal): Promise<void>
}

/** How a running execution hears that it should stop; the first reason stays. */
export interface StopSignal {
  readonly signal: AbortSignal
  /** Aborted only because the server stops, even when a user had asked before. */
  readonly shutdown: AbortSignal
  /** Why, once the signal is aborted. */
  readonly reason: 'user' | 'shutdown' | null
}

class Stop implements StopSignal {
  #any = new AbortController()
  #shutdown = new AbortController()
  reason: StopSignal['reason'] = null

  get signal() {
    return this.#any.signal
  }

  get shutdown() {
    return this.#shutdown.signal
  }

  ask(reason: 'user' | 'shutdown') {
    this.reason ??= reason
    if (reason === 'shutdown') this.#shutdown.abort(new Error('the server stops'))
    this.#any.abort(new Error(`stopped: ${reason}`))
  }
}

/**
 * Decides who runs next: the oldest waiting execution whose node has a free place, while the server has one.
 * Claiming is a change of state in the database, so a crash between claim and start loses nothing.
 */
export function createQueue({ db, store, occupancy, clock, logger, limits, perform }: QueueTools) {
  const running = new Map<ExecutionId, { nodeId: NodeId; stop: Stop; done: Promise<void> }>()
  let accepting = false
  let filling: Promise<void> | null = null
  let fillAgain = false
  let callOffTimer: () => void = () => {}

  /** Something changed: look whether anything can start. Cheap to call often. */
  function wake(): void {
    if (!accepting) return
    if (filling) {
      fillAgain = true
      return
    }
    filling = fill()
      .catch((error: unknown) => {
        logger.error({ err: error }, 'queue could not be read')
        wakeIn(retryMs)
      })
      .finally(() => {
        filling = null
        if (fillAgain) {
          fillAgain = false
          wake()
        }
      })
  }

  async function fill(): Promise<void> {
    while (accepting) {
      const room = limits().maxExecutions - running.size
      if (room <= 0) return
      const claimed = await claim(room)
      for (const execution of claimed) begin(execution)
      if (claimed.length < room) return wakeLater()
    }
  }

  /** Claims the oldest that may start, `room` at most, in one transaction: thirty nodes at once cost one sync. */
  function claim(room: number): Promise<StoredExecution[]> {
    const now = clock.now().toISOString()
    return db.write(async (tx) => {
      const claimed: StoredExecution[] = []
      while (claimed.length < room) {
        const execution = await store.claimOldest(tx, { now, fullNodes: fullNodes(claimed) })
        if (!execution) break
        await store.addJournal(tx, execution.id, now, 'claimed', { fence: execution.fence })
        claimed.push(execution)
      }
      return claimed
    })
  }

  /** Runs an execution that is claimed already: a fresh claim, or one found unfinished at start. */
  function begin(execution: StoredExecution): void {
    const stop = new Stop()
    if (execution.cancelRequestedBy !== null) stop.ask('user')
    const done = occupancy
      .run(execution.nodeId, () => perform(execution, stop))
      .catch((error: unknown) => logger.error({ err: error, executionId: execution.id }, 'execution broke'))
      .finally(() => {
        running.delete(execution.id)
        wake()
      })
    running.set(execution.id, { nodeId: execution.nodeId, stop, done })
  }

  function fullNodes(claimed: readonly StoredExecution[]): NodeId[] {
    const perNode = new Map<NodeId, number>()
    for (const { nodeId } of [...running.values(), ...claimed])
      perNode.set(nodeId, (perNode.get(nodeId) ?? 0) + 1)
    const max = limits().maxExecutionsPerNode
    const full = [...perNode].filter(([, count]) => count >= max).map(([nodeId]) => nodeId)
    return [...full, ...occupancy.closed()]
  }

  /** Some wait for a time, such as the next connection their node's budget allows. */
  async function wakeLater(): Promise<void> {
    const now = clock.now()
    const at = await store.nextNotBefore(now.toISOString())
    if (at !== null) wakeIn(Date.parse(at) - now.getTime())
  }

  function wakeIn(ms: number): void {
    callOffTimer()
    // The wall clock may be set in the meantime, so a long wait looks at it now and then.
    if (accepting) callOffTimer = clock.after(Math.min(ms, longestWaitMs), wake)
  }

  /** Asks a running execution to stop. False when it does not run here. */
  function cancel(id: ExecutionId): boolean {
    const found = running.get(id)
    found?.stop.ask('user')
    return found !== undefined
  }

  function start(): void {
    accepting = true
    wake()
  }

  /** Starts nothing more, asks what runs to let go, and waits until it has. */
  async function stop(): Promise<void> {
    accepting = false
    callOffTimer()
    await filling
    for (const { stop } of running.values()) stop.ask('shutdown')
    await Promise.all([...running.values()].map(({ done }) => done))
  }

  return { wake, begin, cancel, start, stop, isRunning: (id: ExecutionId) => running.has(id) }
}
export type Queue = ReturnType<typeof createQueue>
