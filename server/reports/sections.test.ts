import { describe, expect, test } from 'vitest'
import { countAreas, isAbout, sawWhole } from './sections.ts'

const steps = (...names: string[]) => new Map(names.map((name) => [name, 'ok'] as const))
const gap = (what: string) => ({ what, why: 'closed', remedy: null })
const docker = steps('engine', 'containers', 'logs', 'space', 'images', 'volumes', 'kernel')

test.each<[rule: string, gaps: string[], saw: boolean]>([
  ['docker.unhealthy', [], true],
  ['docker.unhealthy', ['containers'], false],
  // An ordinary user never sees these: what has nothing to do with them is resolved all the same.
  ['docker.unhealthy', ['kernel', 'logs'], true],
  ['docker.oom_killed', ['kernel'], false],
  ['docker.oom_killed', ['logs'], true],
  ['docker.log_growth', ['logs'], false],
  ['docker.log_unbounded', ['logs'], true],
  ['docker.unused_images', ['space'], false],
  ['docker.unused_images', ['volumes'], true],
  ['docker.orphan_volumes', ['volumes: their sizes'], false],
  ['docker.build_cache', ['images'], true],
  // It was not looked at in this run.
  ['docker.mem_near_limit', [], false],
  ['compose.degraded', ['kernel'], true],
])('%s is taken for looked at with gaps in %j: %s', (rule, gaps, saw) => {
  expect(
    sawWhole({ rule, subject: 'web' }, { gaps: gaps.map(gap), sections: docker, status: 'partial' }),
  ).toBe(saw)
})

describe('images that are looked up at registries', () => {
  const looked = (more: [string, 'ok' | 'error'][] = []) =>
    new Map<string, 'ok' | 'error'>([['images', 'ok'], ['registry', 'ok'], ...more])
  test.each<[string, ReadonlyMap<string, 'ok' | 'error'>, string[], boolean]>([
    ['was looked up', looked([['registry: web:1', 'ok']]), [], true],
    ['was not answered', looked([['registry: web:1', 'error']]), ['registry: web:1'], false],
    [
      'was looked up, another was not answered',
      looked([['registry: web:1', 'ok']]),
      ['registry: db:1'],
      true,
    ],
    ['runs no more, another was not answered', looked(), ['registry: db:1'], true],
    ['runs no more, as far as could be seen', looked(), ['images'], false],
    ['was not looked for at all', steps('images'), [], false],
  ])('one that %s', (_, sections, gaps, saw) => {
    const run = { gaps: gaps.map(gap), sections, status: 'partial' as const }
    expect(sawWhole({ rule: 'img.update', subject: 'web:1' }, run)).toBe(saw)
    // What the node sees by itself hangs on no registry.
    const own = { rule: 'img.pulled_not_recreated', subject: 'web:1' }
    expect(sawWhole(own, run)).toBe(!gaps.includes('images'))
  })

  test('count as one part of a node, however many they are', () => {
    const many = looked([
      ['registry: a', 'ok'],
      ['registry: b', 'ok'],
    ])
    expect(countAreas(many)).toBe(2)
    expect(countAreas(steps('backup: a', 'backup: b'))).toBe(2)
  })
})

test('that the kernel’s log is closed says nothing about the facts of containers', () => {
  expect(isAbout(gap('kernel'), 'containers')).toBe(false)
  expect(isAbout(gap('containers'), 'containers')).toBe(true)
})
