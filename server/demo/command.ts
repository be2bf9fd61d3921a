import { type ChildProcess, spawn } from 'node:child_process'
import type { ServerChannel } from 'ssh2'

/** After the polite signal, a process group has this long to go, milliseconds: the supervisor stops its agent in five seconds. */
const graceMs = 10_000

/** Where and as whom a command runs. */
export interface Surroundings {
  readonly folder: string
  /** All of its environment. */
  readonly variables: Readonly<Record<string, string>>
}

/** A command that was started over SSH. */
export interface RunningCommand {
  /** Resolves once it is gone, with everything in its process group. */
  readonly ended: Promise<void>
  /** Ends it; politely at first, unless it is to go `now`. */
  stop(how?: 'now'): void
}

/**
 * Runs a command as an SSH server does: by a shell, in a process group of its own, with its streams on the channel. When
 * the channel closes, the process group ends.
 */
export function runCommand(
  command: string,
  channel: ServerChannel,
  { folder, variables }: Surroundings,
): RunningCommand {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: folder,
    env: variables,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let killer: NodeJS.Timeout | undefined
  let isGone = false

  function stop(how?: 'now'): void {
    if (isGone) return
    child.stdin.destroy()
    signalGroup(child, how === 'now' ? 'SIGKILL' : 'SIGTERM')
    killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
    killer.unref()
  }

  // Both ends may go first, and the other then writes into nothing; the closing of the channel tells enough.
  child.stdin.on('error', () => {})
  channel.on('error', () => {})
  channel.stderr.on('error', () => {})
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })

  // A channel that closed takes no more output, and a command that fills its pipes could not end.
  channel.once('close', () => {
    child.stdout.unpipe(channel).resume()
    child.stderr.unpipe(channel.stderr).resume()
    stop()
  })
  const gone = () => {
    isGone = true
    clearTimeout(killer)
    end()
  }
  child.once('error', () => {
    channel.exit(127)
    channel.end()
    gone()
  })
  child.once('close', (code, signal) => {
    if (code === null) channel.exit((signal ?? 'SIGKILL').slice('SIG'.length), false, '')
    else channel.exit(code)
    channel.end()
    gone()
  })
  return { ended, stop }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // Everybody of the group is gone; whoever still holds the streams left it on purpose.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
