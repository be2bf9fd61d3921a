import { expect, test } from 'vitest'
import { credentialId } from '../../contract/ids.ts'
import {
  type AuthorizedKey,
  commentFor,
  formatAuthorizedKey,
  isLineOf,
  optionOf,
  parseAuthorizedKey,
} from './authorized-keys.ts'

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIPx0yQ2sG0bD1Qn7Xn8m0i8u3u0oRrXb1mU4E0p6b6aC'
const key = (parts: Partial<AuthorizedKey>): AuthorizedKey => ({
  options: [],
  type: 'ssh-ed25519',
  blob,
  comment: '',
  ...parts,
})

test.each<[string, string, AuthorizedKey]>([
  ['a bare key', `ssh-ed25519 ${blob}`, key({})],
  ['a comment of several words', `ssh-ed25519 ${blob} ann at home`, key({ comment: 'ann at home' })],
  [
    'options with blanks, commas and quotation marks in their values',
    `restrict,from="192.0.2.1,2001:db8::/64",command="echo \\"a b\\", c" ssh-ed25519 ${blob} carl@cre_1`,
    key({
      options: [
        { name: 'restrict', value: null },
        { name: 'from', value: '192.0.2.1,2001:db8::/64' },
        { name: 'command', value: 'echo "a b", c' },
      ],
      comment: 'carl@cre_1',
    }),
  ],
])('reads and writes %s', (_, line, expected) => {
  expect(parseAuthorizedKey(line)).toEqual(expected)
  expect(formatAuthorizedKey(expected)).toBe(line)
})

test.each([
  ['a blank line', '   '],
  ['a remark', `# ssh-ed25519 ${blob}`],
  ['a quotation mark that stays open', `command="true ssh-ed25519 ${blob}`],
  ['options that are none', `restrict,,x ssh-ed25519 ${blob}`],
  ['a key without its blob', 'restrict ssh-ed25519 x'],
  ['two lines in one', `ssh-ed25519 ${blob}\nssh-ed25519 ${blob}`],
])('takes %s for no key', (_, line) => {
  expect(parseAuthorizedKey(line)).toBeNull()
})

test('takes the first option of a name, in letters of any size, as sshd does', () => {
  const line = parseAuthorizedKey(`FROM="192.0.2.1",no-pty,from="0.0.0.0/0" ssh-ed25519 ${blob}`)
  expect(line && [optionOf(line, 'from'), optionOf(line, 'no-pty'), optionOf(line, 'command')]).toEqual([
    '192.0.2.1',
    '',
    null,
  ])
})

test.each<[string, Partial<AuthorizedKey>]>([
  ['a second line in the comment', { comment: `x\nssh-ed25519 ${blob}` }],
  ['a second line in an option', { options: [{ name: 'from', value: '1\n2' }] }],
  ['a backslash that would save the closing mark', { options: [{ name: 'command', value: 'x\\' }] }],
  ['another option in a name', { options: [{ name: 'restrict,pty', value: null }] }],
  ['a blob that is none', { blob: 'AAAA x' }],
  ['a type with a blank', { type: 'ssh-ed25519 x' }],
])('writes no line with %s', (_, parts) => {
  expect(() => formatAuthorizedKey(key(parts))).toThrow(/not a/)
})

test('knows its own line by the comment, and takes no other for it', () => {
  const ours = credentialId.parse('cre_01hzxk3v9q8r7s6t5w4y3x2z1a')
  expect(isLineOf(key({ comment: commentFor(ours) }), ours)).toBe(true)
  expect(isLineOf(key({ comment: `${commentFor(ours)} and more` }), ours)).toBe(false)
})
