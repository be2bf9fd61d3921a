export type Side = 'top' | 'right' | 'bottom' | 'left'
interface Size {
  readonly width: number
  readonly height: number
}
type Box = Size & Pick<DOMRect, Side>

/** Between the tip and what it belongs to, and between the tip and the edges of the window, pixels. */
const gap = 6
const margin = 8

const opposite = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const

/** Where a tip goes: beside its anchor, on the other side where there is more room, and never over an edge. */
export function placeTip(side: Side, anchor: Box, tip: Size, view: Size): { left: number; top: number } {
  const room = {
    top: anchor.top,
    bottom: view.height - anchor.bottom,
    left: anchor.left,
    right: view.width - anchor.right,
  }
  const isAboveOrBelow = side === 'top' || side === 'bottom'
  const needed = (isAboveOrBelow ? tip.height : tip.width) + gap + margin
  const other = opposite[side]
  const taken = room[side] < needed && room[other] > room[side] ? other : side
  const middle = {
    left: anchor.left + (anchor.width - tip.width) / 2,
    top: anchor.top + (anchor.height - tip.height) / 2,
  }
  const wished = {
    top: { ...middle, top: anchor.top - gap - tip.height },
    bottom: { ...middle, top: anchor.bottom + gap },
    left: { ...middle, left: anchor.left - gap - tip.width },
    right: { ...middle, left: anchor.right + gap },
  }[taken]
  return {
    left: Math.round(within(wished.left, view.width - tip.width)),
    top: Math.round(within(wished.top, view.height - tip.height)),
  }
}

const within = (wished: number, most: number): number => Math.max(margin, Math.min(wished, most - margin))
