import { expect, test } from 'vitest'
import { isOpen, type Standing, stepToShow } from './steps.ts'

const fresh: Standing = { isClaimed: false, hasNode: false, isReached: false, hasRun: false }

test.each<[what: string, wanted: string | undefined, standing: Partial<Standing>, shown: string | null]>([
  ['a fresh server begins with the administrator', undefined, {}, 'claim'],
  ['nothing can be jumped to before there is one', 'run', {}, 'claim'],
  ['then comes the first node', undefined, { isClaimed: true }, 'node'],
  ['an administrator is made only once', 'claim', { isClaimed: true }, 'node'],
  ['a node that was added is tested next', undefined, { isClaimed: true, hasNode: true }, 'connection'],
  ['a step that is done can be looked at again', 'node', { isClaimed: true, hasNode: true }, 'node'],
  ['the test can be passed over', 'run', { isClaimed: true, hasNode: true }, 'run'],
  ['a test without a node cannot', 'connection', { isClaimed: true }, 'node'],
  ['a word that is no step is passed over', 'sideways', { isClaimed: true, hasNode: true }, 'connection'],
  ['what is reached is run', undefined, { isClaimed: true, hasNode: true, isReached: true }, 'run'],
  [
    'in the end nothing is left',
    undefined,
    { isClaimed: true, hasNode: true, isReached: true, hasRun: true },
    null,
  ],
])('%s', (_, wanted, standing, shown) => {
  expect(stepToShow(wanted, { ...fresh, ...standing })).toBe(shown)
})

test('nothing but the first step is open to somebody who has not claimed the server', () => {
  const open = (['claim', 'node', 'connection', 'run'] as const).filter((step) => isOpen(step, fresh))
  expect(open).toEqual(['claim'])
})
