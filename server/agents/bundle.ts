import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One Python module that travels: `agent` is the entry, the others can be imported by name. */
export interface AgentModule {
  readonly name: string
  readonly source: Buffer
}

/** The modules of an agent: every `.py` of its folder but its tests, and the kit. In a fixed order, so that the same files always give the same bundle. */
export function readModules(folder: string, kitFile: string): AgentModule[] {
  const own = readdirSync(folder)
    .filter((file) => /^[a-z_][a-z0-9_]*\.py$/.test(file) && !file.startsWith('test_'))
    .sort()
    .map((file) => ({ name: file.slice(0, -3), source: readFileSync(join(folder, file)) }))
  return [...own, { name: 'agent_kit', source: readFileSync(kitFile) }]
}
