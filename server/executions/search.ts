import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { attach } from '../ssh/launch.ts'
import type { Pool, PoolLease } from '../ssh/pool.ts'
import { sweep } from '../ssh/sweep.ts'
import type { Journey, Presence } from './journey.ts'
import { serverEntry } from './transcript.ts'

/** A run is looked for this much longer than its lease: what it left can still be read then. */
const beyondLeaseS = 60
/** Waits between attempts, seconds; the last one repeats. */
const delaysS = [0.5, 1, 2, 4, 8, 15]

interface SearchTools {
  readonly nodes: Nodes
  readonly pool: Pool
  readonly clock: Clock
  readonly logger: Logger
}

/** Looks after runs that are out there already: finds them again, or clears away what is left of them. */
export function createSearch({ nodes, pool, clock, logger }: SearchTools) {
  /**
   * Tries to join the run until its lease is long over. Null when that was in vain, or when the server stops. A user
   * who cancels does not end the search: only on the node can it be proved that nothing is left.
   */
  async function find({ execution, stop, transcript, leaseS }: Journey): Promise<Presence | null> {
    const untilMs = clock.monotonicMs() + (leaseS + beyondLeaseS) * 1_000
    for (let round = 0; clock.monotonicMs() < untilMs && !stop.shutdown.aborted; round++) {
      const lease = await borrow(execution)
      if (lease) {
        try {
          const visit = await nodes.withRights(execution.nodeId, (rights) =>
            attach(
              lease.connection,
              { runId: execution.id, after: transcript.lastFrame(), ...rights },
              { clock, logger },
            ),
          )
          return { visit, lease }
        } catch (error) {
          lease.release()
          if (!isAppError(error)) throw error
          logger.debug({ code: error.code }, 'run not joined')
        }
      }
      const delayS = delaysS[Math.min(round, delaysS.length - 1)] ?? 15
      // Woken early only to leave.
      await clock.sleep(delayS * 1_000, stop.shutdown).catch(() => {})
    }
    return null
  }

  /**
   * Ends whatever of the run is left on the node, as far as the node can be reached, and says so in the log. True when
   * nothing is left for certain.
   */
  async function clearAway({ execution, log }: Journey): Promise<boolean> {
    const lease = await borrow(execution)
    if (!lease) return false
    try {
      const { found, left } = await nodes.withRights(execution.nodeId, (rights) =>
        sweep(lease.connection, { runIds: [execution.id], ...rights }, { clock, logger }),
      )
      const text = `Swept the node: ${found} processes were found, ${left.length} are left.`
      log.append(serverEntry(clock.now(), text))
      return left.length === 0
    } catch (error) {
      if (!isAppError(error)) throw error
      log.append(serverEntry(clock.now(), `The node could not be swept: ${error.problem.title}.`, 'warn'))
      return false
    } finally {
      lease.release()
    }
  }

  /** A connection for a run that is out there: no budget may strand it. Null when the node is out of reach. */
  async function borrow({ nodeId }: Journey['execution']): Promise<PoolLease | null> {
    try {
      const target = await nodes.targetOf(nodeId, { actor: serverActor })
      return await pool.use({ ...target, connectionsPerHour: 0 })
    } catch (error) {
      if (!isAppError(error)) throw error
      logger.debug({ code: error.code }, 'node not reached')
      return null
    }
  }

  return { find, clearAway }
}
export type Search = ReturnType<typeof createSearch>
