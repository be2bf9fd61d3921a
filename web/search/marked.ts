export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

/** A text in pieces: those that are one of the words, and what stands between them. */
export function toPieces(text: string, typed: string): Piece[] {
  const words = typed.split(/\s+/).filter(Boolean)
  if (words.length === 0) return [{ text, isHit: false }]
  // Longer words first, or a short one inside would cut them.
  const escaped = words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text
    .split(new RegExp(`(${escaped.join('|')})`, 'giu'))
    .map((piece, place) => ({ text: piece, isHit: place % 2 === 1 }))
    .filter((piece) => piece.text !== '')
}
