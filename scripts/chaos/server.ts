import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { findServer } from '../../server/cli/client.ts'
import { type Driver, driver, testConfig } from '../../testbed/house.ts'
import { atExit } from './at-exit.ts'

const root = resolve(import.meta.dirname, '../..')

/** The product as it ships. */
export const carl = join(root, 'carl.cjs')

/** How long a start may take on a busy machine, milliseconds. */
const startWithinMs = 60_000
/** How much of what a server says is kept, characters. */
const mostSaid = 20_000

/** What a server on a data folder is told, and nothing of this process. */
export const environmentOf = (
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: folder,
  DATA_DIR: folder,
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'error',
  NO_COLOR: '1',
  ...more,
})

/** The built server in a process of its own. */
export interface BuiltServer {
  readonly pid: number
  readonly url: string
  readonly token: string
  readonly drive: Driver
  /** Resolves with the signal or the exit status it ended with. */
  readonly ended: Promise<NodeJS.Signals | number>
  readonly isOver: () => boolean
  said(): string
  signal(name: NodeJS.Signals): void
  kill(): Promise<void>
  /** Asks it to stop, as container engines do. */
  stop(): Promise<NodeJS.Signals | number>
}

/** A server that would not start, with its exit status and its words. */
export interface Refusal {
  readonly status: NodeJS.Signals | number
  readonly said: string
}

export interface OpenOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A command that starts it, e.g. one that breaks its system calls; it must become the server. */
  readonly through?: readonly string[]
}

/** Starts a server and waits until it answers, or has said why it does not. */
export async function openServer(
  folder: string,
  { env = {}, through = [] }: OpenOptions = {},
): Promise<BuiltServer | Refusal> {
  const serverCommand = [process.execPath, carl, 'start'] as const
  const [program, ...args] = through.length > 0 ? [...through, ...serverCommand] : serverCommand
  const child = spawn(program as string, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(folder, env),
  })
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number)
  void ended.then(atExit(() => child.kill('SIGKILL')))
  const hears = listenTo(child)
  const first = await Promise.race([hears.ready, ended, tooLate(startWithinMs)])
  if (first !== 'ready') {
    if (first === 'too late') child.kill('SIGKILL')
    return { status: await ended, said: hears.said() }
  }
  const { url, token } = findServer({}, testConfig(folder))
  let isOver = false
  void ended.then(() => (isOver = true))
  return {
    pid: child.pid ?? 0,
    url,
    token,
    drive: driver({ url, token }),
    ended,
    isOver: () => isOver,
    said: hears.said,
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

export const isRefusal = (opened: BuiltServer | Refusal): opened is Refusal => 'status' in opened

function listenTo(child: ChildProcess) {
  let said = ''
  const ready = new Promise<'ready'>((resolveReady) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-mostSaid)
        if (/^(Open | {2})http/m.test(said)) resolveReady('ready')
      })
    }
  })
  return { ready, said: () => said }
}

const tooLate = (ms: number): Promise<'too late'> =>
  new Promise((resolveLate) => {
    setTimeout(() => resolveLate('too late'), ms).unref()
  })
