import { describe, expect, test } from 'vitest'
import { createLines } from './lines.ts'

/** All lines of a text that arrives in these pieces. */
function linesOf(...pieces: string[]): string[] {
  const lines = createLines()
  return [...pieces.flatMap((piece) => lines.push(piece)), ...lines.rest()]
}

describe('text becomes lines', () => {
  test.each<[name: string, pieces: string[], lines: string[]]>([
    ['nothing', [], []],
    ['one line', ['a\n'], ['a']],
    ['a last line without an end', ['a\nb'], ['a', 'b']],
    ['a line in three pieces', ['o', 'n', 'e\n'], ['one']],
    ['empty lines', ['\n\na\n'], ['', '', 'a']],
    ['Windows line ends', ['a\r\nb\r\n'], ['a', 'b']],
    ['a Windows line end cut in half', ['a\r', '\nb'], ['a', 'b']],
    ['a progress bar', ['10%\r20%\r\n'], ['10%\r20%']],
  ])('%s', (_name, pieces, expected) => {
    expect(linesOf(...pieces)).toEqual(expected)
  })

  test('and one that never ends is cut, so that it does not fill the memory', () => {
    const lines = createLines()
    expect(lines.push('x'.repeat(262_144))).toEqual([])
    expect(lines.push('yz').map((line) => line.length)).toEqual([262_144])
    expect(lines.rest()).toEqual(['yz'])
    expect(lines.rest()).toEqual([])
  })
})
