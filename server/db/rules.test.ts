import { describe, expect, test } from 'vitest'
import { isTooOld } from './dialects.ts'
import { judgeRoom } from './disk-guard.ts'
import { judgeFileSystem } from './file-system.ts'

const mib = 1_048_576
const gib = 1_024 * mib

test.each([
  ['3.51.3', false],
  ['3.51.2', true],
  ['3.54.1', false],
  ['3.9.9', true],
  ['4.0', false],
  ['3.51', true],
])('SQLite %s too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected)
})

describe('room on the disk', () => {
  test.each([
    ['half free', 100 * gib, 50 * gib, 'ok'],
    ['16 % free', 100 * gib, 16 * gib, 'ok'],
    ['14 % free', 100 * gib, 14 * gib, 'low'],
    ['4 % free', 100 * gib, 4 * gib, 'full'],
    ['6 % but less than 500 MiB free', 8 * gib, 490 * mib, 'full'],
    ['a large disk with 3 % free', 4_000 * gib, 120 * gib, 'ok'],
    ['a large disk with 50 GiB free', 4_000 * gib, 50 * gib, 'low'],
    ['a large disk with 10 GiB free', 4_000 * gib, 10 * gib, 'full'],
    ['60 MiB free', 100 * gib, 60 * mib, 'critical'],
    ['nothing free', 100 * gib, 0, 'critical'],
    ['a small memory disk, nearly empty', 400 * mib, 390 * mib, 'ok'],
    ['a small memory disk, more than half full', 400 * mib, 190 * mib, 'full'],
  ] as const)('%s', (_, total, free, expected) => {
    expect(judgeRoom({ total, free })).toBe(expected)
  })
})

describe('file systems', () => {
  const mounts = [
    '22 1 254:0 / / rw - ext4 /dev/vda rw',
    '30 22 0:50 / /mnt/user rw - fuse.shfs shfs rw',
    '31 22 0:51 / /mnt/remote\\040disk rw - fuse.sshfs host:/ rw',
    '32 31 254:9 / /mnt/remote\\040disk/local rw - ext4 /dev/vdb rw',
  ].join('\n')
  const fuse = 0x65735546
  test.each([
    ['ext4', 0xef53, '/data', null],
    ['NFS', 0x6969, '/data', 'NFS'],
    ['a Windows share', 0xfe534d42, '/data', 'SMB2'],
    ['a Windows share, as a 32-bit system says it', 0xff534d42 | 0, '/data', 'CIFS'],
    ['9p', 0x01021997, '/data', '9p'],
    ['a user share of Unraid', fuse, '/mnt/user/appdata', null],
    ['sshfs', fuse, '/mnt/remote disk/data', 'fuse.sshfs'],
    ['a local disk mounted below sshfs', 0xef53, '/mnt/remote disk/local/data', null],
    ['a neighbour whose name begins the same', fuse, '/mnt/remote disks', null],
  ])('%s', (_, magic, path, expected) => {
    expect(judgeFileSystem({ magic, mounts, path })).toBe(expected)
  })
})
