/** The cards of the dashboard in the order in which they come. What needs somebody stands above them all and stays. */
export const cards = [
  'actions',
  'recent',
  'nodes',
  'disks',
  'changes',
  'spending',
  'coming',
  'proofs',
] as const
export type CardName = (typeof cards)[number]

/** How somebody has arranged them. Kept on a device, it may be older than some cards, or name some that are gone. */
export interface Arrangement {
  readonly order: readonly string[]
  readonly hidden: readonly string[]
}

export const asTheyCome: Arrangement = { order: [], hidden: [] }

/** Every card in the order of an arrangement; one that it does not know follows its usual neighbour. */
export function inOrder({ order }: Arrangement): CardName[] {
  const known = [...new Set(order)].flatMap((name) => cards.find((card) => card === name) ?? [])
  for (const [place, card] of cards.entries()) {
    if (known.includes(card)) continue
    const neighbour = cards[place - 1]
    known.splice(neighbour ? known.indexOf(neighbour) + 1 : 0, 0, card)
  }
  return known
}
