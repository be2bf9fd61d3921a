import { expect, test } from 'vitest'
import { placeTip, type Side } from './place-tip.ts'

const view = { width: 400, height: 300 }
const tip = { width: 100, height: 20 }
const box = (left: number, top: number) => ({
  left,
  top,
  right: left + 40,
  bottom: top + 40,
  width: 40,
  height: 40,
})

test.each<[string, Side, ReturnType<typeof box>, { left: number; top: number }]>([
  ['above, in the middle', 'top', box(180, 100), { left: 150, top: 74 }],
  ['below', 'bottom', box(180, 100), { left: 150, top: 146 }],
  ['at the left', 'left', box(180, 100), { left: 74, top: 110 }],
  ['at the right', 'right', box(180, 100), { left: 226, top: 110 }],
  ['below what lies at the upper edge', 'top', box(180, 10), { left: 150, top: 56 }],
  ['above what lies at the lower edge', 'bottom', box(180, 250), { left: 150, top: 224 }],
  ['at the left of what lies at the right edge', 'right', box(350, 100), { left: 244, top: 110 }],
  ['inside of the window, in a corner', 'top', box(0, 100), { left: 8, top: 74 }],
  ['inside of the window, in the other corner', 'top', box(360, 100), { left: 292, top: 74 }],
])('a tip goes %s', (_, side, anchor, place) => {
  expect(placeTip(side, anchor, tip, view)).toEqual(place)
})

test('a tip that fits nowhere starts where the window does', () => {
  expect(placeTip('top', box(10, 10), { width: 500, height: 400 }, view)).toEqual({ left: 8, top: 8 })
})
