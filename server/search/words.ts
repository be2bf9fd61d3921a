/** The words of a search: every one of them has to stand in a place, in any case of letters. */
export const wordsOf = (text: string): string[] => [...new Set(text.split(/\s+/).filter(Boolean))]

/** Says whether every word stands in a text. */
export function hasAll(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word.toLowerCase()))
}

/** Longest piece of a text that is shown of a place, characters. */
const excerptMax = 240
/** Characters shown before the first word. */
const leadIn = 60

/** What stands around the first of the words, on one line; an ellipsis marks what was left out. */
export function excerpt(text: string, words: readonly string[]): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= excerptMax) return line
  const lower = line.toLowerCase()
  const places = words.map((word) => lower.indexOf(word.toLowerCase())).filter((place) => place >= 0)
  const start = Math.max(0, Math.min(line.length - excerptMax, Math.min(...places, line.length) - leadIn))
  const shown = line.slice(start, start + excerptMax).toWellFormed()
  return `${start > 0 ? '…' : ''}${shown}${start + excerptMax < line.length ? '…' : ''}`
}

/** A pattern for `like … escape '\'` that has a word anywhere. */
export const patternOf = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`

/**
 * What has to stand in the JSON of facts when a word stands in the line of one: its dots and brackets are only in the
 * path.
 */
export const partsInJson = (words: readonly string[]): string[] =>
  words.flatMap((word) => word.split(/[.[\]"\\]+/)).filter(Boolean)
