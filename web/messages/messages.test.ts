import { expect, test } from 'vitest'
import { de } from './de/index.ts'
import { rest as restOfGerman } from './de/rest.ts'
import { en } from './en/index.ts'
import { rest as restOfEnglish } from './en/rest.ts'
import { inPseudo, toPseudo } from './pseudo.ts'

const english = { ...en, ...restOfEnglish }
const german = { ...de, ...restOfGerman }

/** Every text with its way in: `nodes.list.select`. A function is asked with values that tell themselves apart. */
function textsOf(texts: unknown, way = ''): (readonly [string, unknown])[] {
  if (texts === null || typeof texts !== 'object') return [[way, texts]]
  return Object.entries(texts).flatMap(([name, text]) => textsOf(text, way ? `${way}.${name}` : name))
}

/** What can be read of a catalogue without values: where a text takes some, its source. */
const readable = (texts: unknown) =>
  textsOf(texts).map(
    ([way, text]) => [way, typeof text === 'function' ? String(text) : String(text)] as const,
  )

test('German has every text that English has, of the same kind, and none besides', () => {
  const shapes = (texts: unknown) => textsOf(texts).map(([way, text]) => `${way}: ${typeof text}`)
  expect(shapes(german).toSorted()).toEqual(shapes(english).toSorted())
})

test('no text is empty in one language alone', () => {
  const isEmpty = (texts: unknown) =>
    readable(texts).flatMap(([way, text]) => (text.trim() === '' ? [way] : []))
  expect(isEmpty(german).toSorted()).toEqual(isEmpty(english).toSorted())
})

test.each([
  ['says du, not Sie', /(?<=[\p{Ll},] )(?:Sie|Ihnen|Ihr(?:e[nmrs]?)?)\b/u],
  ['has a space in front of three dots that stand for words', /\p{Ll}…['`]/u],
  ['writes quotes as „this“', /[“][^„]*[”]/u],
  [
    'has one name for each thing',
    /\b(?:Wiederherstellungsblatt|Prüfpfad|Knoten|Host-Key|der Administration|(?:den|der|neuer) Token)\b/u,
  ],
])('German %s', (_, wrong) => {
  expect(readable(german).filter(([, text]) => wrong.test(text))).toEqual([])
})

test('the made-up language is longer by two fifths, in brackets, and leaves values alone', () => {
  expect(toPseudo('Run again')).toBe('⟦Ŕûñ åĝåîñ øñé⟧')
  expect(toPseudo('')).toBe('')
  expect(toPseudo('–')).toBe('–')
  const { on, list } = inPseudo({
    on: (node: string, count: number) => `on ${node}, ${count}`,
    list: ['all'],
  })
  expect(on('nas', 3)).toBe('⟦öñ nas, 3 øñé⟧')
  expect(list).toEqual(['⟦åļļ øñ⟧'])
})

test('the made-up language has a text wherever English has one', () => {
  expect(textsOf(inPseudo(english)).map(([way]) => way)).toEqual(textsOf(english).map(([way]) => way))
})
