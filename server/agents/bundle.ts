import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One Python module that travels: `agent` is the entry, the others can be imported by name. */
export interface AgentModule {
  readonly name: string
  readonly source: Buffer
}

/**
 * The modules of an agent: every `.py` of its folder but its tests, and those of the kit. In a fixed order, so that the
 * same files always give the same bundle.
 */
export function readModules(folder: string, kitFolder: string): AgentModule[] {
  return [
    ...readThose(folder, isModuleName),
    ...readThose(kitFolder, (file) => /^agent_kit(_[a-z]+)?\.py$/.test(file)),
  ]
}

/** Whether a file of an agent's folder travels with it. */
export const isModuleName = (file: string): boolean => /^(?!test_)[a-z_][a-z0-9_]*\.py$/.test(file)

const readThose = (folder: string, isWanted: (file: string) => boolean): AgentModule[] =>
  readdirSync(folder)
    .filter(isWanted)
    .sort()
    .map((file) => ({ name: file.slice(0, -3), source: readFileSync(join(folder, file)) }))
