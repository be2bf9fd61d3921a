import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { Agent } from '../../contract/agents.ts'
import type { AgentId } from '../../contract/ids.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { once } from '../lib/once.ts'
import { type PackedModules, packModules } from '../ssh/bundle-payload.ts'
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
  /** Folder of the user's own agents, or null. */
  installedFolder: string | null
  logger: Logger
}

/**
 * The agents this server can run, read once at start. A built-in agent that is wrong stops the start; a user's own
 * is left out with a warning, so that one typing mistake does not take the server away.
 */
export function createCatalogue({ builtInFolder, installedFolder, logger }: CatalogueTools) {
  const kitFolder = join(builtInFolder, 'kit')
  const entries = new Map<AgentId, CatalogueEntry>()

  function add(folder: string, origin: Agent['origin']): void {
    const entry = readAgent(folder, kitFolder, origin)
    const { id } = entry.manifest
    if (entries.has(id)) throw invalid(folder, `another agent is called ${id}`)
    // Secrets are lent to what ships with the server alone; whoever adds an agent would otherwise read them.
    if (origin === 'installed' && entry.manifest.secrets.length > 0) {
      throw invalid(folder, 'only built-in agents are lent secrets')
    }
    entries.set(id, entry)
  }

  for (const folder of agentFolders(builtInFolder)) add(folder, 'built-in')
  for (const folder of installedFolder ? agentFolders(installedFolder) : []) {
    try {
      add(folder, 'installed')
    } catch (error) {
      if (!isAppError(error)) throw error
      logger.warn({ folder, problem: error.problem }, 'agent left out')
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

  return { get, list }
}
export type Catalogue = ReturnType<typeof createCatalogue>

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
