import { expect, test } from 'vitest'
import { toSudoers } from './sudoers.ts'

test('exactly the commands of the manifest are allowed, with exactly their arguments', () => {
  const sudo = [
    { why: '', argv: ['dmesg'] },
    { why: '', argv: ['sshd', '-T', '-C', 'user=root,host=localhost,addr=127.0.0.1'] },
  ]
  expect(toSudoers('system-health', sudo, 'anna')).toBe(
    [
      'Cmnd_Alias CARL_ANNA_SYSTEM_HEALTH = \\',
      '  /usr/bin/dmesg "", \\',
      '  /usr/sbin/sshd -T -C user\\=root\\,host\\=localhost\\,addr\\=127.0.0.1',
      'anna ALL=(root) NOPASSWD: CARL_ANNA_SYSTEM_HEALTH',
      '',
    ].join('\n'),
  )
})

test('an agent that asks for nothing gets no file', () => {
  expect(toSudoers('quiet', [])).toBe('')
})

test.each([
  ['a line break', ['cat', 'a\nroot ALL=(ALL) NOPASSWD: ALL']],
  ['a program that is a rule', ['ALL, /bin/sh', '-c']],
  ['a control character', ['cat', 'a\u001b[2J']],
])('%s cannot smuggle a rule in', (_, argv) => {
  expect(toSudoers('hostile', [{ why: '', argv }])).toBe('')
})

test('wildcards mean themselves', () => {
  expect(toSudoers('a', [{ why: '', argv: ['ls', '/mnt/*', 'a b'] }])).toContain('/usr/bin/ls /mnt/\\* a\\ b')
})
