/**
 * A language that nobody speaks, made from the English texts: longer by two fifths, with marks on every letter and in
 * brackets. What is cut lacks a bracket, and what is still plain English is no text of the catalogue.
 */

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const marked = Array.from('åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ')
const marks = new Map(Array.from(plain).map((letter, index) => [letter, marked[index] ?? letter]))

/** German and Finnish are longer than English by about this much. */
const longerBy = 0.4
/** What the growth is made of: short words, so that lines still break. */
const filler = Array.from('øñé ţŵö ţĥŕéé ƒöûŕ ƒîṽé šîẋ šéṽéñ éîĝĥţ ñîñé ţéñ ')

/** A text as this language has it. Values that were put into it stay as they are. */
export function toPseudo(text: string, values: readonly string[] = []): string {
  // Nothing to read is nothing to translate: an empty text says that there is none.
  if (!/\p{L}/u.test(text)) return text
  const grown = Array.from(
    { length: Math.ceil(text.length * longerBy) },
    (_, index) => filler[index % filler.length],
  ).join('')
  return `⟦${mark(text, values)} ${grown.trim()}⟧`
}

function mark(text: string, [value, ...others]: readonly string[]): string {
  if (value === undefined) return Array.from(text, (letter) => marks.get(letter) ?? letter).join('')
  return text
    .split(value)
    .map((part) => mark(part, others))
    .join(value)
}

/** Texts of any shape in this language: texts within texts, and functions that fill values in. */
export function inPseudo<Texts>(texts: Texts): Texts {
  return translate(texts) as Texts
}

function translate(texts: unknown): unknown {
  if (typeof texts === 'string') return toPseudo(texts)
  if (typeof texts === 'function') {
    return (...given: readonly unknown[]) => {
      const values = given.flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []))
      const made: unknown = texts(...given)
      return typeof made === 'string' ? toPseudo(made, values) : translate(made)
    }
  }
  if (Array.isArray(texts)) return texts.map(translate)
  if (texts === null || typeof texts !== 'object') return texts
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, translate(text)]))
}
