import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Budget } from './budget.ts'
import type { Dialled } from './dial.ts'
import { type Borrow, type Jump, throughJump } from './jump.ts'
import type { Reach } from './reach.ts'
import { retryDelayMs } from './retry.ts'
import type { SshTarget } from './transport.ts'

interface ConnectTools {
  readonly reach: Reach
  readonly budget: Budget
  readonly borrow: Borrow
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1. */
  readonly random: () => number
}

/**
 * Opens a new connection: pays the budget, resolves, checks, dials, and tries again what may pass. Tells the target of
 * every attempt. Throws `ssh.*` with the number of `attempts`, or the reason of the signal.
 */
export function createConnect({ reach, budget, borrow, clock, logger, random }: ConnectTools) {
  async function connect(target: SshTarget, signal: AbortSignal): Promise<Dialled> {
    const jump = target.jump ? await throughJump(borrow, target.jump, signal) : null
    try {
      const dialled = await connectOver(target, jump, signal)
      if (jump) void dialled.connection.closed.then(jump.release)
      return dialled
    } catch (error) {
      jump?.release()
      throw error
    }
  }

  async function connectOver(target: SshTarget, jump: Jump | null, signal: AbortSignal): Promise<Dialled> {
    const hop = hopOf(target)
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      const startedAtMs = clock.monotonicMs()
      try {
        const addresses = reach.allowedOf(target, await reach.addressesOf(target))
        budget.take(hop, target.connectionsPerHour)
        const dialled = await reach.dial(target, addresses, jump?.connection ?? null, signal)
        tellConnected(target, dialled, attempt, clock.monotonicMs() - startedAtMs)
        return dialled
      } catch (error) {
        signal.throwIfAborted()
        // Nothing was tried when the budget is used up.
        if (!isAppError(error) || error.code === 'ssh.connection_budget') throw error
        const delayMs = budget.has(hop, target.connectionsPerHour)
          ? retryDelayMs(error.code, attempt, random())
          : null
        const { code, problem } = error
        const willRetry = delayMs !== null
        target.onEvent({ kind: 'failed', code, detail: problem.detail, attempt, willRetry })
        if (!willRetry) throw Object.assign(error, { attempts: attempt })
        logger.warn(
          { node: target.name, code, attempt, retryInMs: Math.round(delayMs) },
          'ssh connect failed, retrying',
        )
        await clock.sleep(delayMs, signal)
      }
    }
  }

  return connect
}
export type Connect = ReturnType<typeof createConnect>

/** What the budget is kept by: the place, whoever logs in there. */
export const hopOf = ({ host, port, jump }: SshTarget): string =>
  `${jump ? `${hopOf(jump)} > ` : ''}${host} ${port}`

export function tellConnected(
  target: SshTarget,
  { connection, algorithms }: Dialled,
  attempt: number,
  ms: number,
): void {
  const { address, hostKey } = connection
  target.onEvent({ kind: 'connected', address, hostKey, algorithms, attempt, ms })
  void connection.closed.then((reason) => target.onEvent({ kind: 'closed', reason }))
}
