import { existsSync, statSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import type { KeyConcern } from '../../../contract/master-key.ts'
import type { KeySource } from '../master-key.ts'
import { keyFileOf } from './folder.ts'
import type { KeySources } from './sources.ts'

/** What is known of the place of a key file. */
export interface PlaceFacts {
  readonly source: KeySource
  /** Mode of the file, e.g. 0o600; null where there is no file. */
  readonly mode: number | null
  readonly isInDataFolder: boolean
  readonly isOnSameDisk: boolean
  /** Handed in by Docker or systemd in memory, where nobody else is around to read it. */
  readonly isMounted: boolean
}

/** Says what is wrong with the place of a key, the worst first. */
export function judgeKeyPlace(facts: PlaceFacts): KeyConcern[] {
  const { source, mode, isInDataFolder, isOnSameDisk, isMounted } = facts
  if (source === 'command') return []
  const concerns: KeyConcern[] = []
  const open = isMounted ? 0o022 : 0o077
  if (mode !== null && (mode & open) !== 0) concerns.push('readable-by-others')
  // What lies there is closed, so it may lie beside what it opens.
  if (source === 'passphrase') return concerns
  if (isInDataFolder) concerns.push('beside-data')
  else if (isOnSameDisk) concerns.push('same-disk')
  return concerns
}

/** Where the key lies: a file, or the name of what gives it. */
export function describeKeyPlace(sources: KeySources, source: KeySource): string {
  if (source === 'command') return 'MASTER_KEY_COMMAND'
  if (source === 'file') return sources.file ?? 'MASTER_KEY_FILE'
  return keyFileOf(sources.dataFolder, source)
}

/** Looks at the place of the key. */
export function lookAtKeyPlace(sources: KeySources, source: KeySource): KeyConcern[] {
  const file = describeKeyPlace(sources, source)
  const stat = source === 'command' || !existsSync(file) ? null : statSync(file)
  const inside = `${resolve(sources.dataFolder)}${sep}`
  const path = resolve(file)
  return judgeKeyPlace({
    source,
    mode: stat && stat.mode & 0o777,
    isInDataFolder: path.startsWith(inside),
    isOnSameDisk: stat !== null && statSync(dirname(inside)).dev === stat.dev,
    isMounted: path.startsWith('/run/secrets/') || path.startsWith('/run/credentials/'),
  })
}

/** The source that a server with this configuration takes its key from; null when it is made at the first start. */
export function sourceOf(sources: KeySources): KeySource | null {
  if (sources.file !== null) return 'file'
  if (sources.command !== null) return 'command'
  return (
    (['passphrase', 'generated'] as const).find((form) => existsSync(keyFileOf(sources.dataFolder, form))) ??
    null
  )
}
