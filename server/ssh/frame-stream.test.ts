import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readFrames } from './frame-stream.ts'

const nonce = 'n0nce'
const line = (fields: Record<string, unknown>, by = nonce) =>
  `\u001e${by} ${JSON.stringify({ ms: 1, ...fields })}\n`
const out = (q: number, d = 'x') => line({ t: 'out', q, s: 'o', d })

async function read(...chunks: (string | Buffer)[]) {
  const items = []
  const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)))
  for await (const item of readFrames(source, nonce)) items.push(item)
  return items.map((item) => (item.t === 'noise' ? `noise: ${item.text}` : `${item.t} ${item.q}`))
}

test.each([
  ['frames, one after the other', [out(1) + out(2)], ['out 1', 'out 2']],
  ['a frame that comes in pieces', [out(1).slice(0, 9), out(1).slice(9, 11), out(1).slice(11)], ['out 1']],
  [
    'a letter that comes in pieces',
    [...Buffer.from(out(1, 'é'))].map((octet) => Buffer.from([octet])),
    ['out 1'],
  ],
  ['text in front of a frame', [`Welcome${out(1)}`], ['out 1']],
  ['text with a record separator in front of a frame', [`Wel\u001ecome \u001e${out(1)}`], ['out 1']],
  ['lines of text', [`Welcome\n\n${out(1)}bye`], ['noise: Welcome', 'out 1', 'noise: bye']],
  ['a frame of another launch', [line({ t: 'hb', q: 0 }, 'other')], [expect.stringMatching(/^noise: other/)]],
  [
    'a frame of a kind that is not known',
    [line({ t: 'new', q: 1 })],
    [expect.stringMatching(/^noise: n0nce/)],
  ],
  [
    'a frame with fields that do not fit',
    [line({ t: 'out', q: -1, s: 'o', d: '' })],
    [expect.stringMatching(/^noise: n0nce/)],
  ],
  ['a frame that is no JSON', [`\u001e${nonce} {"t":"hb",\n`], [expect.stringMatching(/^noise: n0nce/)]],
  ['control characters in text', ['\u001b[31mred\u0007\r\n'], ['noise: [31mred']],
  ['octets that are no text', [Buffer.from([0xff, 0xfe, 10])], ['noise: \ufffd\ufffd']],
  ['nothing', [], []],
])('%s', async (_, chunks, items) => {
  expect(await read(...chunks)).toEqual(items)
})

test('a line longer than any frame is let go, but for its start', async () => {
  const endless = Array.from({ length: 8 }, () => 'z'.repeat(1_048_576))
  const [noise, ...rest] = await read(...endless, '\n', out(1))
  expect(noise).toBe(`noise: ${'z'.repeat(4_096)}`)
  expect(rest.at(-1)).toBe('out 1')
})
