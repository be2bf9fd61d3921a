import { expect, test } from 'vitest'
import { toKey } from './lines.ts'
import { chooseStrategy, type KeyFile, type KeyPlaces } from './strategy.ts'

const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOld carl'
const key = toKey(line)
const file = (path: string, more: Partial<KeyFile> = {}): KeyFile => ({
  path,
  canWrite: true,
  text: `${line}\n`,
  sum: '1:2',
  ...more,
})
const places = (more: Partial<KeyPlaces>): KeyPlaces => ({
  isUnraid: false,
  isTrueNas: false,
  isRoot: true,
  user: 'root',
  files: [],
  ...more,
})
const home = file('/root/.ssh/authorized_keys')
const stick = file('/boot/config/ssh/root/authorized_keys')

test.each<[string, KeyPlaces | null, string, RegExp | null]>([
  ['a usual file', places({ files: [home] }), 'file', null],
  [
    'the one of two files that lets us in',
    places({ files: [file('/a', { canWrite: false, text: '' }), home] }),
    'file',
    null,
  ],
  ['Unraid with its flash drive', places({ isUnraid: true, files: [home, stick] }), 'unraid', null],
  ['Unraid whose folder is a link to it', places({ isUnraid: true, files: [stick] }), 'unraid', null],
  ['Unraid in memory alone', places({ isUnraid: true, files: [home] }), 'manual', /flash drive/],
  ['TrueNAS, whatever its files say', places({ isTrueNas: true, files: [home] }), 'truenas', null],
  [
    'a file of somebody else',
    places({ files: [file('/etc/ssh/keys', { canWrite: false })] }),
    'manual',
    /may not write/,
  ],
  [
    'a key that is in no file',
    places({ files: [file('/root/.ssh/authorized_keys', { text: '' })] }),
    'manual',
    /AuthorizedKeysFile/,
  ],
  ['a forced command', null, 'manual', /forced command/],
])('%s', (_name, given, strategy, why) => {
  const choice = chooseStrategy(given, key)
  expect(choice.strategy).toBe(strategy)
  expect(choice.why ?? 'nobody has to').toMatch(why ?? /^nobody has to$/)
})
