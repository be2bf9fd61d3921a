import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { Agent, AgentProblem } from '../../contract/agents.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import { once } from '../lib/once.ts'
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

type Origin = Agent['origin']

/** Reads folders of agents. One whose files are as they were is not read again: packing and checking take long. */
export function createAgentReader() {
  const known = new Map<string, { readonly files: string; readonly entry: CatalogueEntry }>()

  /** Throws `agent.manifest_invalid` naming the folder, also when a file of it cannot be read. */
  function read(folder: string, kitFolder: string, origin: Origin): CatalogueEntry {
    const place = `${origin} ${folder}`
    const files = `${filesOf(folder)}\n${filesOf(kitFolder)}`
    const before = known.get(place)
    if (before?.files === files) return before.entry
    const entry =
      origin === 'installed' ? readInstalled(folder, kitFolder) : readAgent(folder, kitFolder, origin)
    known.set(place, { files, entry })
    return entry
  }

  return { read }
}
export type AgentReader = ReturnType<typeof createAgentReader>

/** Which files there are, and when each was last written; empty where there is no folder. */
function filesOf(folder: string): string {
  if (!existsSync(folder)) return ''
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('__pycache__'))
    .sort()
    .map((name) => {
      const { mtimeNs, size, ino } = statSync(join(folder, name), { bigint: true })
      return `${name} ${mtimeNs} ${size} ${ino}`
    })
    .join('\n')
}

function readInstalled(folder: string, kitFolder: string): CatalogueEntry {
  const broken = problemsOf(folder)
  if (broken.length > 0) {
    throw invalid(folder, broken.map((one) => `${placeOf(one)}: ${one.message}`).join('; '))
  }
  const entry = readAgent(folder, kitFolder, 'installed')
  // Secrets are lent to what ships with the server alone; whoever adds an agent would otherwise read them.
  if (entry.manifest.secrets.length > 0) throw invalid(folder, 'only built-in agents are lent secrets')
  return entry
}

/** What keeps an own agent out, from a look at its folder. Throws `agent.manifest_invalid` where that cannot be read. */
export function problemsOf(folder: string): AgentProblem[] {
  try {
    return readProblems(folder).problems.filter(
      ({ severity, rule }) => severity === 'error' && rule !== 'sample',
    )
  } catch (error) {
    throw invalid(folder, toMessage(error), error)
  }
}

function readAgent(folder: string, kitFolder: string, origin: Origin): CatalogueEntry {
  try {
    const manifest = parseManifest(readFileSync(join(folder, 'agent.yaml'), 'utf8'))
    const modules = readModules(folder, kitFolder, manifest.actions.length > 0)
    if (!modules.some(({ name }) => name === 'agent')) throw new Error('there is no agent.py')
    const payload = packModules(modules)
    const readmeFile = join(folder, 'README.md')
    const readme = existsSync(readmeFile) ? readFileSync(readmeFile, 'utf8') : ''
    return {
      agent: { manifest, origin, bundleSha256: payload.sha256, bundleBytes: payload.payload.length, readme },
      manifest,
      payload,
      checkOptions: optionsCheckOf(manifest, origin),
    }
  } catch (error) {
    throw invalid(folder, isAppError(error) ? error.problem.detail : toMessage(error), error)
  }
}

/** Compiling takes longer than all else here. The options of built-in agents are tested, so that waits for their first run. */
export function optionsCheckOf(manifest: AgentManifest, origin: Origin): CatalogueEntry['checkOptions'] {
  if (origin === 'installed') return createOptionsCheck(manifest)
  const check = once(() => createOptionsCheck(manifest))
  return (given) => check()(given)
}

export const invalid = (folder: string, why: string, cause?: unknown) =>
  fail('agent.manifest_invalid', { detail: `${basename(folder)}: ${why}`, cause })
