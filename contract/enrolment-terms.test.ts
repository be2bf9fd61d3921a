import { expect, test } from 'vitest'
import { isPlainFrom, isPlainUser } from './enrolment-terms.ts'

test.each([
  ['carl', true],
  ['_svc-1', true],
  ['Carl', false],
  ['', false],
  ['$(reboot)', false],
  ['-rf', false],
  ['a/b', false],
  ['a'.repeat(33), false],
])('%s as a user name: %s', (name, isPlain) => {
  expect(isPlainUser(name)).toBe(isPlain)
})

test.each([
  ['', true],
  ['10.0.0.0/8,fd00::/8,*.lan', true],
  ['10.0.0.1 ', false],
  ["x'", false],
  ['10.0.0.1"', false],
  ['10.0.0.1\n', false],
])('"%s" as an address to come from: %s', (from, isPlain) => {
  expect(isPlainFrom(from)).toBe(isPlain)
})
