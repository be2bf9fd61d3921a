import { describe, expect, test } from 'vitest'
import { nodeId } from './ids.ts'
import { parseTargets, resolveTargets, targets } from './targets.ts'

const id = (digit: string) => nodeId.parse(`nod_${digit.repeat(26)}`)
const nodes = [
  { id: id('1'), name: 'nas', tags: ['storage', 'prod'] },
  { id: id('2'), name: 'docker-1', tags: ['docker'] },
  { id: id('3'), name: 'docker-2', tags: ['docker', 'prod'] },
  { id: id('4'), name: 'Ärger (alt)', tags: [] },
]

const chosen = (text: string) => {
  const { nodes: found, unmatched } = resolveTargets(parseTargets(text), nodes)
  return { names: found.map(({ name }) => name), unmatched }
}

describe('a selection means', () => {
  test.each<[text: string, names: string[]]>([
    ['nas', ['nas']],
    ['NAS', ['nas']],
    [` docker-2 , nas,`, ['docker-2', 'nas']],
    [id('2'), ['docker-1']],
    ['docker-*', ['docker-1', 'docker-2']],
    ['docker-?', ['docker-1', 'docker-2']],
    ['tag:prod', ['nas', 'docker-2']],
    ['tag:d*', ['docker-1', 'docker-2']],
    ['all', ['nas', 'docker-1', 'docker-2', 'Ärger (alt)']],
    ['all, !tag:docker', ['nas', 'Ärger (alt)']],
    ['!docker-1, docker-*', ['docker-2']],
    ['docker-*, docker-1, tag:docker', ['docker-1', 'docker-2']],
    ['ärger (alt)', ['Ärger (alt)']],
    ['!nas', []],
    ['nas, !nas', []],
  ])('"%s": %j', (text, names) => {
    expect(chosen(text)).toEqual({ names, unmatched: [] })
  })

  test.each<[text: string, unmatched: string[]]>([
    ['nix', ['nix']],
    ['nas, nix, tag:none', ['nix', 'tag:none']],
    ['nas, !nix', ['nix']],
    ['n.s', ['n.s']],
    ['storage', ['storage']],
    ['(((', ['(((']],
    ['', []],
  ])('says of "%s" what matches nothing: %j', (text, unmatched) => {
    expect(chosen(text).unmatched).toEqual(unmatched)
  })

  test('is answered at once, though it is written to be slow', () => {
    const hostile = { id: id('5'), name: 'a'.repeat(200), tags: [] }
    expect(resolveTargets([`${'*a'.repeat(90)}*b`], [hostile]).nodes).toEqual([])
  })
})

test('a selection is never empty', () => {
  expect(targets.safeParse([]).success).toBe(false)
  expect(targets.safeParse([' ']).success).toBe(false)
  expect(targets.parse([' nas '])).toEqual(['nas'])
})
