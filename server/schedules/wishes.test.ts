import { expect, test } from 'vitest'
import { scheduleId } from '../../contract/ids.ts'
import { readWishes } from './wishes.ts'

const schedule = { id: scheduleId.parse('sch_01kb0000000000000000000001'), name: 'Morning' }

const cases: [name: string, given: Record<string, unknown>, wanted: object][] = [
  [
    'an address, as the simplest document has it',
    { webhook: 'https://discord.com/api/webhooks/1/x' },
    { addresses: ['https://discord.com/api/webhooks/1/x'], channels: [], unknown: [] },
  ],
  ['channels by name', { channels: ['Phone', 'Mail'] }, { channels: ['Phone', 'Mail'], addresses: [] }],
  ['one channel', { channel: 'Phone' }, { channels: ['Phone'] }],
  ['only what it names', { channel: 'Phone', on: 'run.failed' }, { kinds: new Set(['run.failed']) }],
  [
    'the same address twice',
    { webhooks: ['https://a.lan', 'https://a.lan'] },
    { addresses: ['https://a.lan'] },
  ],
  ['what is no address', { webhook: 'file:///etc/passwd' }, { addresses: [], unknown: ['webhook'] }],
  ['what nobody knows', { pager: 'x', on: ['flood'] }, { unknown: ['pager', 'on: flood'] }],
  ['what is of another shape', { webhook: { url: 'x' } }, { addresses: [] }],
]

test.each(cases)('%s', (_, given, wanted) => {
  expect(readWishes(schedule, given)).toMatchObject(wanted)
})

test('people hear how it ended and what it found, unless they say otherwise', () => {
  const { kinds } = readWishes(schedule, { channel: 'Phone' })
  expect(kinds).toContain('run.succeeded')
  expect(kinds).toContain('finding.new')
  expect(kinds).not.toContain('run.started')
})
