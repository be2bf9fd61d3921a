/** A block of code in a text, with the line of its fence. */
export interface Snippet {
  readonly source: string
  readonly line: number
  readonly language: string
  readonly text: string
}

/** The blocks of a text in their order. */
export function snippetsOf(source: string, text: string): Snippet[] {
  const found: Snippet[] = []
  let open: { line: number; language: string; lines: string[] } | null = null
  for (const [at, line] of text.split('\n').entries()) {
    if (open === null) {
      const { groups } = /^```(?<language>\S*)/.exec(line) ?? {}
      if (groups) open = { line: at + 1, language: groups['language'] ?? '', lines: [] }
    } else if (line.startsWith('```')) {
      found.push({ source, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` })
      open = null
    } else open.lines.push(line)
  }
  if (open !== null) throw new Error(`${source}: the block of line ${open.line} has no end`)
  return found
}

/** Code within a sentence that calls one of our commands. */
export const spokenCommands = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`((?:carl|npm) [^`]+)`/g)].map(([, words = '']) =>
    words.replace(/\s+/g, ' '),
  )

/** Calls of the API that a sentence names. */
export const spokenCalls = (text: string): [method: string, path: string][] =>
  [...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/api\/v1\/[^\s`]+)`/g)].map(
    ([, method = '', path = '']): [string, string] => [method, path],
  )

const separators = new Set(['|', ';', '&', '(', ')', '\n', '{', '}'])
/** Words of the shell after which a command comes. */
const introductions = new Set([
  'do',
  'then',
  'else',
  'until',
  'while',
  'if',
  '!',
  'sudo',
  'exec',
  'time',
  './run',
])

/**
 * The simple commands in lines of shell, each as its words without quotes. Not a shell: it knows as much as guides use,
 * and takes what is in `$(…)` for commands of their own.
 */
export function commandsIn(script: string): string[][] {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | null = null
  const endWord = () => {
    if (word !== null) words.push(word)
    word = null
  }
  const endCommand = () => {
    endWord()
    while (introductions.has(words[0] ?? '')) words.shift()
    if (words.length > 0) commands.push(words)
    words = []
  }
  const text = script.replace(/\\\n\s*/g, ' ')
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '#' && word === null) {
      const end = text.indexOf('\n', at)
      at = (end < 0 ? text.length : end) - 1
    } else if (sign === "'" || sign === '"') {
      const end = closing(text, at, sign)
      word = (word ?? '') + text.slice(at + 1, end)
      at = end
    } else if (sign === '\\') word = (word ?? '') + text.charAt(++at)
    else if (sign === '$' && text.charAt(at + 1) === '(') {
      // What a command prints is a value: the word it stands in goes on after it.
      const end = matching(text, at + 1)
      commands.push(...commandsIn(text.slice(at + 2, end)))
      word = `${word ?? ''}$()`
      at = end
    } else if (separators.has(sign)) endCommand()
    else if (/[<>]/.test(sign)) {
      endWord()
      const { 0: redirection = sign } = /^[<>&]+\s*[^\s|;&]*/.exec(text.slice(at)) ?? {}
      at += redirection.length - 1
    } else if (/\s/.test(sign)) endWord()
    else word = (word ?? '') + sign
  }
  endCommand()
  return commands
}

function closing(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text.charAt(at) === '\\') at++
    else if (text.charAt(at) === quote) return at
  }
  throw new Error(`A quote is not closed: ${text.slice(from, from + 60)}`)
}

function matching(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === "'" || sign === '"') at = closing(text, at, sign)
    else if (sign === '(') depth++
    else if (sign === ')' && --depth === 0) return at
  }
  throw new Error(`A bracket is not closed: ${text.slice(from, from + 60)}`)
}
