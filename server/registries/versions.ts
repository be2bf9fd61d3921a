interface Version {
  readonly numbers: readonly number[]
  /** What has to be alike for two tags to be versions of the same thing: `v`, how many numbers, `-alpine#`. */
  readonly pattern: string
}

/** Three numbers at most and perhaps a fourth; dates as 2026.3.1 are versions like any other. */
const grammar = /^(?<v>v?)(?<numbers>\d{1,6}(?:\.\d{1,6}){0,3})(?<rest>(?:[-+_][\w.+-]{0,60})?)$/
/** One that is being tried out is no update of one that is released. */
const trial =
  /(?:^|[-._+\d])(?:alpha|beta|rc|pre|preview|dev|nightly|snapshot|unstable|canary|edge|test|m)\d*(?:$|[-._+])/i
/** A single number is a version only when it is short: `16` of a database, not the `20260301` or `1180` of a build. */
const longestAlone = 3

function parseVersion(tag: string): Version | null {
  const parts = grammar.exec(tag)?.groups
  const text = parts?.['numbers']
  if (!parts || text === undefined) return null
  const numbers = text.split('.').map(Number)
  if (numbers.length === 1 && text.length > longestAlone) return null
  const rest = (parts['rest'] ?? '').replace(/\d+/g, '#')
  return { numbers, pattern: `${parts['v'] ?? ''}${numbers.length}${rest}` }
}

/** Higher versions than the one of a tag: the highest that begins with the same number, and the highest of all others. */
export interface Newer {
  readonly same: string | null
  readonly major: string | null
}

/**
 * Looks among the tags of a repository for higher versions of the same pattern: `1.25-alpine` is followed by `1.27-alpine`,
 * not by `1.27` nor by `1.27.1-alpine`. Null where the tag is no version, or none is higher.
 */
export function findNewer(tag: string, tags: readonly string[]): Newer | null {
  const own = parseVersion(tag)
  if (!own) return null
  const isTrial = trial.test(tag)
  let same: { tag: string; version: Version } | null = null
  let major: { tag: string; version: Version } | null = null
  for (const other of tags) {
    const version = parseVersion(other)
    if (!version || version.pattern !== own.pattern || (!isTrial && trial.test(other))) continue
    if (compare(version, own) <= 0) continue
    if (version.numbers[0] === own.numbers[0]) {
      if (!same || compare(version, same.version) > 0) same = { tag: other, version }
    } else if (!major || compare(version, major.version) > 0) major = { tag: other, version }
  }
  return same || major ? { same: same?.tag ?? null, major: major?.tag ?? null } : null
}

function compare(a: Version, b: Version): number {
  for (const [place, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether a tag may have a place in what is kept of a repository. */
export const isVersion = (tag: string): boolean => parseVersion(tag) !== null
