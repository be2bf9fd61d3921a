import { posix } from 'node:path'
import type { RepositoryKind } from '../../contract/repositories.ts'

/** A place as the agent names it, and as its secret is called on the way there. */
export const keyOf = ({ kind, location }: { kind: RepositoryKind; location: string }): string =>
  `${kind}:${location}`

/**
 * Which of a node's repositories a run will open: all of them when it looks for backups, otherwise those that its options
 * name. A secret goes nowhere that it is not needed.
 */
export function chosenBy<Place extends { kind: RepositoryKind; location: string }>(
  options: Readonly<Record<string, unknown>>,
  places: readonly Place[],
): Place[] {
  const { discover, targets } = options
  if (discover !== false) return [...places]
  const named = new Set((Array.isArray(targets) ? targets : []).map((target) => normal(String(target))))
  return places.filter((place) => named.has(keyOf(place)))
}

/** `restic:/srv//backup/` as `restic:/srv/backup`. */
function normal(target: string): string {
  const at = target.indexOf(':') + 1
  const location = target.slice(at)
  if (!location.startsWith('/')) return target
  const path = posix.normalize(location)
  return target.slice(0, at) + (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
}

/** What travels for one repository: its password under its key, and each variable beside it. */
export function toLent(
  key: string,
  { password, variables }: { password: string; variables: Readonly<Partial<Record<string, string>>> },
): Record<string, string> {
  const lent: Record<string, string> = { [key]: password }
  for (const [name, value] of Object.entries(variables))
    if (value !== undefined) lent[`${key}\n${name}`] = value
  return lent
}
