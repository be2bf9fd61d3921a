import { expect, test } from 'vitest'
import { isAbout, sawWhole } from './sections.ts'

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

test('that the kernel’s log is closed says nothing about the facts of containers', () => {
  expect(isAbout(gap('kernel'), 'containers')).toBe(false)
  expect(isAbout(gap('containers'), 'containers')).toBe(true)
})
