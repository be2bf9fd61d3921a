import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createBudget } from './budget.ts'
import { type Connect, createConnect } from './connect.ts'
import type { Dial, Dialled } from './dial.ts'
import type { Inspect } from './doctor.ts'
import { isTrusted } from './host-key.ts'
import { createInspect } from './inspect.ts'
import { createPooled, type Pooled } from './pooled.ts'
import { createReach } from './reach.ts'
import { createResolve, type Resolve } from './resolve.ts'
import type { SshConnection, SshTarget } from './transport.ts'

/** Open connections in all. */
const mostConnections = 50
/** An idle connection is closed after this long, milliseconds. */
const idleMs = 300_000
/** A connection older than this is not used again, milliseconds: keys and rights may have changed since. */
const oldestMs = 12 * 3_600_000
/** After this much silence a connection has to answer before it is used again, milliseconds. */
const freshMs = 15_000

interface PoolTools {
  /** How to reach a node, by the transport it is set to. */
  readonly dials: Readonly<Record<SshTarget['transport'], Dial>>
  readonly resolve?: Resolve
  readonly allowedNetworks: () => readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1; spreads the attempts after a failure. */
  readonly random?: () => number
}

/** A share in an open connection. Who has it gives it back once, by `release`; giving it back twice does no harm. */
export interface PoolLease {
  readonly connection: SshConnection
  /** It was opened for this very lease. */
  readonly isNew: boolean
  release(): void
}

/** A connection in the making, for all who wait for it. */
interface Flight {
  readonly poolKey: string
  readonly pooled: Promise<Pooled>
  readonly stop: AbortController
  waiters: number
}

/**
 * Keeps one connection per node and credential, shares it, and opens a new one when there is none that answers. However
 * many ask at once, there is one attempt; a jump host is reached through the pool as well.
 */
export function createPool(tools: PoolTools) {
  const { clock, logger, allowedNetworks, dials } = tools
  const budget = createBudget({ clock })
  const resolve = tools.resolve ?? createResolve({ clock })
  const reach = createReach({ dials, resolve, allowedNetworks, clock, logger })
  const connect: Connect = createConnect({
    reach,
    budget,
    borrow: use,
    clock,
    logger,
    random: tools.random ?? Math.random,
  })

  /** Those that are handed out, by pool key. */
  const shared = new Map<string, Pooled>()
  /** All that are open, those included that only end what they have begun. */
  const open = new Set<Pooled>()
  const flights = new Map<string, Flight>()
  const callOffs = new Map<Pooled, () => void>()
  const roomWaiters = new Set<() => void>()
  const closing = new AbortController()
  let dialling = 0

  /** Lends the connection to a node. Throws `ssh.*`, or the reason of the signal, which only this caller stops waiting by. */
  async function use(target: SshTarget, signal?: AbortSignal): Promise<PoolLease> {
    for (;;) {
      signal?.throwIfAborted()
      closing.signal.throwIfAborted()
      const reused = await reuse(target, signal)
      if (reused) return reused
      const found = flights.get(target.poolKey)
      const flight = found ?? depart(target)
      try {
        const pooled = await join(flight, signal)
        if (pooled.connection.isOpen) return lend(pooled, !found, signal)
      } catch (error) {
        // Somebody else's budget was used up. Who has none to keep to tries on his own.
        const isTheirs = found && isAppError(error) && error.code === 'ssh.connection_budget'
        if (!isTheirs || target.connectionsPerHour !== 0) throw error
      }
    }
  }

  async function reuse(target: SshTarget, signal?: AbortSignal): Promise<PoolLease | null> {
    const pooled = shared.get(target.poolKey)
    if (!pooled) return null
    const { connection } = pooled
    const isFit =
      connection.isOpen && pooled.ageMs() < oldestMs && isTrusted(connection.hostKey, target.hostKeys)
    if (!isFit) {
      retire(target.poolKey, pooled)
      return null
    }
    const isFresh = pooled.idleMs() <= freshMs
    const lease = lend(pooled, false, signal)
    if ((isFresh || (await pooled.answers())) && connection.isOpen) return lease
    retire(target.poolKey, pooled)
    connection.close()
    lease.release()
    return null
  }

  function lend(pooled: Pooled, isNew: boolean, signal?: AbortSignal): PoolLease {
    callOffs.get(pooled)?.()
    callOffs.delete(pooled)
    return { connection: pooled.view(signal), isNew, release: pooled.hold() }
  }

  /** Starts the one attempt for this key. It goes on for as long as somebody waits. */
  function depart(target: SshTarget): Flight {
    const stop = new AbortController()
    const { promise: pooled, resolve: land, reject: crash } = Promise.withResolvers<Pooled>()
    const flight: Flight = { poolKey: target.poolKey, pooled, stop, waiters: 0 }
    flights.set(target.poolKey, flight)
    arrive(target, flight).then(land, crash)
    return flight
  }

  async function arrive(target: SshTarget, flight: Flight): Promise<Pooled> {
    const signal = AbortSignal.any([flight.stop.signal, closing.signal])
    try {
      await makeRoom(signal)
      try {
        return keep(await connect(target, signal), flight)
      } finally {
        dialling--
        wakeForRoom()
      }
    } finally {
      cancel(flight)
    }
  }

  /** Nobody joins this attempt any more. */
  function cancel(flight: Flight): void {
    if (flights.get(flight.poolKey) === flight) flights.delete(flight.poolKey)
  }

  function keep(dialled: Dialled, flight: Flight): Pooled {
    const { poolKey } = flight
    const pooled: Pooled = createPooled(dialled, { clock, onIdle: () => rest(poolKey, pooled) })
    open.add(pooled)
    void pooled.connection.closed.then(() => forget(poolKey, pooled))
    // Dropped meanwhile, or with nobody left to wait for it, it is of no use.
    const isWanted = flights.get(poolKey) === flight && flight.waiters > 0 && !closing.signal.aborted
    if (isWanted) shared.set(poolKey, pooled)
    rest(poolKey, pooled)
    return pooled
  }

  async function join(flight: Flight, signal?: AbortSignal): Promise<Pooled> {
    flight.waiters++
    const { promise: gaveUp, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal?.reason as Error)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([flight.pooled, gaveUp])
    } finally {
      signal?.removeEventListener('abort', onAbort)
      flight.waiters--
      if (flight.waiters === 0) {
        cancel(flight)
        flight.stop.abort(new Error('nobody waits for this connection any more'))
      }
    }
  }

  /** An idle connection waits for its next use, or for its end. */
  function rest(poolKey: string, pooled: Pooled): void {
    wakeForRoom()
    const isShared = shared.get(poolKey) === pooled
    if (!isShared || pooled.ageMs() >= oldestMs) return pooled.connection.close()
    callOffs.get(pooled)?.()
    callOffs.set(
      pooled,
      clock.after(idleMs, () => pooled.connection.close()),
    )
  }

  function forget(poolKey: string, pooled: Pooled): void {
    open.delete(pooled)
    if (shared.get(poolKey) === pooled) shared.delete(poolKey)
    callOffs.get(pooled)?.()
    callOffs.delete(pooled)
    wakeForRoom()
  }

  /** Waits until one more connection may be opened, and counts it; the one that was idle longest makes way. */
  async function makeRoom(signal: AbortSignal): Promise<void> {
    while (open.size + dialling >= mostConnections) {
      signal.throwIfAborted()
      const [oldest] = [...open]
        .filter((pooled) => !pooled.isBusy())
        .toSorted((a, b) => b.idleMs() - a.idleMs())
      if (oldest) {
        oldest.connection.close()
        open.delete(oldest)
        continue
      }
      const { promise, resolve: wake } = Promise.withResolvers<void>()
      roomWaiters.add(wake)
      signal.addEventListener('abort', wakeForRoom)
      await promise
      signal.removeEventListener('abort', wakeForRoom)
    }
    signal.throwIfAborted()
    dialling++
  }

  function wakeForRoom(): void {
    for (const wake of roomWaiters) wake()
    roomWaiters.clear()
  }

  /** Takes a connection out of use: it ends what it has begun, and nobody gets it any more. */
  function retire(poolKey: string, pooled: Pooled): void {
    if (shared.get(poolKey) === pooled) shared.delete(poolKey)
    if (!pooled.isBusy()) pooled.connection.close()
  }

  /** What is known of this node and credential no longer holds: whoever comes next gets a new connection. */
  function drop(poolKey: string, reason: string): void {
    flights.delete(poolKey)
    const pooled = shared.get(poolKey)
    if (!pooled) return
    logger.debug({ poolKey, reason }, 'ssh connection dropped')
    retire(poolKey, pooled)
  }

  /** Ends every connection and every attempt. */
  async function close(): Promise<void> {
    closing.abort(fail('server.not_ready', { detail: 'The server is stopping.' }))
    await Promise.allSettled([...flights.values()].map(({ pooled }) => pooled))
    const all = [...open].map(({ connection }) => connection)
    for (const connection of all) connection.close()
    await Promise.all(all.map(({ closed }) => closed))
  }

  const inspect: Inspect = createInspect({ reach, budget, borrow: use, clock })

  return {
    use,
    drop,
    isConnected: (poolKey: string): boolean => shared.get(poolKey)?.connection.isOpen ?? false,
    /** One new connection outside the pool, step by step, for the connection doctor. */
    inspect,
    close,
  }
}
export type Pool = ReturnType<typeof createPool>
