import { randomBytes } from 'node:crypto'
import { systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'
import { dialBuiltin } from '../server/ssh/builtin.ts'
import { packModules } from '../server/ssh/bundle-payload.ts'
import type { Frame } from '../server/ssh/frames.ts'
import {
  type LaunchOrder,
  type LaunchTools,
  launch,
  type Noise,
  type Visit,
  type VisitEnd,
} from '../server/ssh/launch.ts'
import { dialOpenSsh } from '../server/ssh/openssh.ts'
import type { SshConnection } from '../server/ssh/transport.ts'
import type { TargetOverrides, TestSshd } from './sshd.ts'

export const launchTools: LaunchTools = { clock: systemClock, logger: createLogger('silent') }

export const newRunId = (): string => `exe_${randomBytes(8).toString('hex')}`

/** Connects as the pool does, without the pool. */
export async function connect(
  sshd: Pick<TestSshd, 'targetFor'>,
  overrides: TargetOverrides = {},
): Promise<SshConnection> {
  const target = sshd.targetFor(overrides)
  const dial = target.transport === 'openssh' ? dialOpenSsh : dialBuiltin
  const { connection } = await dial({
    target,
    address: '127.0.0.1',
    through: null,
    ...launchTools,
    signal: new AbortController().signal,
  })
  return connection
}

/** An order for an agent that is this Python, with nothing special about it. */
export const orderFor = (source: string, overrides: Partial<LaunchOrder> = {}): LaunchOrder => ({
  runId: newRunId(),
  payload: packModules([{ name: 'agent', source: Buffer.from(source) }]),
  configure: async () => ({}),
  timeoutS: 60,
  graceS: 1,
  leaseS: 0,
  elevation: 'none',
  sudoPassword: null,
  pythonHint: null,
  ...overrides,
})

/** What a visit says, gathered as it comes. */
export interface Heard {
  readonly frames: Frame[]
  readonly noise: Noise[]
  /** All the agent printed so far on standard output, and on standard error. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Messages of the agent of one kind. */
  readonly said: (kind: string) => Record<string, unknown>[]
  /** Resolves once the agent has printed this on standard output. */
  until(text: string): Promise<void>
  /** The end, once everything before it was heard. */
  readonly ended: Promise<VisitEnd>
}

/** Listens to a visit to its end, in the background. */
export function listen(visit: Visit): Heard {
  const frames: Frame[] = []
  const noise: Noise[] = []
  const waiters = new Set<() => void>()
  const printed = (stream: 'o' | 'e') => () =>
    frames.flatMap((frame) => (frame.t === 'out' && frame.s === stream ? [frame.d] : [])).join('')
  const stdout = printed('o')

  async function read(): Promise<VisitEnd> {
    for await (const item of visit.frames) {
      if (item.t === 'noise') noise.push(item)
      else frames.push(item)
      for (const look of waiters) look()
    }
    return visit.ended
  }

  const ended = read()
  return {
    frames,
    noise,
    stdout,
    stderr: printed('e'),
    said: (kind) => frames.flatMap((frame) => (frame.t === 'ev' && frame.k === kind ? [frame.v] : [])),
    until: async (text) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = () => {
        if (stdout().includes(text)) resolve()
      }
      waiters.add(look)
      look()
      void ended.then((end) => reject(new Error(`ended before it printed ${text}: ${JSON.stringify(end)}`)))
      await promise.finally(() => waiters.delete(look))
    },
    ended,
  }
}

/** Starts an agent and listens to it. */
export async function start(
  connection: SshConnection,
  source: string,
  overrides: Partial<LaunchOrder> = {},
  tools: LaunchTools = launchTools,
) {
  const order = orderFor(source, overrides)
  const visit = await launch(connection, order, tools)
  return { order, visit, heard: listen(visit), runId: order.runId }
}

/** Runs an agent to its end. */
export async function run(
  connection: SshConnection,
  source: string,
  overrides: Partial<LaunchOrder> = {},
): Promise<Heard & { readonly end: VisitEnd }> {
  const { heard } = await start(connection, source, overrides)
  return { ...heard, end: await heard.ended }
}

/**
 * An agent that will not go: it ignores SIGTERM, and has started children of every kind that tries to stay. All of them
 * are known by their run, or by the word that `sleep` was given.
 */
export function hostileTree(word: string): string {
  return `
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
subprocess.Popen(["sleep", "${word}"])
subprocess.Popen("sleep ${word} & (sleep ${word}; true) & wait", shell=True)
subprocess.Popen(["nohup", "sleep", "${word}"], **quiet)
subprocess.Popen(["setsid", "sleep", "${word}"])
subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM HUP INT; (setsid sleep ${word} &) ; while :; do sleep ${word}; done"])
if os.fork() == 0:  # a daemon of the old school
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.closerange(0, 64)
        while True:
            time.sleep(1)
    os._exit(0)
if os.fork() == 0:  # without its environment
    os.execve("/bin/sleep", ["sleep", "${word}"], {})
time.sleep(0.3)
print("tree up", flush=True)
while True:
    time.sleep(0.2)
    print("tick", flush=True)
`
}

/** A number for `sleep` that no other test uses. */
export const newSleep = (): string => `9${randomBytes(4).readUInt32BE()}`
