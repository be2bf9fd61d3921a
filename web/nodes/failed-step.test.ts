import { expect, test } from 'vitest'
import { errors } from '../../contract/errors.ts'
import { failedStep } from './failed-step.ts'

test.each([
  ['ssh.dns_not_found', 'resolve'],
  ['ssh.address_not_allowed', 'address'],
  ['ssh.connection_refused', 'tcp'],
  ['ssh.not_ssh', 'banner'],
  ['ssh.no_common_algorithm', 'algorithms'],
  ['ssh.host_key_changed', 'host-key'],
  ['ssh.auth_failed', 'auth'],
  ['credential.quarantined', 'auth'],
  ['ssh.login_disabled', 'shell'],
  ['launch.no_python', 'python'],
  ['launch.clock_off', 'clock'],
  ['node.not_found', null],
])('%s shows at the step %s', (code, step) => {
  expect(failedStep(code)).toBe(step)
})

test('whatever can go wrong on the way to a node has a step', () => {
  const onTheWay = Object.keys(errors).filter((code) => /^(ssh|launch|sudo)\./.test(code))
  expect(onTheWay.filter((code) => failedStep(code) === null)).toEqual([])
})
