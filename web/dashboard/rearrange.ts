import { type Arrangement, type CardName, inOrder } from './arrangement.ts'

/** The order after one card has moved; at either end nothing happens. */
export function moved(arrangement: Arrangement, card: CardName, by: -1 | 1): Arrangement {
  const order = inOrder(arrangement)
  const from = order.indexOf(card)
  const to = from + by
  if (to < 0 || to >= order.length) return arrangement
  order.splice(to, 0, ...order.splice(from, 1))
  return { ...arrangement, order }
}

/** The arrangement after a card was hidden or shown. */
export function shownOrHidden(arrangement: Arrangement, card: CardName, isShown: boolean): Arrangement {
  const others = arrangement.hidden.filter((name) => name !== card)
  return { ...arrangement, hidden: isShown ? others : [...others, card] }
}
