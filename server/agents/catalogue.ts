import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AgentProblem, LeftOutAgent } from '../../contract/agents.ts'
import type { AgentId } from '../../contract/ids.ts'
import { type AppError, fail, isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { toPrintable } from '../lib/printable.ts'
import {
  type AgentReader,
  type CatalogueEntry,
  createAgentReader,
  invalid,
  problemsOf,
} from './agent-reader.ts'
import { readPrepared } from './prepared.ts'

export type { CatalogueEntry }

interface CatalogueTools {
  /** Folder of the built-in agents; holds the kit, in `kit/`, too. */
  builtInFolder: string
  /** Folders of the user's own agents; one need not be there. */
  installedFolders: readonly string[]
  logger: Logger
  /** One that other catalogues read with, too; each has its own when left out. */
  reader?: AgentReader
}

/** What a look at the folders of own agents found. */
interface Reading {
  readonly entries: ReadonlyMap<AgentId, CatalogueEntry>
  readonly leftOut: LeftOutAgent[]
}

/**
 * The agents this server can run, read at start, and own ones again when somebody asks for it. A built-in agent that is
 * wrong stops the start; a user's own is left out with a warning, so that one typing mistake does not take the server away.
 */
export function createCatalogue({
  builtInFolder,
  installedFolders,
  logger,
  reader = createAgentReader(),
}: CatalogueTools) {
  const kitFolder = join(builtInFolder, 'kit')
  const builtIn = new Map<AgentId, CatalogueEntry>()
  for (const folder of agentFolders(builtInFolder)) {
    const entry = readPrepared(folder) ?? reader.read(folder, kitFolder, 'built-in')
    const { id } = entry.manifest
    if (builtIn.has(id)) throw invalid(folder, `another agent is called ${id}`)
    builtIn.set(id, entry)
  }
  let { entries, leftOut } = readOwn()

  function readOwn(): Reading {
    const found = new Map(builtIn)
    const wrong: LeftOutAgent[] = []
    for (const folder of installedFolders.flatMap(agentFolders)) {
      try {
        const entry = reader.read(folder, kitFolder, 'installed')
        const { id } = entry.manifest
        if (found.has(id)) throw invalid(folder, `another agent is called ${id}`)
        found.set(id, entry)
      } catch (error) {
        if (!isAppError(error)) throw error
        logger.warn({ folder, problem: error.problem }, 'agent left out')
        wrong.push({ folder: toPrintable(basename(folder)), problems: problemsIn(folder, error) })
      }
    }
    return { entries: found, leftOut: wrong }
  }

  /** Reads own agents again, and says what would be different; `take` makes it so. Runs that go on keep their program. */
  function readAgain() {
    const next = readOwn()
    const ids = [...new Set([...entries.keys(), ...next.entries.keys()])].sort()
    const before = entries
    return {
      added: ids.filter((id) => !before.has(id)),
      changed: ids.filter(
        (id) => before.has(id) && next.entries.has(id) && differs(before.get(id), next.entries.get(id)),
      ),
      removed: ids.filter((id) => !next.entries.has(id)),
      leftOut: next.leftOut,
      take: (): void => {
        ;({ entries, leftOut } = next)
      },
    }
  }

  /** Throws `agent.not_found`. */
  function get(id: AgentId): CatalogueEntry {
    const entry = entries.get(id)
    if (!entry) throw fail('agent.not_found', { detail: `No agent is called ${id}.` })
    return entry
  }

  const list = (): CatalogueEntry[] =>
    [...entries.values()].sort((a, b) => a.manifest.title.localeCompare(b.manifest.title))

  return { get, list, leftOut: (): LeftOutAgent[] => leftOut, readAgain }
}
export type Catalogue = ReturnType<typeof createCatalogue>

const differs = (one: CatalogueEntry | undefined, other: CatalogueEntry | undefined): boolean =>
  JSON.stringify(one?.agent) !== JSON.stringify(other?.agent)

/** What keeps an own agent out, for people; what cannot be told by its line is told as a whole. */
function problemsIn(folder: string, error: AppError): AgentProblem[] {
  const found = attempt(() => problemsOf(folder)) ?? []
  if (found.length > 0) return found
  const place = { file: 'agent.yaml', line: null, column: null }
  return [
    {
      ...place,
      severity: 'error',
      rule: 'manifest',
      message: toPrintable(error.problem.detail),
      fix: error.problem.fix,
    },
  ]
}

function attempt<Result>(work: () => Result): Result | null {
  try {
    return work()
  } catch {
    return null
  }
}

function agentFolders(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'agent.yaml')))
    .sort()
}
