import { spawn } from 'node:child_process'

/** How a Python program ended. */
export interface PythonRan {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Names by which a Python is known, the usual one first. */
const names = ['python3', 'python']
/** Output that is read, bytes. */
const outMax = 32 * 1_048_576
const asks = 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 8))'

/** The Python of this machine, by its path or name; null where there is none from 3.8 on. */
export async function findLocalPython(): Promise<string | null> {
  for (const name of names) {
    const { code } = await runPython(name, ['-I', '-c', asks], { timeoutMs: 20_000 })
    if (code === 0) return name
  }
  return null
}

/** Runs a program of Python to its end, or to the end of its time; without a shell. A code of null is no end at all. */
export async function runPython(
  python: string,
  args: readonly string[],
  given: { readonly stdin?: string; readonly timeoutMs: number; readonly cwd?: string },
): Promise<PythonRan> {
  return new Promise((resolve) => {
    const child = spawn(python, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: given.timeoutMs,
      killSignal: 'SIGKILL',
      ...(given.cwd !== undefined && { cwd: given.cwd }),
    })
    const kept = { out: [] as Buffer[], err: [] as Buffer[] }
    let room = outMax
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        if (room > 0) kept[name].push(chunk.subarray(0, room))
        room -= chunk.length
      })
    }
    const end = (code: number | null) =>
      resolve({ code, out: Buffer.concat(kept.out).toString(), err: Buffer.concat(kept.err).toString() })
    child.on('error', () => end(null))
    child.on('close', end)
    // One that ends before it has read everything is told by its code.
    child.stdin.on('error', () => {})
    child.stdin.end(given.stdin ?? '')
  })
}
