import { describe, expect, test } from 'vitest'
import { excerpt, hasAll, partsInJson, patternOf, wordsOf } from './words.ts'

test.each([
  ['Disk  FULL Disk', ['Disk', 'FULL']],
  ['', []],
  ['  a\tb\n', ['a', 'b']],
])('the words of %j', (text, words) => expect(wordsOf(text)).toEqual(words))

test.each([
  ['/var is 93 % full', ['full', '/var'], true],
  ['/var is 93 % full', ['empty', '/var'], false],
  ['GRÜSSE aus Köln', ['grüsse', 'KÖLN'], true],
])('%j has all of %j: %s', (text, words, expected) => expect(hasAll(text, words)).toBe(expected))

describe('what is shown of a long text', () => {
  test('is what stands around the first word', () => {
    const long = `${'a '.repeat(400)}needle${' b'.repeat(400)}`
    const shown = excerpt(long, ['needle'])
    expect(shown).toContain('needle')
    expect(shown.length).toBeLessThanOrEqual(242)
    expect(shown.startsWith('…') && shown.endsWith('…')).toBe(true)
  })
  test('is all of a short one, on one line', () => expect(excerpt('one\n two', ['x'])).toBe('one two'))
  test('never half a character', () =>
    expect(excerpt(`${'😀'.repeat(300)}needle`, ['needle']).isWellFormed()).toBe(true))
})

test('signs with a meaning in SQL are what they are', () =>
  expect(patternOf('50%_\\')).toBe('%50\\%\\_\\\\%'))

test('a path is looked for by its parts', () =>
  expect(partsInJson(['disks[/var].pct', '93'])).toEqual(['disks', '/var', 'pct', '93']))
