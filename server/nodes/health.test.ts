import { describe, expect, test } from 'vitest'
import { errors, type ErrorCode, toProblem } from '../../contract/errors.ts'
import { isBlocking, toHealth } from './health.ts'

const calm = { critical: 0, high: 0, warning: 0, info: 0 }
const seen = '2026-03-01T12:00:00.000Z'

type Seen = Parameters<typeof toHealth>[0]
const health = (given: Partial<Seen>) =>
  toHealth({ paused: false, lastSeenAt: seen, lastProblem: null, findings: calm, ...given })

describe('a node is', () => {
  test.each<[health: string, when: string, given: Partial<Seen>]>([
    ['unknown', 'nobody has been there yet', { lastSeenAt: null }],
    ['ok', 'nothing is found', {}],
    ['ok', 'there are only remarks', { findings: { ...calm, info: 3 } }],
    ['findings', 'something needs a person', { findings: { ...calm, warning: 1 } }],
    ['unreachable', 'it does not answer', { lastProblem: toProblem('ssh.connection_timeout') }],
    ['unreachable', 'it never answered', { lastSeenAt: null, lastProblem: toProblem('ssh.dns_not_found') }],
    ['blocked', 'its host key is not confirmed', { lastProblem: toProblem('ssh.host_key_unknown') }],
    ['blocked', 'it refuses the login', { lastProblem: toProblem('ssh.auth_failed') }],
    [
      'paused',
      'somebody paused it, whatever else is wrong',
      { paused: true, lastProblem: toProblem('ssh.auth_failed'), findings: { ...calm, critical: 1 } },
    ],
  ])('%s when %s', (expected, _when, given) => {
    expect(health(given)).toBe(expected)
  })
})

test('what may pass by itself does not wait for a person', () => {
  const passing: ErrorCode[] = [
    'ssh.connection_timeout',
    'ssh.dns_temporary',
    'ssh.link_lost',
    'ssh.server_busy',
  ]
  expect(passing.filter(isBlocking)).toEqual([])
  expect((Object.keys(errors) as ErrorCode[]).filter(isBlocking)).toContain('ssh.host_key_changed')
})
