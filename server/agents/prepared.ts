import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent } from '../../contract/agents.ts'
import { type CatalogueEntry, createAgentReader, optionsCheckOf } from './agent-reader.ts'
import { once } from '../lib/once.ts'

const cardFile = 'prepared.json'
const payloadFile = 'prepared.bundle'

/**
 * Lays beside a built-in agent what a start would otherwise work out again each time: its manifest as data, and its bundle
 * as it travels. Reading YAML and packing are a fifth of all the work of a start. The build does this; a checkout, whose
 * agents change, has nothing prepared.
 */
export function prepareAgent(folder: string, kitFolder: string): void {
  const { agent, payload } = createAgentReader().read(folder, kitFolder, 'built-in')
  writeFileSync(join(folder, cardFile), JSON.stringify(agent))
  writeFileSync(join(folder, payloadFile), payload.payload)
}

/** What the build prepared of an agent; null where it did not. The bundle itself is read with the first run. */
export function readPrepared(folder: string): CatalogueEntry | null {
  if (!existsSync(join(folder, cardFile))) return null
  // Written by the build out of what was parsed then: it is trusted like the program itself.
  const agent = JSON.parse(readFileSync(join(folder, cardFile), 'utf8')) as Agent
  const bytes = once(() => readFileSync(join(folder, payloadFile)))
  return {
    agent,
    manifest: agent.manifest,
    payload: {
      get payload() {
        return bytes()
      },
      sha256: agent.bundleSha256,
    },
    checkOptions: optionsCheckOf(agent.manifest, 'built-in'),
  }
}
