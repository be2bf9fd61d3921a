import { headingsOf } from './markdown.ts'

/** Page, heading, address and text of one section. */
export type SearchEntry = readonly [page: string, heading: string, address: string, text: string]

const longest = 600

/** What the search looks in: every section of every page, with the beginning of its text. */
export function searchIndexOf(places: ReadonlyMap<string, string>): SearchEntry[] {
  return [...places].flatMap(([place, text]) => {
    const headings = headingsOf(text)
    const page = headings[0]?.text ?? place
    const parts = partsOf(text)
    return headings
      .map(({ level, text: heading, id }, at): SearchEntry => {
        return [
          page,
          heading,
          level === 1 ? place : `${place}#${id}`,
          wordsOf(parts[at] ?? '').slice(0, longest),
        ]
      })
      .filter(([, , , words], at) => at === 0 || words !== '')
  })
}

/** The text below each heading, in their order. A sharp inside of a fence is no heading. */
function partsOf(text: string): string[] {
  const parts: string[][] = []
  let isFenced = false
  for (const line of text.split('\n')) {
    if (/^ *```/.test(line)) isFenced = !isFenced
    else if (!isFenced && /^#{1,6} +/.test(line)) parts.push([])
    else parts.at(-1)?.push(line)
  }
  return parts.map((lines) => lines.join('\n'))
}

const wordsOf = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\|[ |:-]+\|$/gm, '')
    .replace(/[`*_|#>]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
