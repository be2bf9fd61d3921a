import { describe, expect, test } from 'vitest'
import type { PlacedNode } from '../../../contract/topology.ts'
import { nodeIdOf } from '../../fixtures.ts'
import { countHealth, groupNodes, usualGrouping } from './groups.ts'
import { layOut } from './layout.ts'

const node = (number: number, changed: Partial<PlacedNode> = {}): PlacedNode => ({
  id: nodeIdOf(number),
  name: `node-${number}`,
  tags: [],
  jumpNodeId: null,
  health: 'ok',
  findings: 0,
  ...changed,
})
const some = [
  node(1, { name: 'gate', tags: ['edge'] }),
  node(2, { tags: ['cellar', 'docker'], jumpNodeId: nodeIdOf(1) }),
  node(3, { tags: ['cellar'], jumpNodeId: nodeIdOf(1), health: 'unreachable' }),
  node(4, { tags: ['docker'] }),
  node(5),
]

describe('groups', () => {
  test('by the first tag; the tag stands for them only where it means the same nodes', () => {
    expect(groupNodes(some, 'tag').map(({ name, nodes, targets }) => [name, nodes.length, targets])).toEqual([
      ['cellar', 2, ['tag:cellar']],
      ['docker', 1, [nodeIdOf(4)]],
      ['edge', 1, ['tag:edge']],
      [null, 1, [nodeIdOf(5)]],
    ])
  })
  test('by the node they are reached through', () => {
    expect(groupNodes(some, 'jump').map(({ name, nodes }) => [name, nodes.length])).toEqual([
      ['gate', 2],
      [null, 3],
    ])
  })
  test('by site, as soon as anybody says one', () => {
    const sited = [...some, node(6, { tags: ['docker', 'site:attic'] })]
    expect([usualGrouping(some), usualGrouping(sited)]).toEqual(['tag', 'site'])
    expect(groupNodes(sited, 'site').map(({ name, nodes }) => [name, nodes.length])).toEqual([
      ['attic', 1],
      [null, 5],
    ])
  })
  test('tell how their nodes are, the worst first', () => {
    expect(countHealth(some)).toEqual([
      { health: 'unreachable', count: 1 },
      { health: 'ok', count: 4 },
    ])
  })
})

describe('the picture', () => {
  test('has every node in its group, nothing over anything else, and an edge for each way through a node', () => {
    const picture = layOut(groupNodes(some, 'tag'), 1_200, new Set())
    expect(picture.edges).toHaveLength(2)
    expect(picture.groups.flatMap(({ nodes }) => nodes)).toHaveLength(some.length)
    const boxes = picture.groups.map(({ box }) => box)
    for (const [at, a] of boxes.entries())
      for (const b of boxes.slice(at + 1))
        expect(
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
        ).toBe(true)
    for (const { box } of picture.groups) expect(box.y + box.height).toBeLessThanOrEqual(picture.height)
  })
  test('folds a large group, and its edges come together', () => {
    const many = [
      some[0] as PlacedNode,
      ...Array.from({ length: 300 }, (_, at) => node(at + 10, { tags: ['farm'], jumpNodeId: nodeIdOf(1) })),
    ]
    const groups = groupNodes(many, 'tag')
    const folded = layOut(groups, 1_200, new Set())
    expect(folded.edges.map(({ count }) => count)).toEqual([300])
    expect(folded.groups.map(({ isFolded }) => isFolded)).toEqual([false, true])
    expect(layOut(groups, 1_200, new Set(['of farm'])).edges).toHaveLength(300)
  })
  test('fits a phone', () => {
    for (const { box } of layOut(groupNodes(some, 'tag'), 328, new Set()).groups)
      expect(box.x + box.width).toBeLessThanOrEqual(328)
  })
})
