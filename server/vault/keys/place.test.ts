import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { judgeKeyPlace, lookAtKeyPlace, type PlaceFacts, sourceOf } from './place.ts'

const elsewhere: PlaceFacts = {
  source: 'file',
  mode: 0o600,
  isInDataFolder: false,
  isOnSameDisk: false,
  isMounted: false,
}

test.each([
  ['a file of its own elsewhere', elsewhere, []],
  ['a file on the disk of the data', { ...elsewhere, isOnSameDisk: true }, ['same-disk']],
  ['a file in the data folder', { ...elsewhere, isOnSameDisk: true, isInDataFolder: true }, ['beside-data']],
  ['a file that a group may read', { ...elsewhere, mode: 0o640 }, ['readable-by-others']],
  [
    'an open file in the data folder',
    { ...elsewhere, mode: 0o644, isInDataFolder: true },
    ['readable-by-others', 'beside-data'],
  ],
  ['a Docker secret, readable by all there', { ...elsewhere, mode: 0o444, isMounted: true }, []],
  [
    'a mounted file that all may change',
    { ...elsewhere, mode: 0o666, isMounted: true },
    ['readable-by-others'],
  ],
  ['a command', { ...elsewhere, source: 'command', mode: null }, []],
  ['a key closed with a passphrase', { ...elsewhere, source: 'passphrase', isInDataFolder: true }, []],
  [
    'an open file with a closed key',
    { ...elsewhere, source: 'passphrase', isInDataFolder: true, mode: 0o644 },
    ['readable-by-others'],
  ],
] satisfies [string, PlaceFacts, string[]][])('%s is judged', (_, facts, concerns) => {
  expect(judgeKeyPlace(facts)).toEqual(concerns)
})

test('a real file is looked at', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'carl-place-'))
  onTestFinished(() => rmSync(dataFolder, { recursive: true }))
  const sources = { file: null, command: null, dataFolder, startsSealed: false }
  expect(sourceOf(sources)).toBeNull()
  mkdirSync(join(dataFolder, 'keys'))
  const file = join(dataFolder, 'keys', 'master.key')
  writeFileSync(file, 'x', { mode: 0o600 })
  expect(sourceOf(sources)).toBe('generated')
  expect(lookAtKeyPlace(sources, 'generated')).toEqual(['beside-data'])
  chmodSync(file, 0o604)
  expect(lookAtKeyPlace(sources, 'generated')).toEqual(['readable-by-others', 'beside-data'])
  writeFileSync(join(dataFolder, 'keys', 'passphrase.json'), '{}')
  expect(sourceOf(sources)).toBe('passphrase')
  expect(sourceOf({ ...sources, command: 'pass' })).toBe('command')
  // Beside the folder, on the same disk.
  const beside = `${dataFolder}.key`
  writeFileSync(beside, 'x', { mode: 0o600 })
  onTestFinished(() => rmSync(beside))
  expect(lookAtKeyPlace({ ...sources, file: beside }, 'file')).toEqual(['same-disk'])
})
