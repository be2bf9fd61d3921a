import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The folder of the agents that come with this server; it holds the kit too. Beside the sources in a checkout, and beside
 * the bundle in an installed server.
 */
export function builtInAgents(): string {
  const places = ['./agents/system-health/', '../../agents/system-health/'].map(
    (path) => new URL(path, import.meta.url),
  )
  const found = places.find((place) => existsSync(new URL('agent.yaml', place)))
  if (!found) throw new Error('the built-in agents are missing')
  return fileURLToPath(new URL('..', found))
}
