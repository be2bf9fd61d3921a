import type { Command } from './commands.ts'

/** As people type it: without case and accents. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** More than this nobody looks through; typing one letter more is quicker. */
const mostShown = 40

/**
 * The commands that have every word typed, best first: those whose title begins with it, then those where words do, then
 * the rest. Equally good ones keep their order, recent ones go first. Without a word only the main ones.
 */
export function rank(commands: readonly Command[], typed: string, recent: readonly string[] = []): Command[] {
  const text = plain(typed).trim()
  if (text === '') {
    const found = recent.flatMap((id) => commands.find((one) => one.id === id) ?? [])
    return [...found, ...commands.filter((one) => one.isMain && !found.includes(one))].slice(0, mostShown)
  }
  const words = text.split(/\s+/)
  const place = new Map(recent.map((id, at) => [id, at]))
  return commands
    .flatMap((one) => {
      const score = scoreOf(one, text, words)
      return score === undefined ? [] : [{ one, score, at: place.get(one.id) ?? recent.length }]
    })
    .sort((a, b) => a.score - b.score || a.at - b.at)
    .slice(0, mostShown)
    .map(({ one }) => one)
}

/** Lower is better; undefined when a word is missing. */
function scoreOf({ title, keywords }: Command, text: string, words: readonly string[]): number | undefined {
  const shown = plain(title)
  const all = `${shown} ${plain(keywords)}`
  if (!words.every((word) => all.includes(word))) return undefined
  if (shown === text) return 0
  if (shown.startsWith(text)) return 1
  const starts = all.split(/[^\p{L}\p{N}]+/u)
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) {
    return words.every((word) => shown.includes(word)) ? 2 : 3
  }
  return 4
}

/** What to ask the server's search for, which knows names of nodes and not whole sentences: the last word. */
export const lastWord = (typed: string): string => typed.trim().split(/\s+/).at(-1) ?? ''
