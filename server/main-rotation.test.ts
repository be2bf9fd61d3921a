import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testConfig } from '../testbed/house.ts'
import { localActor } from './auth/person.ts'
import { createHouse, type House } from './house.ts'
import { isAppError } from './lib/errors.ts'
import { createLogger } from './lib/logger.ts'
import { Secret } from './lib/secret.ts'
import { createKeyFolder } from './vault/keys/folder.ts'
import { openKeyFiles } from './vault/keys/passphrase.ts'

/**
 * The master key is changed by a real process that is really killed: before and after each of its transactions, and at
 * each of its steps with the key files. After every one of them the next start opens every secret and finishes.
 */

const passphrase = 'anvil quiet lantern 72 meadow'
/** Of before the change, where the key was closed already. */
const oldPassphrase = 'copper orchard 19 violin dusk'
const quiet = createLogger('silent')
/** More than one batch of each, with and without a sudo password. */
const credentials = 60
/** Each kill is a start, a kill and a start; on a busy machine that takes seconds. */
const killsMs = 300_000
const folders: string[] = []
/** A data folder with secrets in it, copied for each kill. */
let prepared: string

beforeAll(async () => {
  prepared = newFolder()
  const house = await createHouse(testConfig(prepared), { logger: quiet })
  await Promise.all(
    Array.from({ length: credentials }, (_, at) =>
      house.credentials.create(
        {
          kind: 'password',
          name: `node ${at}`,
          password: `canary ${at}`,
          sudoPassword: at % 2 === 0 ? `sudo ${at}` : null,
        },
        house.localActor,
      ),
    ),
  )
  await house.stop()
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-rotation-'))
  folders.push(folder)
  return folder
}

function copyOf(folder: string): string {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** Runs a change; returns what ended it, or how many steps it took. */
async function change(folder: string, env: Record<string, string>, ...args: string[]) {
  const script = join(import.meta.dirname, '../testbed/rotation-child.ts')
  const child = spawn(process.execPath, [script, folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEW_PASSPHRASE: passphrase, ...env },
  })
  const [out, said, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ])
  if (signal === null && code !== 0) throw new Error(`it ended with ${code}: ${said}`)
  return { signal, counted: out ? (JSON.parse(out) as { writes: number; steps: number }) : null }
}

/** The next start: with the passphrase where one is needed. */
async function open(folder: string, env: Record<string, string> = {}): Promise<House> {
  const config = testConfig(folder, env)
  try {
    return await createHouse(config, { logger: quiet })
  } catch (error) {
    if (!isAppError(error) || error.code !== 'vault.sealed') throw error
  }
  const openWith = async (given: string) => {
    const keys = await openKeyFiles(await createKeyFolder(folder).read(), new Secret(given))
    return createHouse(config, { logger: quiet }, { keys, by: localActor, refused: 0 })
  }
  // Nobody can know whether the change had begun, so a person tries one and then the other.
  return openWith(passphrase).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== 'vault.sealed') throw error
    return openWith(oldPassphrase)
  })
}

async function expectEverySecretOpens(house: House): Promise<void> {
  const items = await house.credentials.list()
  expect(items).toHaveLength(credentials)
  for (const { id, name, hasSudoPassword } of items) {
    const at = name.slice('node '.length)
    await house.credentials.withLogin(id, async (login) => {
      expect(login.kind === 'password' && login.password.reveal()).toBe(`canary ${at}`)
    })
    await house.credentials.withSudoPassword(id, async (sudo) => {
      expect(sudo?.reveal() ?? null).toBe(hasSudoPassword ? `sudo ${at}` : null)
    })
  }
  expect(await house.audit.verify()).toMatchObject({ sound: true })
}

/** Starts again after a kill, and finds everything in order. Says whether the key was changed in the end. */
async function expectInOrder(folder: string, env: Record<string, string> = {}, before = 0): Promise<boolean> {
  const house = await open(folder, env)
  await expectEverySecretOpens(house)
  await house.masterKeyRotation.resume()
  await house.masterKeyRotation.settled()
  expect(await house.masterKeyRotation.progress()).toBeNull()
  await expectEverySecretOpens(house)
  const actions = (await house.audit.list({ limit: 200 })).items.map(({ action }) => action)
  const count = (wanted: string) => actions.filter((action) => action === wanted).length
  const begun = count('key.rotation-started')
  expect(count('master-key.rotated')).toBe(begun)
  await house.stop()
  return begun > before
}

interface Way {
  readonly from: 'generated' | 'passphrase' | 'file'
  readonly to: 'passphrase' | 'same'
  readonly left: readonly string[]
}
const ways: Way[] = [
  { from: 'generated', to: 'same', left: ['master.key'] },
  { from: 'generated', to: 'passphrase', left: ['passphrase.json'] },
  { from: 'passphrase', to: 'passphrase', left: ['passphrase.json'] },
  { from: 'file', to: 'same', left: [] },
]

/** When each transaction of a way is killed in `npm test`. */
const whensOf: Partial<Record<string, readonly string[]>> = {
  'generated to same': ['before', 'after'],
  'passphrase to passphrase': ['after'],
}

describe.each(ways)('a change of the key from $from to $to', ({ from, to, left }) => {
  let base: string
  let env: Record<string, string>

  beforeAll(async () => {
    base = copyOf(prepared)
    env = {}
    if (from === 'passphrase') {
      await change(base, { NEW_PASSPHRASE: oldPassphrase }, 'passphrase')
      env = { OLD_PASSPHRASE: oldPassphrase }
    }
    if (from !== 'file') return
    const [own] = await createKeyFolder(base).read()
    const file = join(newFolder(), 'key')
    writeFileSync(file, `${own?.text.trim()}\n${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
    rmSync(join(base, 'keys'), { recursive: true })
    env = { MASTER_KEY_FILE: file }
  })

  /** Key files after a change that came to its end. One that never began may leave a key that protects nothing. */
  const leftIn = (folder: string, isChanged: boolean): readonly string[] =>
    isChanged && from !== 'file' ? readdirSync(join(folder, 'keys')) : left

  /** Changes of the key before the one that is tested. */
  const earlier = from === 'passphrase' ? 1 : 0
  const startChange = (folder: string, ...args: string[]) => change(folder, env, to, ...args)

  test('leaves nothing of the old key, and opens everything', async () => {
    const folder = copyOf(base)
    const { counted } = await startChange(folder)
    expect(counted?.writes).toBeGreaterThan(5)
    expect(await expectInOrder(folder, env, earlier)).toBe(true)
    expect(await expectInOrder(folder, env, earlier)).toBe(true)
    expect(leftIn(folder, true)).toEqual(left)
  })

  // What a transaction leaves behind hardly depends on how the key is kept: `npm run nightly` takes every way.
  const whens = whensOf[`${from} to ${to}`] ?? (process.env.EVERY_KILL ? ['after'] : [])
  test.each(whens)('outlives a kill %s each of its transactions', { timeout: killsMs }, async (when) => {
    const { counted } = await startChange(copyOf(base))
    for (let number = 1; number <= (counted?.writes ?? 0); number++) {
      const folder = copyOf(base)
      expect({ number, ...(await startChange(folder, when, String(number))) }).toMatchObject({
        number,
        signal: 'SIGKILL',
      })
      const isChanged = await expectInOrder(folder, env, earlier)
      expect({ number, isChanged }).toEqual({ number, isChanged: when === 'after' || number > 1 })
      expect({ number, left: leftIn(folder, isChanged) }).toEqual({ number, left })
    }
  })

  test.skipIf(from === 'file')(
    'outlives a kill at each step with the key files',
    { timeout: killsMs },
    async () => {
      const { counted } = await startChange(copyOf(base))
      expect(counted?.steps).toBeGreaterThan(5)
      for (let number = 1; number <= (counted?.steps ?? 0); number++) {
        const folder = copyOf(base)
        expect({ number, ...(await startChange(folder, 'file', String(number))) }).toMatchObject({
          number,
          signal: 'SIGKILL',
        })
        const isChanged = await expectInOrder(folder, env, earlier)
        expect({ number, left: leftIn(folder, isChanged) }).toEqual({ number, left })
      }
    },
  )
})
