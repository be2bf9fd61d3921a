import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { findCanaries } from './canaries.ts'

const value = 'K9/quill+"sable" <42> & Öre%'
const canaries = [
  { name: 'the password', value },
  { name: 'another', value: 'something-else-entirely' },
]
const base64 = (before: string, after = '') => Buffer.from(`${before}${value}${after}`).toString('base64')
const wrapped = (text: string, width: number, end = '\n') =>
  text.match(new RegExp(`.{1,${width}}`, 'gs'))?.join(end) ?? ''

test.each([
  ['plain', `password=${value};`],
  ['in the middle of a word', `xx${value}yy`],
  ['as JSON', JSON.stringify({ a: [value] })],
  ['as JSON inside of JSON', JSON.stringify({ log: JSON.stringify({ a: value }) })],
  ['as JSON in ASCII', JSON.stringify(value).replace('Ö', '\\u00d6')],
  ['in a URL', `https://a.example/?q=${encodeURIComponent(value)}&b=1`],
  ['in a form', new URLSearchParams({ q: value }).toString()],
  ['in HTML', value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['in base64', base64('')],
  ['in base64, one byte further', base64('x', 'yz')],
  ['in base64, two bytes further', base64('xy', 'z')],
  ['in base64 of a longer text', base64('a longer text before it: ', ' and behind')],
  ['in base64 for URLs', Buffer.from(`?>${value}`).toString('base64url')],
  ['in base64, wrapped into lines', wrapped(base64('some text before'), 16)],
  [
    'in base64, wrapped into lines inside of JSON',
    JSON.stringify(wrapped(base64('some text before'), 16, '\r\n')),
  ],
  ['in hex', Buffer.from(`a${value}b`).toString('hex')],
  ['in hex, upper case, wrapped', wrapped(Buffer.from(value).toString('hex').toUpperCase(), 20)],
  ['wrapped into lines', wrapped(value, 7)],
])('a secret that leaks %s is found, by its name', (_how, text) => {
  expect(findCanaries(text, canaries)).toEqual(['the password'])
})

test('a secret is found in a binary file', () => {
  const file = Buffer.concat([Buffer.from([0, 255, 7]), Buffer.from(value), Buffer.from([0, 254])])
  expect(findCanaries(file, canaries)).toEqual(['the password'])
})

test.each([
  ['nothing', ''],
  ['half of it', value.slice(0, 12)],
  ['a mask', '{"password":"▮▮▮"}'],
  ['what is packed, which is unpacked before it is looked at', gzipSync(value).toString('latin1')],
])('%s is no leak', (_what, text) => {
  expect(findCanaries(text, canaries)).toEqual([])
})
