import { expect, test } from 'vitest'
import { boundsOf, defaults, readDraft, readDrafts, toDrafts } from './general-rules.ts'

test.each([
  ['a number', 'maxExecutions', ' 12 ', { value: 12 }],
  ['a number with a comma', 'sessionIdleHours', '0,5', { value: 0.5 }],
  ['no number', 'maxExecutions', 'many', { problem: { kind: 'number' } }],
  ['nothing', 'maxExecutions', '', { problem: { kind: 'number' } }],
  ['half an execution', 'maxExecutions', '1.5', { problem: { kind: 'integer' } }],
  ['more than allowed', 'maxExecutions', '201', { problem: { kind: 'range', least: 1, most: 200 } }],
  [
    'networks, one per line',
    'allowedNetworks',
    '10.0.0.0/8\n\n fd00::/8 ',
    { value: ['10.0.0.0/8', 'fd00::/8'] },
  ],
  ['one address', 'allowedNetworks', '192.168.1.4', { value: ['192.168.1.4'] }],
  [
    'a line that is no network',
    'allowedNetworks',
    '10.0.0.0/8\nmy lan',
    { problem: { kind: 'network', line: 'my lan' } },
  ],
  [
    'too many networks',
    'allowedNetworks',
    '10.0.0.0/8\n'.repeat(101),
    { problem: { kind: 'most', count: 100 } },
  ],
] as const)('%s', (_, name, draft, wanted) => {
  expect(readDraft(name, draft)).toEqual(wanted)
})

test('only what differs is sent, so that two people can change different settings', () => {
  const drafts = { ...toDrafts(defaults), retentionDays: '60', maxExecutions: '30' }
  expect(readDrafts(drafts, defaults)).toEqual({
    changes: { retentionDays: 60 },
    problems: {},
    changed: ['retentionDays'],
  })
})

test('what is wrong counts as changed, and is not sent', () => {
  const drafts = { ...toDrafts(defaults), retentionDays: 'x' }
  expect(readDrafts(drafts, defaults)).toMatchObject({ changes: {}, changed: ['retentionDays'] })
})

test('bounds are those of the contract', () => {
  expect(boundsOf('logsMaxMib')).toEqual({ least: 64, most: 1_048_576 })
})
