import { expect, test } from 'vitest'
import { readAnsi } from './ansi.ts'
import { hitsIn, toPieces } from './pieces.ts'

/** Pieces as text: hits in angle brackets, those with a look behind a bar. */
const drawn = (text: string, query: string) =>
  toPieces(readAnsi(text), query).map((piece) => {
    const shown = piece.isHit ? `<${piece.text}>` : piece.text
    return piece.look ? `|${shown}` : shown
  })

const red = '\u001b[31m'
const end = '\u001b[0m'

test.each<[what: string, text: string, query: string, pieces: string[]]>([
  ['nothing sought', 'one two', '', ['one two']],
  ['a hit in the middle', 'one two', 'ne t', ['o', '<ne t>', 'wo']],
  ['hits side by side', 'aaaa', 'aa', ['<aa>', '<aa>']],
  ['any case', 'Error', 'eRR', ['<Err>', 'or']],
  ['a colour without a hit', `a${red}b${end}c`, '', ['a', '|b', 'c']],
  ['a hit across the end of a colour', `${red}abc${end}def`, 'cd', ['|ab', '|<c>', '<d>', 'ef']],
  ['a text without anything', '', 'a', []],
])('%s', (_what, text, query, pieces) => {
  expect(drawn(text, query)).toEqual(pieces)
})

test('letters that change their length with their case do not shift what is found', () => {
  expect(hitsIn('İx needle', 'needle')).toEqual([[3, 9]])
})
