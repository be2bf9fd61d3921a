import type { AnsiText, Look } from './ansi.ts'

/** Text of one look, inside or outside of what was searched for. */
export interface Piece {
  readonly text: string
  readonly look: Look | null
  readonly isHit: boolean
}

/** Where a query occurs in a text, ignoring case; never overlapping. */
export function hitsIn(plain: string, query: string): [start: number, end: number][] {
  if (query === '') return []
  const text = plain.toLowerCase()
  const sought = query.toLowerCase()
  // Some letters change their length with their case; then places in one text are none in the other.
  if (text.length !== plain.length) return plain.includes(query) ? exactHits(plain, query) : []
  return exactHits(text, sought)
}

function exactHits(text: string, sought: string): [number, number][] {
  const hits: [number, number][] = []
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
    hits.push([at, at + sought.length])
  }
  return hits
}

/** Cuts a text wherever its look changes, or a hit begins or ends. */
export function toPieces({ plain, stretches }: AnsiText, query: string): Piece[] {
  const hits = hitsIn(plain, query)
  const cuts = new Set([0, plain.length])
  for (const { start, end } of stretches) cuts.add(start).add(end)
  for (const [start, end] of hits) cuts.add(start).add(end)
  const places = [...cuts].toSorted((a, b) => a - b)
  let stretch = 0
  let hit = 0
  return places.slice(0, -1).map((start, index) => {
    while ((stretches[stretch]?.end ?? Infinity) <= start) stretch += 1
    while ((hits[hit]?.[1] ?? Infinity) <= start) hit += 1
    const around = stretches[stretch]
    return {
      text: plain.slice(start, places[index + 1]),
      look: around && around.start <= start ? around.look : null,
      isHit: (hits[hit]?.[0] ?? Infinity) <= start,
    }
  })
}
