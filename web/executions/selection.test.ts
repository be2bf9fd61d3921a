import { expect, test } from 'vitest'
import { settle, termsOf, toSelection, typed } from './selection.ts'

test('a comma makes what is before it stand, and what is still typed counts as well', () => {
  const some = typed(toSelection(['nas']), 'pi, tag:lab ,do')
  expect(some).toEqual({ terms: ['nas', 'pi', 'tag:lab'], draft: 'do' })
  expect(termsOf(some)).toEqual(['nas', 'pi', 'tag:lab', 'do'])
  expect(settle(some)).toEqual({ terms: ['nas', 'pi', 'tag:lab', 'do'], draft: '' })
})

test('a term stands once, however often it is typed', () => {
  expect(typed(toSelection(['nas']), 'nas,nas,')).toEqual({ terms: ['nas'], draft: '' })
  expect(settle({ terms: [], draft: ' , ,' })).toEqual({ terms: [], draft: '' })
})
