import { describe, expect, test } from 'vitest'
import { asTheyCome, cards, inOrder } from './arrangement.ts'
import { moved, shownOrHidden } from './rearrange.ts'

describe('the order of the cards', () => {
  test('is the usual one before anybody arranges them', () => expect(inOrder(asTheyCome)).toEqual(cards))
  test('leaves out what is gone, and takes in what is new beside its neighbour', () => {
    const order = ['proofs', 'gone', 'recent', 'recent', 'actions', 'nodes']
    expect(inOrder({ order, hidden: [] })).toEqual([
      'proofs',
      'recent',
      'actions',
      'nodes',
      'disks',
      'changes',
      'spending',
      'coming',
    ])
  })
  test('moves one card by one place, and not beyond the ends', () => {
    expect(inOrder(moved(asTheyCome, 'recent', -1)).slice(0, 2)).toEqual(['recent', 'actions'])
    expect(inOrder(moved(asTheyCome, 'recent', 1)).slice(0, 3)).toEqual(['actions', 'nodes', 'recent'])
    expect(moved(asTheyCome, 'actions', -1)).toBe(asTheyCome)
    expect(moved(asTheyCome, 'proofs', 1)).toBe(asTheyCome)
  })
})

test('a card is hidden and shown again', () => {
  const hidden = shownOrHidden(asTheyCome, 'coming', false)
  expect(hidden.hidden).toEqual(['coming'])
  expect(shownOrHidden(hidden, 'coming', true).hidden).toEqual([])
})
