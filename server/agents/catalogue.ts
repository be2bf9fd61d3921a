import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { Agent, AgentProblem, LeftOutAgent } from '../../contract/agents.ts'
import type { AgentId } from '../../contract/ids.ts'
import { type AppError, fail, isAppError, toMessage } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { once } from '../lib/once.ts'
import { toPrintable } from '../lib/printable.ts'
import { type PackedModules, packModules } from '../ssh/bundle-payload.ts'
import { readProblems } from './authoring/check.ts'
import { placeOf } from './authoring/problem.ts'
import { readModules } from './bundle.ts'
import { createOptionsCheck, parseManifest } from './manifest.ts'

/** An agent as the server runs it: what people see, what travels, and the check of its options. */
export interface CatalogueEntry {
  readonly agent: Agent
  readonly manifest: AgentManifest
  readonly payload: PackedModules
  checkOptions(given: Record<string, unknown>): Record<string, unknown>
}

interface CatalogueTools {
  /** Folder of the built-in agents; holds the kit, in `kit/`, too. */
  builtInFolder: string
  /** Folders of the user's own agents; one need not be there. */
  installedFolders: readonly string[]
  logger: Logger
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
export function createCatalogue({ builtInFolder, installedFolders, logger }: CatalogueTools) {
  const kitFolder = join(builtInFolder, 'kit')
  const builtIn = new Map<AgentId, CatalogueEntry>()
  for (const folder of agentFolders(builtInFolder)) {
    const entry = readAgent(folder, kitFolder, 'built-in')
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
        const entry = readInstalled(folder)
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

  function readInstalled(folder: string): CatalogueEntry {
    const broken = problemsOf(folder)
    const [first] = broken
    if (first) throw invalid(folder, broken.map((one) => `${placeOf(one)}: ${one.message}`).join('; '))
    const entry = readAgent(folder, kitFolder, 'installed')
    // Secrets are lent to what ships with the server alone; whoever adds an agent would otherwise read them.
    if (entry.manifest.secrets.length > 0) throw invalid(folder, 'only built-in agents are lent secrets')
    return entry
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

/** What keeps an own agent out, from a look at its folder. Throws `agent.manifest_invalid` where that cannot be read. */
function problemsOf(folder: string): AgentProblem[] {
  try {
    return readProblems(folder).problems.filter(
      ({ severity, rule }) => severity === 'error' && rule !== 'sample',
    )
  } catch (error) {
    throw invalid(folder, toMessage(error), error)
  }
}

/** The same for people; what cannot be told by its line is told as a whole. */
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

/** Throws `agent.manifest_invalid` naming the folder, also when a file of it cannot be read. */
function readAgent(folder: string, kitFolder: string, origin: Agent['origin']): CatalogueEntry {
  try {
    const manifest = parseManifest(readFileSync(join(folder, 'agent.yaml'), 'utf8'))
    const modules = readModules(folder, kitFolder)
    if (!modules.some(({ name }) => name === 'agent')) throw new Error('there is no agent.py')
    const payload = packModules(modules)
    const readmeFile = join(folder, 'README.md')
    const readme = existsSync(readmeFile) ? readFileSync(readmeFile, 'utf8') : ''
    return {
      agent: { manifest, origin, bundleSha256: payload.sha256, bundleBytes: payload.payload.length, readme },
      manifest,
      payload,
      checkOptions: checkOf(manifest, origin),
    }
  } catch (error) {
    throw invalid(folder, isAppError(error) ? error.problem.detail : toMessage(error), error)
  }
}

/** Compiling takes longer than all else here. The options of built-in agents are tested, so that waits for their first run. */
function checkOf(manifest: AgentManifest, origin: Agent['origin']): CatalogueEntry['checkOptions'] {
  if (origin === 'installed') return createOptionsCheck(manifest)
  const check = once(() => createOptionsCheck(manifest))
  return (given) => check()(given)
}

const invalid = (folder: string, why: string, cause?: unknown) =>
  fail('agent.manifest_invalid', { detail: `${basename(folder)}: ${why}`, cause })
