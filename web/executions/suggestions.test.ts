import { describe, expect, test } from 'vitest'
import { resolveTargets } from '../../contract/targets.ts'
import type { NodeId } from '../../contract/ids.ts'
import { suggest, termFor } from './suggestions.ts'

const node = (name: string, ...tags: string[]) => ({ id: `nod_${name.length}` as NodeId, name, tags })
const nodes = [
  node('docker-1', 'lab', 'docker'),
  node('docker-2', 'docker'),
  node('nas', 'storage'),
  node('pi'),
]

describe('what is suggested while somebody types', () => {
  test.each<[why: string, typed: string, chosen: string[], terms: string[]]>([
    [
      'everything, before anything is typed',
      '',
      [],
      ['all', 'tag:docker', 'tag:lab', 'tag:storage', 'docker-1', 'docker-2', 'nas', 'pi'],
    ],
    ['a glob, where several names begin alike', 'dock', [], ['tag:docker', 'dock*', 'docker-1', 'docker-2']],
    ['tags by their word', 'stor', [], ['tag:storage']],
    ['tags after the prefix', 'tag:l', [], ['tag:lab']],
    ['what only holds it in the middle, last', 'a', [], ['all', 'tag:lab', 'tag:storage', 'nas']],
    ['nothing that is chosen already', 'na', ['nas'], []],
    ['exclusions keep their sign and offer no “all”', '!n', [], ['!nas']],
    ['nothing for what is nowhere', 'zzz', [], []],
  ])('%s', (_, typed, chosen, terms) => {
    expect(suggest(typed, nodes, chosen).map(({ term }) => term)).toEqual(terms)
  })
})

test.each(['all', 'a,b', '!old', 'docker-*', 'tag:lab', 'what?', ' x'])(
  'a node called “%s” is meant by its id, and by nothing else',
  (name) => {
    const odd = { id: 'nod_odd' as NodeId, name, tags: [] }
    const others = [odd, node('other', 'lab')]
    expect(resolveTargets([termFor(odd)], others).nodes).toEqual([odd])
  },
)

test('names in other scripts are terms of their own', () => {
  const odd = { id: 'nod_odd' as NodeId, name: 'שרת-🏠', tags: [] }
  expect(resolveTargets([termFor(odd)], [odd]).nodes).toEqual([odd])
})
