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

/** The supervisor and parts of it as the loader of finder.ts takes them: its length in bytes, then all compressed. */
function packProgram(parts: readonly string[]): Buffer {
  const pieces = [
    read('supervisor.py').toString(),
    ...parts.flatMap((name) => [name, read(`${name}.py`).toString()]),
  ]
  const packed = deflateSync(pieces.join('\0'))
  return Buffer.concat([Buffer.from(`${packed.length}\n`), packed])
}

/** What is sent ahead of an agent; what a run that outlives us needs travels only where there is one. */
export const supervisor = {
  plain: packProgram(['agent_side', 'watch']),
  resumable: packProgram(['agent_side', 'watch', 'lease']),
  listener: packProgram(['lease']),
}

/** The agent that ends what was left behind. */
export const sweeper: PackedModules = packModules([{ name: 'agent', source: read('sweep.py') }])
