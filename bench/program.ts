import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'

interface RunOptions {
  /** File that is its standard input; nothing when left out. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end and returns what it printed. Throws with its last words when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const input = options.input === undefined ? 'ignore' : openSync(options.input, 'r')
  const child = spawn(program, args, {
    stdio: [input, 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  if (input !== 'ignore') closeSync(input)
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) {
    const words = [err, out].map((text) => text.trim().slice(-500)).filter(Boolean)
    throw new Error(`${program} ended with ${code}: ${words.join('\n')}`)
  }
  return out
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Has a process that runs on in the background end with this one at the latest, however that comes. */
export function mind<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Asks a process of ours to end and waits until it has; firmly when it takes longer than ten seconds. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}
