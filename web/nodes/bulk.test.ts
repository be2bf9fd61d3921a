import { describe, expect, test } from 'vitest'
import { aNode, nodeIdOf, refusal } from '../fixtures.ts'
import { inBulk, isTag, tagsAfter } from './bulk.ts'

const nodes = Array.from({ length: 9 }, (_, number) => aNode({ id: nodeIdOf(number), name: `n${number}` }))

describe('an action on many nodes', () => {
  test('says of each node what became of it, in their order', async () => {
    const results = await inBulk(nodes, async ({ name }) => {
      if (name === 'n3') throw refusal('node.in_use')
    })
    expect(results.map(({ node, problem }) => [node.name, problem?.code ?? null])).toEqual(
      nodes.map(({ name }) => [name, name === 'n3' ? 'node.in_use' : null]),
    )
  })

  test('goes on with the others when one is refused, a few at a time', async () => {
    let busy = 0
    let most = 0
    const heard: number[] = []
    await inBulk(
      nodes,
      async () => {
        busy += 1
        most = Math.max(most, busy)
        await Promise.resolve()
        busy -= 1
        throw refusal('node.not_found')
      },
      (done) => heard.push(done),
    )
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(most).toBeLessThanOrEqual(4)
  })

  test('does nothing for no nodes', async () => {
    expect(await inBulk([], () => Promise.reject(new Error('asked')))).toEqual([])
  })

  test('does not take a bug for a refusal', async () => {
    await expect(inBulk(nodes, () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug')
  })
})

test.each([
  [['a'], 'tag', 'b', ['a', 'b']],
  [['a'], 'tag', 'a', null],
  [['a', 'b'], 'untag', 'a', ['b']],
  [['a'], 'untag', 'b', null],
] as const)('%j, %s %s: %j', (tags, kind, tag, after) => {
  expect(tagsAfter(tags, kind, tag)).toEqual(after)
})

test.each([
  ['storage', true],
  ['a b', false],
  ['!a', false],
  ['', false],
  ['x'.repeat(51), false],
])('%s as a tag: %s', (tag, isFine) => {
  expect(isTag(tag)).toBe(isFine)
})
