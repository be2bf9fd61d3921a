import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { type PackedModules, packModules } from './bundle-payload.ts'

/** Beside the sources in the repository, and beside the bundle in an installed server. */
const folders = [
  new URL('../../agents/runtime/', import.meta.url),
  new URL('./agents/runtime/', import.meta.url),
]

function read(file: string): Buffer {
  for (const folder of folders) {
    try {
      return readFileSync(new URL(file, folder))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`agents/runtime/${file} is missing`)
}

/**
 * A program as the loader of finder.ts takes it: its length in bytes, then all compressed. What follows the program are
 * names and sources in turn, which it finds in `parts`.
 */
export function packProgram(program: string, ...parts: readonly string[]): Buffer {
  const packed = deflateSync([program, ...parts].join('\0'))
  return Buffer.concat([Buffer.from(`${packed.length}\n`), packed])
}

const packSupervisor = (...parts: readonly string[]): Buffer =>
  packProgram(
    read('supervisor.py').toString(),
    ...parts.flatMap((name) => [name, read(`${name}.py`).toString()]),
  )

/** What is sent ahead of an agent; what a run that outlives us needs travels only where there is one. */
export const supervisor = {
  plain: packSupervisor('agent_side', 'watch', 'kin'),
  resumable: packSupervisor('agent_side', 'watch', 'kin', 'lease'),
  listener: packSupervisor('lease'),
}

/** Tells what it runs on, behind a mark that follows it on standard input. The same bytes every time. */
export const pythonQuestion = packProgram(
  [
    'import sys, time',
    'mark = sys.stdin.buffer.readline(100).decode().strip()',
    'say = lambda key, value: sys.stdout.write("%s %s=%s\\n" % (mark, key, value))',
    'say("python", "%d.%d.%d" % sys.version_info[:3])',
    'say("pythonPath", sys.executable)',
    'say("now", "%.3f" % time.time())',
    'sys.stdout.flush()',
  ].join('\n'),
)

/** What stands at the door of a node that was enrolled: see gate.ts. */
export const gateProgram: string = read('gate.py').toString()

/** The agent that ends what was left behind. */
export const sweeper: PackedModules = packModules([{ name: 'agent', source: read('sweep.py') }])
