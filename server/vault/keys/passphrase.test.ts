import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Secret } from '../../lib/secret.ts'
import { createMasterKey, isSameKey } from '../master-key.ts'
import { openWithPassphrase, parseSealedKeys, sealWithPassphrase, withoutEarlierKey } from './passphrase.ts'

const key = createMasterKey(randomBytes(32), 'generated')
const earlier = createMasterKey(randomBytes(32), 'generated')
const passphrase = new Secret('anvil quiet lantern 72 meadow')
const text = await sealWithPassphrase([key, earlier], passphrase)
const sealed = parseSealedKeys(text, 'passphrase.json')

test('a passphrase opens what it closed, and no other does', async () => {
  const [opened, before] = await openWithPassphrase(sealed, passphrase)
  expect(opened && isSameKey(opened, key)).toBe(true)
  expect(before && isSameKey(before, earlier)).toBe(true)
  expect(opened?.source).toBe('passphrase')
  expect(await openWithPassphrase(sealed, new Secret('anvil quiet lantern 73 meadow'))).toEqual([])
  expect(await openWithPassphrase(sealed, new Secret(''))).toEqual([])
})

test('neither the keys nor the passphrase stand in the file', () => {
  for (const secret of [key, earlier].map((one) => one.reveal().reveal()).concat(passphrase.reveal()))
    expect(text).not.toContain(secret)
})

test('an accent counts the same, however the keyboard composes it', async () => {
  const closed = parseSealedKeys(await sealWithPassphrase([key], new Secret('caf\u00e9 anvil lantern')), 'x')
  expect(await openWithPassphrase(closed, new Secret('cafe\u0301 anvil lantern'))).toHaveLength(1)
})

test.each([
  ['less memory', { memoryKib: 8_192 }],
  ['fewer passes', { passes: 1 }],
  ['another salt', { salt: randomBytes(16).toString('base64') }],
])('a file in which somebody wrote %s does not open', async (_, change) => {
  expect(await openWithPassphrase({ ...sealed, ...change }, passphrase)).toEqual([])
})

test('keys that changed places do not open', async () => {
  const [one, other] = sealed.keys
  const swapped = [
    { id: one?.id ?? '', sealed: other?.sealed ?? '' },
    { id: other?.id ?? '', sealed: one?.sealed ?? '' },
  ]
  expect(await openWithPassphrase({ ...sealed, keys: swapped }, passphrase)).toEqual([])
})

test.each([
  ['cut off', text.slice(0, 100)],
  ['empty', ''],
  ['asking for all memory', JSON.stringify({ ...sealed, memoryKib: 64 * 1_048_576 })],
  ['asking for an hour', JSON.stringify({ ...sealed, passes: 100_000 })],
  ['of another kind', JSON.stringify({ ...sealed, kdf: 'md5' })],
])('a file that is %s is refused by name', (_, content) => {
  expect(() => parseSealedKeys(content, 'passphrase.json')).toThrow(/vault\.key_unusable: passphrase\.json/)
})

test('once a change is over, the key before is gone from the file', async () => {
  const settled = parseSealedKeys(withoutEarlierKey(sealed), 'passphrase.json')
  expect((await openWithPassphrase(settled, passphrase)).map(({ id }) => id)).toEqual([key.id])
})
