import { expect, test } from 'vitest'
import type { Gap } from '../../contract/agent-protocol.ts'
import { findChanges } from './changes.ts'

type Facts = Record<string, unknown>

const gb = 1_000_000_000
const disk = (mount: string, pct: number, over: Facts = {}): Facts => ({
  mount,
  fstype: 'ext4',
  source: '/dev/sda1',
  ro: false,
  state: 'ok',
  size: 105 * gb,
  used: pct * gb,
  avail: (100 - pct) * gb,
  pct,
  inodes_used: 1_000 * pct,
  inodes_pct: 1,
  ...over,
})

const textsOf = (before: Facts, after: Facts, gaps: { before?: Gap[]; after?: Gap[] } = {}): string[] =>
  findChanges({ facts: before, gaps: gaps.before ?? [] }, { facts: after, gaps: gaps.after ?? [] }).map(
    ({ text }) => text,
  )

test.each<[what: string, before: Facts, after: Facts, texts: string[]]>([
  [
    'a disk that grew',
    { disks: [disk('/var', 61)] },
    { disks: [disk('/var', 74)] },
    ['/var grew from 61 % to 74 % (+13 GB)'],
  ],
  [
    'a disk that shrank',
    { disks: [disk('/var', 74)] },
    { disks: [disk('/var', 61)] },
    ['/var shrank from 74 % to 61 % (−13 GB)'],
  ],
  [
    'less than a point and a gibibyte',
    { disks: [disk('/', 61)] },
    { disks: [disk('/', 61.9, { used: 61 * gb })] },
    [],
  ],
  [
    'a gibibyte on a huge disk',
    { disks: [disk('/', 61)] },
    { disks: [disk('/', 61, { used: 64 * gb })] },
    ['/ grew (+3 GB)'],
  ],
  [
    'a container that was made anew with a newer image, and nothing of what moves in every run',
    {
      engine: { total: 1, disk: { used: 1, avail: 2, pct: 3 } },
      containers: [{ id: 'a1', name: 'web', image: 'app:1', started: 5, restarts: 0, stats: { memory: 5 } }],
      reclaimable: { candidates: [1, 2] },
      projects: { shop: { up: ['web'] } },
    },
    {
      engine: { total: 9, disk: { used: 9, avail: 9, pct: 9 } },
      containers: [{ id: 'b2', name: 'web', image: 'app:2', started: 9, restarts: 4, stats: { memory: 9 } }],
      reclaimable: { candidates: [8, 9] },
      projects: { shop: { up: [] } },
    },
    ['Container web changed from app:1 to app:2', 'Container web was made anew'],
  ],
  [
    'disks in another order',
    { disks: [disk('/', 10), disk('/var', 61)] },
    { disks: [disk('/var', 61), disk('/', 10)] },
    [],
  ],
  [
    'a disk that was mounted, one that went',
    { disks: [disk('/', 10), disk('/mnt/old', 5)] },
    { disks: [disk('/', 10), disk('/mnt/usb', 5)] },
    ['/mnt/old is no longer mounted', '/mnt/usb was mounted (105 GB)'],
  ],
  [
    'a disk that became read-only',
    { disks: [disk('/', 10)] },
    { disks: [disk('/', 10, { ro: true })] },
    ['/ became read-only'],
  ],
  [
    'a disk that hangs',
    { disks: [disk('/mnt/nas', 10)] },
    {
      disks: [
        { mount: '/mnt/nas', fstype: 'ext4', source: '/dev/sda1', ro: false, state: 'hung', size: 105 * gb },
      ],
    },
    ['/mnt/nas changed from ok to hung'],
  ],
  [
    'ports',
    { ports: { listeners: [{ proto: 'tcp', port: 22, addr: '0.0.0.0' }], external: ['tcp/22', 'tcp/80'] } },
    { ports: { listeners: [], external: ['tcp/4444', 'tcp/22'] } },
    ['Port tcp/80 closed', 'Port tcp/4444 opened'],
  ],
  [
    'services',
    { services: { failed: ['a.service'], running: 40, restarts: { b: 1 } } },
    { services: { failed: ['b.service'], running: 41, restarts: { b: 9 } } },
    ['a.service no longer fails', 'b.service failed'],
  ],
  [
    'kernel, version and a restart',
    { host: { kernel: '6.1.0-12', os_version: '12', boot_id: 'a', uptime_s: 900 } },
    { host: { kernel: '6.12.0-3', os_version: '13', boot_id: 'b', uptime_s: 60 } },
    [
      'The node was restarted',
      'The system changed from 12 to 13',
      'The kernel changed from 6.1.0-12 to 6.12.0-3',
    ],
  ],
  [
    'updates',
    { updates: { upgradable: 3, security: 0, reboot: false, lists_age_d: 0.1, reboot_pkgs: null } },
    {
      updates: { upgradable: 12, security: 4, reboot: true, lists_age_d: 1.1, reboot_pkgs: ['linux-image'] },
    },
    [
      'A restart is now needed',
      'Security updates pending changed from 0 to 4',
      'Updates pending changed from 3 to 12',
      'Updates reboot pkgs: linux-image is new',
    ],
  ],
  [
    'a certificate that was renewed',
    {
      certs: [
        {
          where: '/etc/x.pem',
          subject: 'nas',
          not_before: 1_790_000_000,
          not_after: 1_800_000_000,
          days_left: 3,
        },
      ],
    },
    {
      certs: [
        {
          where: '/etc/x.pem',
          subject: 'nas',
          not_before: 1_795_000_000,
          not_after: 1_803_000_000,
          days_left: 90,
        },
      ],
    },
    ['The certificate at /etc/x.pem was renewed until 19 Feb 2027'],
  ],
  [
    'login keys',
    { keys: { '/root/.ssh/authorized_keys': 'aa' } },
    { keys: { '/root/.ssh/authorized_keys': 'bb' } },
    ['Login keys in /root/.ssh/authorized_keys changed'],
  ],
  [
    'SSH settings',
    { sshd: { permitrootlogin: 'no' } },
    { sshd: { permitrootlogin: 'yes' } },
    ['SSH setting permitrootlogin changed from no to yes'],
  ],
  [
    'memory that was added',
    { load: { memory: { total: 8 * gb, available: gb, pct: 80 }, cpu: { idle: 3 }, psi: { cpu: {} } } },
    { load: { memory: { total: 16 * gb, available: 9 * gb, pct: 40 }, cpu: { idle: 90 }, psi: {} } },
    ['Memory changed from 8 GB to 16 GB'],
  ],
  [
    'measurements of the moment',
    {
      time: { skew_s: 0.1, synced: true },
      thermal: [{ chip: 'k10', c: 41 }],
      auth: { failed: 3 },
      loadavg: [0.1, 0.2, 1],
    },
    {
      time: { skew_s: 0.4, synced: true },
      thermal: [{ chip: 'k10', c: 58 }],
      auth: { failed: 9 },
      loadavg: [3, 2, 1],
    },
    [],
  ],
  [
    'facts of an agent nobody knows',
    { garden: { beds: 3, wet: true, watered_at: 'yesterday', soil_temperature: 12.01 }, uptime: 7 },
    { garden: { beds: 4, wet: false, watered_at: 'today', soil_temperature: 12.02 }, uptime: 8 },
    ['Garden beds changed from 3 to 4', 'Garden wet changed from yes to no'],
  ],
  [
    'named entries of an agent nobody knows',
    {
      plants: [
        { name: 'rose', height: 10 },
        { name: 'fern', height: 3 },
      ],
    },
    {
      plants: [
        { name: 'fern', height: 3 },
        { name: 'rose', height: 12 },
        { name: 'oak', height: 1 },
      ],
    },
    ['Plants rose height changed from 10 to 12', 'Plants oak is new'],
  ],
  ['a fact that went', { city: 'Oslo' }, {}, ['City is gone: Oslo']],
  ['an empty list and none', { held: [] }, { held: null }, []],
  ['nothing', {}, {}, []],
])('%s', (_, before, after, texts) => {
  expect(textsOf(before, after)).toEqual(texts)
})

test('many comings of one kind are told in one sentence', () => {
  const ports = Array.from({ length: 9 }, (_, index) => `tcp/${9_000 + index}`)
  expect(textsOf({ ports: { external: [] } }, { ports: { external: ports } })).toEqual([
    '9 ports opened: tcp/9000, tcp/9001, tcp/9002, tcp/9003, tcp/9004 and 4 more',
  ])
})

const hidden: Gap = { what: 'ports', why: 'not allowed', remedy: null }

test('what this run could not see is not gone, what the last one could not see is not new', () => {
  const whole = { ports: { external: ['tcp/22', 'tcp/80'] } }
  const half = { ports: { external: ['tcp/22'] } }
  expect(textsOf(whole, half, { after: [hidden] })).toEqual([])
  expect(textsOf(half, whole, { before: [hidden] })).toEqual([])
  expect(textsOf(whole, {}, { after: [hidden] })).toEqual([])
})

test('a gap that is always there does not hide changes', () => {
  const gaps = { before: [hidden], after: [hidden] }
  expect(textsOf({ ports: { external: [] } }, { ports: { external: ['tcp/4444'] } }, gaps)).toEqual([
    'Port tcp/4444 opened',
  ])
})

test('at most a hundred changes, the most telling first, and the rest is counted', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`value${index}`, index]))
  const changes = findChanges(
    { facts: { many, host: { boot_id: 'a' } }, gaps: [] },
    {
      facts: {
        many: Object.fromEntries(Object.keys(many).map((name) => [name, -1])),
        host: { boot_id: 'b' },
      },
      gaps: [],
    },
  )
  expect(changes).toHaveLength(100)
  expect(changes[0]?.text).toBe('The node was restarted')
  expect(changes.at(-1)?.text).toBe('And 402 smaller changes')
})

test('names and values from a node stay single lines without control characters', () => {
  const evil = 'x\u001b[2J\n\u202e<script>'
  const changes = findChanges(
    { facts: { ports: { external: [] }, [evil]: evil, __proto__: { polluted: true } }, gaps: [] },
    { facts: { ports: { external: [evil] }, [evil]: `${evil}2` }, gaps: [] },
  )
  for (const { text } of changes) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(changes).toHaveLength(2)
})

test('values in a change are cut short, however large the facts are', () => {
  const large = {
    deep: { list: Array.from({ length: 10_000 }, (_, index) => ({ index, text: 'x'.repeat(50) })) },
  }
  const changes = findChanges({ facts: {}, gaps: [] }, { facts: { large }, gaps: [] })
  expect(JSON.stringify(changes).length).toBeLessThan(30_000)
})

/** Facts of about `megabytes`, all of it different between two seeds. */
const huge = (megabytes: number, seed: number): Facts => ({
  entries: Array.from({ length: megabytes * 8_000 }, (_, index) => ({
    name: `entry-${index}`,
    state: `state-${(index * seed) % 7}`,
    note: 'some sixty characters of text that a real agent might send..',
    values: [index, index + seed],
  })),
})

test('of four megabytes of facts that differ everywhere the first hundred changes are told', () => {
  const [before, after] = [huge(4, 1), huge(4, 2)]
  expect(JSON.stringify(after).length).toBeGreaterThan(4 * 2 ** 20)
  expect(findChanges({ facts: before, gaps: [] }, { facts: after, gaps: [] })).toHaveLength(100)
})

test('four megabytes of facts that are the same have no change', () => {
  expect(findChanges({ facts: huge(4, 1), gaps: [] }, { facts: huge(4, 1), gaps: [] })).toEqual([])
})
