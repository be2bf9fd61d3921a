/**
 * Splits a command line into words at blanks. Single and double quotes hold words together and a backslash takes
 * the next character as it is, except inside single quotes. Nothing is expanded.
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    if (quote !== null && character === quote) quote = null
    else if (quote === null && (character === '"' || character === "'")) {
      quote = character
      word ??= ''
    } else if (character === '\\' && quote !== "'" && at + 1 < line.length)
      word = (word ?? '') + line.charAt(++at)
    else if (quote === null && /\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + character
  }
  if (word !== null) words.push(word)
  return words
}
