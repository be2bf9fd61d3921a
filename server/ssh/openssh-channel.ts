import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { fail, isAppError } from '../lib/errors.ts'
import { type FolderWatch, tellHolder } from './openssh-folder.ts'
import { alias, channelArguments, sshEnvironment } from './openssh-options.ts'
import type { SshChannel } from './transport.ts'

type Ended = Awaited<SshChannel['ended']>
type ChannelProcess = ChildProcessByStdio<Writable, Readable, Readable>

interface Opened {
  readonly child: ChannelProcess
  readonly ended: Promise<Ended>
}

/** Opens channels of a connection that another ssh process holds, each by a process of its own. */
export function createChannels(folder: string, watch: FolderWatch) {
  let count = 0

  async function exec(command: string): Promise<SshChannel> {
    const { child, ended } = await open(['--', alias, command])
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      ended,
      close: () => {
        // Not asked: a polite signal that comes just before it waits again is heard only with the next word of the node.
        child.kill('SIGKILL')
        // What was not read is not wanted any more; unread, it would keep the process waiting.
        child.stdout.resume()
        child.stderr.resume()
      },
    }
  }

  async function forward(host: string, port: number): Promise<Duplex> {
    const target = host.includes(':') ? `[${host}]` : host
    const { child } = await open(['-W', `${target}:${port}`, '--', alias]).catch((error: unknown) => {
      throw fail('ssh.jump_failed', {
        detail: `${host} port ${port}: the jump host refused it.`,
        cause: error,
      })
    })
    child.stderr.resume()
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
    // Destroying it before its end is an ordinary thing, and no error of anybody.
    stream.on('error', () => {})
    stream.once('close', () => child.kill('SIGKILL'))
    return stream
  }

  /** Resolves once the node has opened the channel. */
  async function open(what: readonly string[]): Promise<Opened> {
    const name = `${++count}.log`
    const log = join(folder, name)
    const child = spawn('ssh', [...channelArguments(folder, log), ...what], {
      stdio: 'pipe',
      env: sshEnvironment(),
      detached: true,
    })
    // How a channel breaks is told by its end; without a listener it would end this process.
    for (const stream of child.stdio) stream?.on('error', () => {})
    const { promise: opened, resolve } = Promise.withResolvers<boolean>()
    const stopWatching = watch(name, () => {
      if (!/master session id: \d+/.test(read(log))) return
      stopWatching()
      resolve(true)
    })
    const ended = endOf(child, log, folder).finally(() => {
      stopWatching()
      resolve(false)
      rmSync(log, { force: true })
    })
    if (!(await opened)) {
      const { said } = await ended
      if (/(session|forwarding) request failed/i.test(said)) throw fail('ssh.channel_refused')
      throw fail('ssh.link_lost')
    }
    return { child, ended: ended.then(({ how }) => how) }
  }

  /** Asks the node for something it will refuse: the refusal, too, shows that it is there. Throws `ssh.link_lost`. */
  async function ping(): Promise<void> {
    try {
      const { child } = await open(['-W', '127.0.0.1:1', '--', alias])
      child.kill('SIGKILL')
    } catch (error) {
      if (!isAppError(error) || error.code !== 'ssh.channel_refused') throw error
    }
  }

  return { exec, forward, ping }
}

async function endOf(
  child: ChildProcess,
  log: string,
  folder: string,
): Promise<{ how: Ended; said: string }> {
  const [code] = (await once(child, 'exit').catch(() => [null])) as [number | null]
  const said = read(log)
  const isToldByNode = /Received exit status from master/.test(said)
  if (isToldByNode || (code !== null && code !== 255)) return { how: { code, signal: null }, said }
  // 255 says that there was no exit status: the command was ended by a signal, or the link broke. `code` is null when
  // it was us who hung up.
  const isByNode = code !== null && (await isHeld(folder))
  return { how: { code: null, signal: isByNode ? 'unknown' : null }, said }
}

/** Whether the process that holds the connection still answers. */
const isHeld = (folder: string): Promise<boolean> => tellHolder(folder, 'check')

function read(log: string): string {
  try {
    return readFileSync(log, 'utf8')
  } catch {
    // It is made by the process, a moment after its start.
    return ''
  }
}
