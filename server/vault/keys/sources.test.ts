import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../lib/secret.ts'
import { createMasterKey, type MasterKey } from '../master-key.ts'
import { createKeyFolder } from './folder.ts'
import { sealWithPassphrase } from './passphrase.ts'
import { chooseKeys, loadKeys, plainText, tidyKeyFolder } from './sources.ts'
import type { KeyState } from './store.ts'

const one = createMasterKey(randomBytes(32), 'generated')
const other = createMasterKey(randomBytes(32), 'generated')
const third = createMasterKey(randomBytes(32), 'generated')
const passphrase = new Secret('anvil quiet lantern 72 meadow')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-sources-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const settled = (key: MasterKey | null, retired: string[] = []): KeyState => ({
  keyId: key?.id ?? null,
  rotation: null,
  retired,
})
const changing = (from: MasterKey, to: MasterKey): KeyState => ({
  keyId: from.id,
  rotation: { from: from.id, to: to.id, startedAt: '', by: 'local', total: 0 },
  retired: [],
})
const sources = (file: string | null = null, startsSealed = false) => ({
  file,
  command: null,
  dataFolder: folder,
  startsSealed,
})

describe('the keys of a database', () => {
  test.each([
    ['the first one for a fresh database', [one, other], settled(null), [one, null]],
    ['the one it was encrypted with, wherever it stands', [other, one], settled(one), [one, null]],
    ['both while the key is being changed', [other, one], changing(one, other), [one, other]],
  ])('are %s', (_, known, state, [current, next]) => {
    expect(chooseKeys(known, state)).toEqual({ current, next })
  })

  test.each([
    ['is another', [other], settled(one), `encrypted with the key ${one.id}; the given key is ${other.id}`],
    ['lacks the new one', [one], changing(one, other), 'both are needed'],
    ['lacks the old one', [other], changing(one, other), 'both are needed'],
  ])('are refused when what is given %s', (_, known, state, words) => {
    expect(() => chooseKeys(known, state)).toThrow(words)
  })
})

describe('a file', () => {
  const given = (...lines: string[]) => {
    const file = join(folder, 'given')
    writeFileSync(file, lines.join('\n'))
    return file
  }
  const text = (key: MasterKey) => key.reveal().reveal()

  test('may hold two keys, and the database says which is meant', async () => {
    const file = given(text(one), text(other), '')
    expect((await loadKeys(sources(file), settled(other))).current.id).toBe(other.id)
    const { current, next } = await loadKeys(sources(file), changing(one, other))
    expect([current.id, next?.id]).toEqual([one.id, other.id])
  })

  test.each([
    ['three keys', [one, other, third], /more than two/],
    ['one key twice', [one, one], /cannot be told apart/],
  ])('with %s is refused', async (_, keys, words) => {
    await expect(loadKeys(sources(given(...keys.map(text))), settled(one))).rejects.toThrow(words)
  })
})

describe('the data folder', () => {
  const keys = () => createKeyFolder(folder)

  test('of a fresh server that shall start sealed gets no key by itself', async () => {
    await expect(loadKeys(sources(null, true), settled(null))).rejects.toMatchObject({ code: 'vault.sealed' })
    expect(await keys().read()).toEqual([])
  })

  test('with a closed key is sealed until the passphrase has opened it', async () => {
    await keys().write('passphrase', 'current', await sealWithPassphrase([one], passphrase))
    await expect(loadKeys(sources(), settled(one))).rejects.toMatchObject({ code: 'vault.sealed' })
    await expect(loadKeys(sources(), settled(null))).rejects.toMatchObject({ code: 'vault.sealed' })
    expect((await loadKeys(sources(), settled(one), [one])).current.id).toBe(one.id)
  })

  test('whose closed key is of another database says so, and does not ask for a passphrase', async () => {
    await keys().write('passphrase', 'current', await sealWithPassphrase([one], passphrase))
    await expect(loadKeys(sources(), settled(other))).rejects.toMatchObject({ code: 'vault.wrong_key' })
  })

  test('with a new key that nothing was sealed with needs no passphrase for it', async () => {
    await keys().write('generated', 'current', plainText(one))
    await keys().write('passphrase', 'next', await sealWithPassphrase([other, one], passphrase))
    expect((await loadKeys(sources(), settled(one))).current.id).toBe(one.id)
    writeFileSync(join(folder, 'keys', 'passphrase.json.next'), 'cut off')
    expect((await loadKeys(sources(), settled(one))).current.id).toBe(one.id)
  })

  test('keeps a key that the database has never heard of: it may belong to a newer copy', async () => {
    await keys().write('generated', 'current', plainText(one))
    await keys().write('passphrase', 'current', await sealWithPassphrase([other], passphrase))
    await tidyKeyFolder(keys(), { current: one, next: null }, settled(one))
    expect(await keys().read()).toHaveLength(2)
    await tidyKeyFolder(keys(), { current: one, next: null }, settled(one, [other.id]))
    expect((await keys().read()).map(({ form }) => form)).toEqual(['generated'])
  })

  test('never has a key written over another', async () => {
    await keys().write('generated', 'current', plainText(one))
    await expect(keys().write('generated', 'current', plainText(other))).rejects.toMatchObject({
      code: 'vault.key_unusable',
    })
    expect((await loadKeys(sources(), settled(one))).current.id).toBe(one.id)
  })
})
