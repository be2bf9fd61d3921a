import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { asRoot, finderCommand, type Remains, startFailureOf } from './finder.ts'

const remains = (overrides: Partial<Remains>): Remains => ({
  exitCode: 1,
  stderr: '',
  noise: '',
  ...overrides,
})

test.each([
  [
    { stderr: 'CARL-NOPYTHON|Linux x86_64|alpine 3.20|1000\n', exitCode: 96 },
    'launch.no_python',
    /alpine 3.20, Linux x86_64/,
  ],
  [
    { stderr: 'CARL-NOPYTHON /usr/bin/python3:97|Linux x86_64|debian 10|0\n', exitCode: 96 },
    'launch.python_too_old',
    /only \/usr\/bin\/python3 on debian 10/,
  ],
  [
    { stderr: 'CARL-NOPYTHON /usr/bin/python:2|FreeBSD amd64||0\n', exitCode: 96 },
    'launch.no_python',
    /FreeBSD/,
  ],
  [{ stderr: 'CARL-TAMPERED\n', exitCode: 3 }, 'launch.tampered', /checksum/],
  [
    { stderr: 'WARNING: Your password has expired.\nPassword change required but no TTY available.' },
    'ssh.password_expired',
    /no TTY/,
  ],
  [{ noise: 'This account is currently not available.' }, 'ssh.login_disabled', /not available/],
  [{ stderr: 'sudo: a password is required' }, 'sudo.password_required', /required/],
  [
    { stderr: 'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt' },
    'sudo.password_wrong',
    /incorrect/,
  ],
  [{ stderr: 'sudo: sorry, you must have a tty to run sudo' }, 'sudo.tty_required', /tty/],
  [{ stderr: 'sh: 1: exec: sudo: not found', exitCode: 127 }, 'sudo.missing', /sudo/],
  [{ stderr: 'carl is not in the sudoers file.' }, 'sudo.not_allowed', /sudoers/],
  [{ stderr: 'OSError: [Errno 28] No space left on device' }, 'launch.node_disk_full', /space/],
  [{ exitCode: null, noise: 'still booting' }, 'launch.no_hello', /nothing in time.*still booting/],
  [{ exitCode: 7 }, 'launch.no_hello', /status 7, and printed nothing/],
] satisfies [Partial<Remains>, string, RegExp][])('%j is %s', (given, code, detail) => {
  expect(startFailureOf(remains(given))).toEqual({ code, detail: expect.stringMatching(detail) })
})

describe('the command', () => {
  test('holds nothing inside its quotes that a login shell takes for its own', () => {
    const finder = finderCommand('exe_1', '/usr/bin/python3.12')
    for (const command of [finder, asRoot(finder, false), asRoot(finder, true)]) {
      for (const [, inside] of command.matchAll(/'([^']*)'/g)) expect(inside).not.toMatch(/[\\!\n]/)
    }
  })

  test.each([
    ['a run id', () => finderCommand('exe 1; reboot', null)],
    ['an empty run id', () => finderCommand('', null)],
  ])('is not made from %s that is none', (_, make) => {
    expect(make).toThrow('not a run id')
  })

  test('leaves out a hint that is no path', () => {
    expect(finderCommand('exe_1', '/usr/bin/python3;reboot')).toBe(finderCommand('exe_1', null))
  })

  test.each([[false], [true]])(
    'as root passes its words on unchanged (with a password: %j)',
    (withPassword) => {
      const command = asRoot('printf "%s|" one "two words" "\\$3"', withPassword)
      const wanted = process.getuid?.() === 0
      // Only root can try it out without being asked for a password.
      const said = wanted
        ? execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: 'pipe' })
        : 'one|two words|$3|'
      expect(said).toBe('one|two words|$3|')
    },
  )
})
