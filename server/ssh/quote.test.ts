import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { quote } from './quote.ts'

const shells = [
  { name: 'sh', argv: ['sh', '-c'] },
  { name: 'dash', argv: ['dash', '-c'] },
  { name: 'bash', argv: ['bash', '-c'] },
  { name: 'busybox sh', argv: ['busybox', 'sh', '-c'] },
].filter(({ argv: [program = ''] }) => spawnSync(program, ['-c', 'true']).error === undefined)

/** The same words in every run, so that one that breaks can be looked at again (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What shells make something of, over and over, and any other character in between. */
const dangerous = `'"\\\`$!*?~#&|;<>(){}[]=%^ \t\n\r\u0007\u001b-`
const next = numbers(44)
const oneOf = (many: number) => Math.floor(next() * many)
const character = () =>
  oneOf(3) > 0 ? (dangerous[oneOf(dangerous.length)] ?? '') : String.fromCodePoint(1 + oneOf(0xd7fe))
const words = Array.from({ length: 10_000 }, () => Array.from({ length: oneOf(24) }, character).join(''))

describe('a quoted word', () => {
  test.each(shells)('comes out of $name as it went in, 10,000 times', ({ argv: [program = '', ...args] }) => {
    // A command has room for so many at a time.
    for (let from = 0; from < words.length; from += 500) {
      const some = words.slice(from, from + 500)
      const printed = execFileSync(program, [...args, `printf '%s\\0' ${some.map(quote).join(' ')}`])
      expect(printed.toString().split('\0').slice(0, -1)).toEqual(some)
    }
  })

  test('is never one with a NUL, which no shell could take', () => {
    expect(() => quote('a\0b')).toThrow('NUL')
  })
})
