import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { Secret } from '../lib/secret.ts'
import { createMasterKey } from './master-key.ts'
import { openBox, sealBox } from './sealed-box.ts'
import { createKeyStore } from './keys/store.ts'
import { createVault, type SealedPlace } from './vault.ts'

const place: SealedPlace = { table: 'credential', column: 'secret', id: 'cre_1' }
const canary = 'canary-7f3a-password'

describe('a sealed value', () => {
  const key = { id: 'a91f', key: randomBytes(32) }
  const box = sealBox(key, place, Buffer.from(canary))

  test('opens in its place with its key', () => {
    expect(openBox(key, place, box)?.toString()).toBe(canary)
  })

  test('does not open with any byte flipped', () => {
    for (let at = 0; at < box.length; at++) {
      const changed = Buffer.from(box)
      changed[at] = (changed[at] ?? 0) ^ 0x40
      expect({ at, opened: openBox(key, place, changed) }).toEqual({ at, opened: null })
    }
  })

  test('does not open when cut or lengthened', () => {
    for (let length = 0; length < box.length; length++)
      expect(openBox(key, place, box.subarray(0, length))).toBeNull()
    expect(openBox(key, place, Buffer.concat([box, Buffer.alloc(1)]))).toBeNull()
  })

  test.each([
    { ...place, id: 'cre_2' },
    { ...place, column: 'sudo_password' },
    { ...place, table: 'node' },
  ])('does not open at %o', (elsewhere) => {
    expect(openBox(key, elsewhere, box)).toBeNull()
  })

  test('does not open with another key, even one of the same id', () => {
    expect(openBox({ id: 'a91f', key: randomBytes(32) }, place, box)).toBeNull()
    expect(openBox({ id: 'a91e', key: key.key }, place, box)).toBeNull()
  })

  test('never looks the same twice, and shares no nonce with another', () => {
    const nonces = new Set<string>()
    for (let round = 0; round < 1_000; round++) {
      const again = sealBox(key, place, Buffer.from(canary))
      nonces.add(again.subarray(3, 15).toString('hex'))
      nonces.add(again.subarray(63, 75).toString('hex'))
    }
    expect(nonces.size).toBe(2_000)
  })

  test('may be empty or long', () => {
    for (const content of [Buffer.alloc(0), randomBytes(100_000)]) {
      expect(openBox(key, place, sealBox(key, place, content))?.equals(content)).toBe(true)
    }
  })

  test('of the first version still opens', () => {
    // Sealed once with this key; a later version of this server must open it.
    const first = Buffer.from(firstVersion, 'base64')
    expect(openBox({ id: '0102', key: Buffer.alloc(32, 7) }, place, first)?.toString()).toBe(
      'kept since version 1',
    )
  })
})

describe('the vault', () => {
  let base: TestDatabase
  beforeEach(async () => {
    base = await testDatabase()
  })
  afterEach(() => base.close())

  const vaultWith = (key: Buffer) => createVault({ masterKey: createMasterKey(key, 'file'), db: base.db })
  const key = randomBytes(32)

  test('accepts its key at every start, and names both when it is another', async () => {
    expect((await createKeyStore(base.db).state()).keyId).toBeNull()
    await vaultWith(key).check()
    await vaultWith(key).check()
    const { id } = createMasterKey(key, 'file')
    expect((await createKeyStore(base.db).state()).keyId).toBe(id)
    const other = randomBytes(32)
    await expect(vaultWith(other).check()).rejects.toMatchObject({
      code: 'vault.wrong_key',
      problem: {
        detail: `This database was encrypted with the key ${id}; the given key is ${createMasterKey(other, 'file').id}.`,
      },
    })
    expect((await createKeyStore(base.db).state()).keyId).toBe(id)
  })

  test('lends a secret that shows itself only to who asks', async () => {
    const vault = vaultWith(key)
    const sealed = vault.seal(place, new Secret(canary))
    expect(sealed.includes(canary)).toBe(false)
    await vault.lend(place, sealed, async (secret) => {
      expect(secret.reveal()).toBe(canary)
      expect(
        `${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })}`,
      ).not.toContain(canary)
    })
  })

  test('says what it could not open, and never what was in it', () => {
    const vault = vaultWith(key)
    const sealed = vault.seal(place, canary)
    const swapped = () => vault.open({ ...place, id: 'cre_2' }, sealed)
    expect(swapped).toThrow(
      /vault\.damaged: secret of credential cre_2 cannot be opened: it was changed or moved/,
    )
    expect(() => vaultWith(randomBytes(32)).open(place, sealed)).toThrow(/it names the key/)
  })
})

const firstVersion =
  'AQECwbjY+MRyGdJ7vEyZCr8PvcC5wM82o/qsxVnHpBpSNlrcdaBZ1K3DqfvJMytUjockDal/mWkMRSq0E2JOAH+4YRvOOiEF3kN1l80+oHJphGcecaYxdVKMdP195BFJ9BO1JhT/5SOEtVMQmDVZ'
