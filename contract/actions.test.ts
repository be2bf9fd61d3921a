import { describe, expect, test } from 'vitest'
import {
  actionOrder,
  type ActionOrder,
  isDestructive,
  nameToType,
  objectOf,
  reversibilityOf,
  riskOf,
  undoneBy,
} from './actions.ts'

const hex = 'a'.repeat(64)
const id = `sha256:${hex}`
const removeImage = {
  type: 'docker.image.remove',
  target: { id },
  args: {},
  precondition: { tags: [], digests: [] },
}
const removeVolume = {
  type: 'docker.volume.remove',
  target: { name: 'pgdata' },
  args: { aside: true, keepDays: 7 },
  precondition: { createdAt: '2026-01-01T00:00:00Z', driver: 'local', isAnonymous: false },
}
const removeContainer = {
  type: 'docker.container.remove',
  target: { id: hex, name: 'web' },
  args: { aside: true, keepDays: 7 },
  precondition: { state: 'exited', finishedAt: '2026-01-01T00:00:00Z', image: id },
}
const removeFile = {
  type: 'file.remove',
  target: { path: '/var/log/access.log.1' },
  args: { aside: true, keepDays: 7 },
  precondition: { device: 1, inode: 2, bytes: 3, mtimeNs: '1795330000123456789' },
}
const startSelfTest = {
  type: 'smart.selftest.start',
  target: { device: '/dev/sda', serial: 'WD-CA1B2C3D' },
  args: { kind: 'short' },
  precondition: {},
}
const startScrub = {
  type: 'zfs.scrub.start',
  target: { pool: 'tank', guid: '11233445566778899001' },
  args: {},
  precondition: {},
}
const startCheck = {
  type: 'md.check.start',
  target: { array: 'md127' },
  args: {},
  precondition: { level: 'raid6', members: 6 },
}
const order = (value: object) => actionOrder.parse(value)

test.each([removeImage, removeVolume, removeContainer, removeFile, startSelfTest, startScrub, startCheck])(
  'takes $type as it is',
  (value) => {
    expect(order(value)).toEqual(value)
  },
)

describe('is no action of the catalogue:', () => {
  test.each<[string, object]>([
    ['an unknown kind', { ...removeImage, type: 'shell.run' }],
    ['a kind of an object of every object', { ...removeImage, type: 'constructor' }],
    ['a further field', { ...removeImage, force: true }],
    ['a further field of the target', { ...removeImage, target: { id, force: true } }],
    ['a further argument', { ...removeImage, args: { noprune: true } }],
    ['a short id', { ...removeImage, target: { id: 'sha256:abc' } }],
    ['a tag in place of an id', { ...removeImage, target: { id: 'nginx:latest' } }],
    ['a glob', { ...removeVolume, target: { name: 'pg*' } }],
    ['a way out of a name', { ...removeVolume, target: { name: '../containers/x?force=1' } }],
    ['an option in place of a name', { ...removeVolume, target: { name: '-f' } }],
    [
      'a volume of another driver',
      { ...removeVolume, precondition: { ...removeVolume.precondition, driver: 'nfs' } },
    ],
    [
      'a running container',
      { ...removeContainer, precondition: { ...removeContainer.precondition, state: 'running' } },
    ],
    [
      'cache without an id',
      { type: 'docker.buildcache.prune', target: { ids: [] }, args: {}, precondition: {} },
    ],
    ['a path that goes up', { ...removeFile, target: { path: '/var/log/../../etc/passwd' } }],
    ['a path from here', { ...removeFile, target: { path: 'access.log' } }],
    ['the root', { ...removeFile, target: { path: '/' } }],
    ['a path with an empty part', { ...removeFile, target: { path: '/var//log' } }],
    ['a path with a line break', { ...removeFile, target: { path: '/var/a\nb' } }],
    ['a path that turns round', { ...removeFile, target: { path: '/var/\u202egol.a' } }],
    ['a path with half a character', { ...removeFile, target: { path: '/var/\ud800' } }],
    ['an inode below nothing', { ...removeFile, precondition: { ...removeFile.precondition, inode: -1 } }],
    ['a time that is none', { ...removeFile, precondition: { ...removeFile.precondition, mtimeNs: '1e9' } }],
    ['a drive that is an option', { ...startSelfTest, target: { device: '-s', serial: 'x' } }],
    ['a drive outside of /dev', { ...startSelfTest, target: { device: '/dev/x/../../etc', serial: 'x' } }],
    ['a drive without a serial number', { ...startSelfTest, target: { device: '/dev/sda', serial: '' } }],
    ['a self-test of another kind', { ...startSelfTest, args: { kind: 'offline' } }],
    ['a pool that is an option', { ...startScrub, target: { pool: '-s', guid: '1' } }],
    ['a pool by its name alone', { ...startScrub, target: { pool: 'tank' } }],
    ['an array that leads elsewhere', { ...startCheck, target: { array: 'md0/../../sda' } }],
    ['keeping for ever', { ...removeFile, args: { aside: true, keepDays: 100_000 } }],
  ])('%s', (_, value) => {
    expect(actionOrder.safeParse(value).success).toBe(false)
  })
})

const tagged = { ...removeImage, precondition: { tags: ['nginx:1'], digests: ['nginx@sha256:1'] } }
const ownBuild = { ...removeImage, precondition: { tags: ['mine:1'], digests: [] } }
const atOnce = { aside: false, keepDays: 7 }

test.each<[string, object, risk: string, back: string, destructive: boolean, name: string | null]>([
  ['a dangling image', removeImage, 'low', 'no', false, null],
  ['an image that can be pulled', tagged, 'medium', 'repull', false, null],
  ['an image that was built here', ownBuild, 'medium', 'no', true, null],
  ['a container set aside', removeContainer, 'low', 'yes', false, null],
  ['a container at once', { ...removeContainer, args: atOnce }, 'medium', 'no', true, null],
  ['a named volume, even set aside', removeVolume, 'critical', 'yes', true, 'pgdata'],
  [
    'an anonymous volume',
    { ...removeVolume, args: atOnce, precondition: { ...removeVolume.precondition, isAnonymous: true } },
    'high',
    'no',
    true,
    null,
  ],
  [
    'build cache',
    { type: 'docker.buildcache.prune', target: { ids: ['k3x9'] }, args: {}, precondition: {} },
    'low',
    'rebuild',
    false,
    null,
  ],
  ['a file set aside', removeFile, 'medium', 'yes', false, null],
  ['a self-test', startSelfTest, 'low', 'ends', false, null],
  ['a scrub', startScrub, 'low', 'ends', false, null],
  ['a check of an array', startCheck, 'low', 'ends', false, null],
  ['a file at once', { ...removeFile, args: atOnce }, 'high', 'no', true, null],
])('%s is judged by what it is, whatever a node says', (_, value, risk, back, destructive, name) => {
  const judged: ActionOrder = order(value)
  expect([riskOf(judged), reversibilityOf(judged), isDestructive(judged), nameToType(judged)]).toEqual([
    risk,
    back,
    destructive,
    name,
  ])
})

test('what is restored is the object that was removed', () => {
  const restore = order({
    type: 'docker.container.restore',
    target: { id: hex, name: 'web', asideName: 'carl-aside-web' },
    args: {},
    precondition: {},
  })
  expect(objectOf(restore)).toBe(objectOf(order(removeContainer)))
  expect(undoneBy('docker.container.remove')).toBe(restore.type)
  expect(undoneBy('docker.buildcache.prune')).toBeNull()
})
