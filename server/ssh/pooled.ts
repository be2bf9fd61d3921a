import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Dialled } from './dial.ts'
import type { SshChannel, SshConnection } from './transport.ts'

/** Channels at a time on one connection: OpenSSH takes ten (MaxSessions), some servers fewer. */
const mostChannels = 4
/** How long a node may take to notice that a session ended, in steps of milliseconds: sshd counts it until it has reaped it. */
const noticesWithin = [10, 20, 50, 100, 200, 400]
/** An answer is awaited this long before a connection counts as dead, milliseconds. */
const answerWithinMs = 5_000

/**
 * One connection that several share. It is busy while somebody holds it or a channel on it is open, idle otherwise.
 * `onIdle` is called each time it falls idle.
 */
export function createPooled(
  { connection, ping }: Dialled,
  { clock, onIdle }: { clock: Clock; onIdle: () => void },
) {
  const openedAtMs = clock.monotonicMs()
  let holders = 0
  let channels = 0
  let limit = mostChannels
  let idleSinceMs = openedAtMs
  let check: Promise<boolean> | undefined
  const waiters = new Set<() => void>()
  void connection.closed.then(wakeAll)

  const isBusy = () => holders > 0 || channels > 0

  function wakeAll(): void {
    for (const wake of waiters) wake()
    waiters.clear()
  }

  function settle(): void {
    wakeAll()
    if (isBusy()) return
    idleSinceMs = clock.monotonicMs()
    onIdle()
  }

  function hold(): () => void {
    holders++
    let held = true
    return () => {
      if (!held) return
      held = false
      holders--
      settle()
    }
  }

  /** Starts a command as soon as there is room for another channel; the signal gives up waiting. */
  async function exec(command: string, signal?: AbortSignal): Promise<SshChannel> {
    let refusals = 0
    for (;;) {
      await room(signal)
      channels++
      try {
        const channel = await connection.exec(command)
        void channel.ended.then(freed)
        return channel
      } catch (error) {
        const isRefused = isAppError(error) && error.code === 'ssh.channel_refused'
        if (isRefused) limit = Math.max(1, Math.floor(limit / 2))
        freed()
        if (!isRefused) throw error
        if (channels > 0) continue
        // With nothing else open there is no turn to wait for. But a session that ended this very moment may still be
        // counted on the node.
        const pause = noticesWithin[refusals++]
        if (pause === undefined) throw error
        await clock.sleep(pause, signal)
      }
    }
  }

  function freed(): void {
    channels--
    settle()
  }

  async function room(signal?: AbortSignal): Promise<void> {
    while (channels >= limit && connection.isOpen) {
      signal?.throwIfAborted()
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.add(resolve)
      signal?.addEventListener('abort', wakeAll)
      await promise
      signal?.removeEventListener('abort', wakeAll)
    }
    signal?.throwIfAborted()
  }

  /** Whether the far side still answers; several who ask at once share one question. */
  function answers(): Promise<boolean> {
    check ??= askOnce().finally(() => {
      check = undefined
    })
    return check
  }

  async function askOnce(): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const callOff = clock.after(answerWithinMs, () => resolve(false))
    const asked = (ping ? ping() : trySmallCommand()).then(
      () => true,
      () => false,
    )
    try {
      return await Promise.race([asked, late])
    } finally {
      callOff()
    }
  }

  async function trySmallCommand(): Promise<void> {
    const channel = await connection.exec(':')
    channel.stdout.resume()
    channel.stderr.resume()
    const { code } = await channel.ended
    if (code === null) throw fail('ssh.link_lost')
  }

  /** The connection as one holder sees it. */
  const view = (signal?: AbortSignal): SshConnection => ({
    address: connection.address,
    hostKey: connection.hostKey,
    closed: connection.closed,
    get isOpen() {
      return connection.isOpen
    },
    exec: (command) => exec(command, signal),
    forward: (host, port) => connection.forward(host, port),
    close: () => connection.close(),
  })

  return {
    connection,
    hold,
    view,
    answers,
    isBusy,
    ageMs: () => clock.monotonicMs() - openedAtMs,
    idleMs: () => (isBusy() ? 0 : clock.monotonicMs() - idleSinceMs),
  }
}
export type Pooled = ReturnType<typeof createPooled>
