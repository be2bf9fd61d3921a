import type { NodeId } from '../../../contract/ids.ts'
import type { Group } from './groups.ts'

/** Pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A group in its place; `nodes` are measured from the corner of the group. */
export interface PlacedGroup {
  readonly group: Group
  readonly box: Box
  /** Empty while it is folded. */
  readonly nodes: readonly { readonly id: NodeId; readonly box: Box }[]
  readonly isFolded: boolean
}

/** The way from a jump host to a node behind it; of a folded group, to the group, for all of them together. */
export interface Edge {
  readonly key: string
  readonly path: string
  readonly count: number
}

export interface Picture {
  readonly groups: readonly PlacedGroup[]
  readonly edges: readonly Edge[]
  readonly height: number
}

const chip = { width: 168, height: 40, gap: 12 } as const
const inside = { side: 14, head: 48, foot: 14 } as const
const between = 28
const foldedHeight = 56
/** A larger group is folded until somebody unfolds it. */
export const mostUnfolded = 24

/**
 * Places groups into columns, each into the shortest one, and the nodes of a group into two columns inside of it. It
 * measures nothing, so the picture of ten thousand nodes is reckoned in the time of a frame.
 */
export function layOut(groups: readonly Group[], width: number, unfolded: ReadonlySet<string>): Picture {
  const across = width < 2 * chip.width + chip.gap + 2 * inside.side ? 1 : 2
  const leastWidth = across * chip.width + (across - 1) * chip.gap + 2 * inside.side
  const columns = Math.max(1, Math.floor((width + between) / (leastWidth + between)))
  // What is left of the width is shared.
  const groupWidth = Math.max(leastWidth, Math.floor((width - (columns - 1) * between) / columns))
  const chipWidth = (groupWidth - 2 * inside.side - (across - 1) * chip.gap) / across
  const heights = Array.from({ length: columns }, () => 0)
  const placed = groups.map((group): PlacedGroup => {
    const column = heights.indexOf(Math.min(...heights))
    const isFolded = group.nodes.length > mostUnfolded && !unfolded.has(group.key)
    const rows = Math.ceil(group.nodes.length / across)
    const height =
      inside.head + inside.foot + (isFolded ? foldedHeight : rows * (chip.height + chip.gap) - chip.gap)
    const box = { x: column * (groupWidth + between), y: heights[column] ?? 0, width: groupWidth, height }
    heights[column] = box.y + height + between
    const nodes = isFolded
      ? []
      : group.nodes.map(({ id }, place) => ({
          id,
          box: {
            x: inside.side + (place % across) * (chipWidth + chip.gap),
            y: inside.head + Math.floor(place / across) * (chip.height + chip.gap),
            width: chipWidth,
            height: chip.height,
          },
        }))
    return { group, box, nodes, isFolded }
  })
  return { groups: placed, edges: edgesOf(placed), height: Math.max(0, ...heights) }
}

function edgesOf(groups: readonly PlacedGroup[]): Edge[] {
  const places = new Map<NodeId, { readonly key: string; readonly box: Box }>()
  for (const { group, box, nodes, isFolded } of groups) {
    for (const { id, box: inner } of nodes)
      places.set(id, { key: id, box: { ...inner, x: box.x + inner.x, y: box.y + inner.y } })
    if (isFolded) for (const { id } of group.nodes) places.set(id, { key: group.key, box })
  }
  const found = new Map<string, Edge>()
  for (const { group } of groups) {
    for (const { id, jumpNodeId } of group.nodes) {
      const [from, to] = [jumpNodeId && places.get(jumpNodeId), places.get(id)]
      // Within one folded group there is nothing to see.
      if (!from || !to || from.key === to.key) continue
      const key = `${from.key} ${to.key}`
      found.set(key, { key, path: curveBetween(from.box, to.box), count: (found.get(key)?.count ?? 0) + 1 })
    }
  }
  return [...found.values()]
}

/** From the side of one box to the nearer side of the other. */
function curveBetween(from: Box, to: Box): string {
  const [centre, other] = [from.x + from.width / 2, to.x + to.width / 2]
  const isBeside = Math.abs(centre - other) > Math.min(from.width, to.width) / 2
  const goesRight = isBeside ? other > centre : true
  const start = { x: goesRight ? from.x + from.width : from.x, y: from.y + from.height / 2 }
  // In one column both ends are at the right, and the way bows outwards.
  const end = {
    x: isBeside ? (goesRight ? to.x : to.x + to.width) : to.x + to.width,
    y: to.y + Math.min(to.height, chip.height) / 2,
  }
  const bend = isBeside ? Math.max(16, Math.abs(end.x - start.x) / 2) : 22
  const [first, second] = [
    start.x + (goesRight ? bend : -bend),
    end.x + (isBeside ? (goesRight ? -bend : bend) : bend),
  ]
  return `M${start.x} ${start.y}C${first} ${start.y} ${second} ${end.y} ${end.x} ${end.y}`
}
