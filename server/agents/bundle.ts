import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One Python module that travels: `agent` is the entry, the others can be imported by name. */
export interface AgentModule {
  readonly name: string
  readonly source: Buffer
}

/**
 * The modules of an agent: every `.py` of its folder but its tests, and those of the kit that it needs. In a fixed order,
 * so that the same files always give the same bundle.
 */
export function readModules(folder: string, kitFolder: string, makesChanges: boolean): AgentModule[] {
  const own = readThose(folder, isModuleName)
  return [...neededOf(own, readThose(kitFolder, isKitName), makesChanges), ...own]
}

/** Whether a file of an agent's folder travels with it. */
export const isModuleName = (file: string): boolean => /^(?!test_)[a-z_][a-z0-9_]*\.py$/.test(file)

const isKitName = (file: string): boolean => /^agent_kit(_[a-z]+)?\.py$/.test(file)

const readThose = (folder: string, isWanted: (file: string) => boolean): AgentModule[] =>
  readdirSync(folder)
    .filter(isWanted)
    .sort()
    .map((file) => ({ name: file.slice(0, -3), source: readFileSync(join(folder, file)) }))

/** The part of the kit that `agent_kit` turns to only for plans and changes. */
const forChanges = 'agent_kit_actions'

/**
 * `agent_kit` itself, and each part of it that is named anywhere in what travels: a part too many costs a little, one too
 * few the run.
 */
function neededOf(
  own: readonly AgentModule[],
  kit: readonly AgentModule[],
  makesChanges: boolean,
): AgentModule[] {
  const needed = new Set(['agent_kit'])
  const unread = [...own, ...kit.filter(({ name }) => needed.has(name))]
  for (const { name: reader, source } of unread) {
    for (const [name] of source.toString().matchAll(/\bagent_kit(?:_[a-z]+)?\b/g)) {
      if (needed.has(name) || (reader === 'agent_kit' && name === forChanges && !makesChanges)) continue
      needed.add(name)
      // What a part names is read in its turn.
      unread.push(...kit.filter((one) => one.name === name))
    }
  }
  return kit.filter(({ name }) => needed.has(name))
}
