import { expect, test } from 'vitest'
import { problemOf } from './openssh-askpass.ts'

test.each([
  ["root@10.0.0.9's password: ", 0, null],
  ['(root@10.0.0.9) Password: ', 0, null],
  ['(root@10.0.0.9) Passwort: ', 0, null],
  ['(root@10.0.0.9) Password: ', 1, 'ssh.auth_failed'],
  ['(root@10.0.0.9) Verification code: ', 0, 'ssh.auth_partial'],
  ["(root@10.0.0.9) One-time password (OATH) for `root': ", 1, 'ssh.auth_partial'],
  ['(root@10.0.0.9) Current password: ', 1, 'ssh.password_expired'],
  ['(root@10.0.0.9) New password: ', 1, 'ssh.password_expired'],
])('%j after %d answers: %s', (question, answersBefore, problem) => {
  expect(problemOf(question, answersBefore)).toBe(problem)
})
