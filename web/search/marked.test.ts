import { expect, test } from 'vitest'
import { toPieces } from './marked.ts'

const shown = (text: string, typed: string) =>
  toPieces(text, typed)
    .map((piece) => (piece.isHit ? `<${piece.text}>` : piece.text))
    .join('')

test.each([
  ['/srv is 93 % full', 'full SRV', '/<srv> is 93 % <full>'],
  ['a+b (c)', '+b (', 'a<+b> <(>c)'],
  ['nothing here', '', 'nothing here'],
  ['disks', 'disk disks', '<disks>'],
])('in %j the words %j are marked', (text, typed, expected) => expect(shown(text, typed)).toBe(expected))
