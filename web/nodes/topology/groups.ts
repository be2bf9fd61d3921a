import type { NodeId } from '../../../contract/ids.ts'
import type { PlacedNode } from '../../../contract/topology.ts'

/** What nodes are put together by. */
export const groupings = ['tag', 'site', 'jump'] as const
export type Grouping = (typeof groupings)[number]

/** Nodes that stand together. */
export interface Group {
  readonly key: string
  /** A tag, the name of a jump host; null for those that have none. */
  readonly name: string | null
  readonly nodes: readonly PlacedNode[]
  /** The selectors that mean exactly these nodes. */
  readonly targets: readonly string[]
}

const sitePrefix = 'site:'

/** By site, where anybody says `site:…`; else by tag. */
export const usualGrouping = (nodes: readonly PlacedNode[]): Grouping =>
  nodes.some(({ tags }) => tags.some((tag) => tag.startsWith(sitePrefix))) ? 'site' : 'tag'

/**
 * Puts every node into one group: by its first tag, by its first tag `site:…`, or by the node that it is reached through.
 * Groups come by name, the one without a name last.
 */
export function groupNodes(nodes: readonly PlacedNode[], by: Grouping): Group[] {
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  const keyOf = (node: PlacedNode): string | null => {
    if (by === 'jump') return node.jumpNodeId
    return node.tags.find((tag) => by === 'tag' || tag.startsWith(sitePrefix)) ?? null
  }
  const nameOf = (key: string): string => {
    if (by === 'jump') return names.get(key as NodeId) ?? key
    return by === 'site' ? key.slice(sitePrefix.length) : key
  }
  return [...Map.groupBy(nodes, keyOf)]
    .map(([key, members]): Group => {
      const ids = members.map(({ id }) => id)
      if (key === null) return { key: 'none', name: null, nodes: members, targets: ids }
      // A tag means all that have it, also those that stand in the group of another tag: only alike is it said so.
      const isAll = by !== 'jump' && nodes.filter(({ tags }) => tags.includes(key)).length === members.length
      return { key: `of ${key}`, name: nameOf(key), nodes: members, targets: isAll ? [`tag:${key}`] : ids }
    })
    .sort((a, b) => {
      if (a.name === null || b.name === null) return a.name === null ? 1 : -1
      return a.name.localeCompare(b.name, undefined, { numeric: true })
    })
}

/** How many nodes of a group are in each state, the worst first. */
export function countHealth(nodes: readonly PlacedNode[]): { health: PlacedNode['health']; count: number }[] {
  const worstFirst = ['blocked', 'unreachable', 'findings', 'unknown', 'paused', 'ok'] as const
  return worstFirst.flatMap((health) => {
    const count = nodes.filter((node) => node.health === health).length
    return count > 0 ? [{ health, count }] : []
  })
}
