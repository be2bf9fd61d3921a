import { beforeAll, describe, expect, test } from 'vitest'
import { loadRestOfMessages } from '../../lib/messages.ts'
import { sampleFacts } from './sample-facts.ts'
import { factOf } from './fact-of.ts'
import { flatten, matchingLeaves } from './flat-facts.ts'
import { hasKeyFacts, toKeyFacts } from './key-facts.ts'

beforeAll(loadRestOfMessages)

describe('the key facts', () => {
  test('are those that people ask for', () => {
    expect(toKeyFacts(sampleFacts)).toMatchObject({
      disks: [
        { mount: '/', used: 12_710_000_000, total: 31_000_000_000, percent: 41 },
        { mount: '/mnt/nfs', used: null, percent: null, state: 'hangs' },
      ],
      memory: { used: 6_400_000_000, total: 16_700_000_000, percent: 38 },
      swap: null,
      cpu: { count: 4, busy: 12, load: [0.42, 0.31, 0.28] },
      system: { name: 'debian 12', kernel: '6.1.0-31-amd64', arch: 'x86_64' },
      ports: ['tcp/22', 'tcp/80'],
      services: { failed: ['backup.service'], running: 42 },
      updates: { pending: 12, security: 4, restart: true },
      hottest: { name: 'coretemp Core 0', celsius: 71 },
    })
  })

  test.each([
    ['no facts', {}],
    ['facts of another agent', { images: [{ name: 'x' }] }],
    [
      'parts that are not what they should be',
      { disks: 'all', load: [], host: null, ports: 7, updates: 'no' },
    ],
    ['a disk without a name', { disks: [{ used: 1 }, null, 'x'] }],
    [
      'numbers that are none',
      { load: { memory: { total: '16 GB', available: null } }, host: { uptime_s: 'long' } },
    ],
  ])('are left out where there are %s', (_, facts) => {
    expect(hasKeyFacts(toKeyFacts(facts))).toBe(false)
  })

  test('a node that never asked for updates knows of none', () => {
    const { updates } = toKeyFacts({ updates: { upgradable: 0, security: 0, lists_age_d: null } })
    expect(updates).toEqual({ pending: null, security: 0, restart: false })
  })
})

describe('searching facts', () => {
  const leaves = flatten(sampleFacts)
  const found = (term: string) => matchingLeaves(leaves, term).map(({ path }) => path.join('.'))

  test('finds by the way to a value, with blanks for the marks between', () => {
    expect(found('swap total')).toEqual(['load.memory.swap_total'])
    expect(found('lists age')).toEqual(['updates.lists_age_d'])
  })

  test('finds by a value as the node wrote it', () => {
    expect(found('6.1.0-31')).toEqual(['host.kernel'])
  })

  test('finds by a value as it reads here', () => {
    expect(found('16.7 gb')).toEqual(['load.memory.total'])
  })

  test('counts places in lists from one, and names an empty list', () => {
    expect(found('tcp/80')).toEqual(['ports.external.2'])
    expect(leaves.find(({ path }) => path[0] === 'certs')).toMatchObject({ value: [] })
  })
})

test.each([
  ['disk.full', 'disks'],
  ['svc.failed', 'services'],
  ['upd.security', 'updates'],
  ['net.port_new', 'ports'],
  ['cert.expired', 'certs'],
  ['images.old', null],
  ['__proto__.x', null],
])('the finding %s comes from the facts %s', (rule, part) => {
  expect(factOf(rule, sampleFacts)).toBe(part)
})
