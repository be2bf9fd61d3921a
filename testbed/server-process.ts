import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { findServer } from '../server/cli/client.ts'
import { type Driver, driver, testConfig } from './house.ts'

export interface ServerProcess {
  readonly child: ChildProcess
  readonly drive: Driver
  /** Resolves with the signal or the exit status it ended with. */
  readonly ended: Promise<NodeJS.Signals | number>
  /** What it wrote to standard error. */
  said(): string
  kill(): Promise<void>
  /** Asks it to stop, as `Ctrl-C` and container engines do. */
  stop(): Promise<NodeJS.Signals | number>
}

/** The moment at which a server kills itself; see server-child.ts. */
export interface Failpoint {
  readonly when: 'before' | 'after'
  readonly step: string
}

/** Starts a server on a data folder in a process of its own. Rejects with what it said when it does not come up. */
export async function startServer(
  folder: string,
  failpoint?: Failpoint,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const script = join(import.meta.dirname, 'server-child.ts')
  const args = failpoint ? [failpoint.when, failpoint.step] : []
  const child = spawn(process.execPath, [script, folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number)
  const ready = once(createInterface(child.stdout), 'line')
  const result = await Promise.race([ready, ended])
  if (!Array.isArray(result)) throw new Error(`the server ended with ${result}:\n${said}`)
  return {
    child,
    drive: driver(findServer({}, testConfig(folder))),
    ended,
    said: () => said,
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
