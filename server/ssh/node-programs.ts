import { readFileSync } from 'node:fs'
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

/** The program that is sent ahead of every agent. */
export const supervisor: Buffer = read('supervisor.py')

/** The agent that ends what was left behind. */
export const sweeper: PackedModules = packModules([{ name: 'agent', source: read('sweep.py') }])
