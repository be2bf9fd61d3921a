import { expect, test } from 'vitest'
import { retryDelayMs } from './retry.ts'

test.each([
  ['ssh.dns_temporary', [1_000, 4_000, null]],
  ['ssh.connection_refused', [1_000, 4_000, null]],
  ['ssh.host_unreachable', [1_000, 4_000, null]],
  ['ssh.connection_timeout', [1_000, 4_000, null]],
  ['ssh.connection_reset', [1_000, 4_000, null]],
  ['ssh.handshake_timeout', [1_000, 4_000, null]],
  ['ssh.jump_failed', [1_000, 4_000, null]],
  ['ssh.server_busy', [20_000, 80_000, null]],
] as const)('%s may pass, so it is tried three times', (code, delays) => {
  expect([1, 2, 3].map((attempt) => retryDelayMs(code, attempt, 0.5))).toEqual(delays)
})

test.each([
  'ssh.auth_failed',
  'ssh.auth_partial',
  'ssh.host_key_unknown',
  'ssh.host_key_changed',
  'ssh.address_not_allowed',
  'ssh.dns_not_found',
  'ssh.no_common_algorithm',
  'ssh.not_ssh',
  'ssh.password_expired',
  'ssh.connection_budget',
  'ssh.link_lost',
  'key.unrecognised',
  'vault.damaged',
] as const)('%s is never tried again', (code) => {
  expect(retryDelayMs(code, 1, 0.5)).toBeNull()
})

test('nodes that failed together come back apart: half as late to half as late again', () => {
  expect([0, 1].map((random) => retryDelayMs('ssh.connection_refused', 1, random))).toEqual([500, 1_500])
})
