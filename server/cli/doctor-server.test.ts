import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testConfig } from '../../testbed/house.ts'
import { createHouse } from '../house.ts'
import { createLogger } from '../lib/logger.ts'
import { examineServer } from './doctor-server.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-doctor-'))
  const house = await createHouse(testConfig(folder), { logger: createLogger('silent') })
  await house.stop()
})
afterAll(() => rmSync(folder, { recursive: true }))

const masterKey = async (env: Record<string, string> = {}) =>
  (await examineServer(testConfig(folder, env))).find(({ step }) => step === 'master key')

test('a key beside the data is a warning, with the way out', async () => {
  expect(await masterKey()).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('beside the data'),
    fix: expect.stringContaining('carl rotate-key --to passphrase'),
  })
})

test('a key that others can read is a failure, with the command that mends it', async () => {
  const file = join(folder, 'keys', 'master.key')
  chmodSync(file, 0o644)
  expect(await masterKey()).toMatchObject({ state: 'failed', fix: `chmod 600 ${file}` })
  chmodSync(file, 0o600)
})

test('a key on the disk of the data is a warning', async () => {
  const file = `${folder}.key`
  writeFileSync(file, 'x', { mode: 0o600 })
  expect(await masterKey({ MASTER_KEY_FILE: file })).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('same file system'),
  })
  rmSync(file)
  expect(await masterKey({ MASTER_KEY_FILE: file })).toMatchObject({
    state: 'failed',
    detail: `${file} is missing.`,
  })
})

test('a key that a command gives is fine', async () => {
  expect(await masterKey({ MASTER_KEY_COMMAND: 'pass show carl' })).toMatchObject({ state: 'ok' })
})

test('a key that was lost is a failure', async () => {
  const lost = mkdtempSync(join(tmpdir(), 'carl-doctor-'))
  writeFileSync(join(lost, 'core.db'), '')
  const checks = await examineServer(testConfig(lost))
  expect(checks.find(({ step }) => step === 'master key')).toMatchObject({ state: 'failed' })
  rmSync(lost, { recursive: true })
})
