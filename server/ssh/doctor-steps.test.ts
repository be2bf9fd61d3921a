import { describe, expect, test } from 'vitest'
import { judgeClock, judgeDisks, judgeScratch, judgeShell, judgeSudo } from './doctor-steps.ts'

const mib = 1_048_576

describe('what the doctor makes of what it sees', () => {
  test.each([
    ['a clean shell', judgeShell('/bin/bash', '', 80), 'ok', null, '/bin/bash cleanly'],
    [
      'a login that greets',
      judgeShell('/bin/bash', 'Welcome!', 80),
      'warning',
      'ssh.login_noisy',
      '8 characters: “Welcome!”',
    ],
    ['a slow login', judgeShell('/bin/bash', '', 8_200), 'warning', 'ssh.login_slow', 'only after 8.2 s'],
    ['a place for runs', judgeScratch('/dev/shm'), 'ok', null, '/dev/shm is writable'],
    ['no place for runs', judgeScratch(undefined), 'warning', 'launch.no_scratch_folder', 'Neither'],
    [
      'room on every disk',
      judgeDisks([{ place: '/tmp', freeBytes: 5 * 2 ** 30 }]),
      'ok',
      null,
      '/tmp has 5.0 GiB free.',
    ],
    [
      'the fuller of two disks',
      judgeDisks([
        { place: '/root', freeBytes: 5 * 2 ** 30 },
        { place: '/tmp', freeBytes: 50 * mib },
      ]),
      'warning',
      'launch.node_disk_full',
      '/tmp has 50 MiB free.',
    ],
    [
      'a full disk',
      judgeDisks([{ place: '/tmp', freeBytes: 0 }]),
      'failed',
      'launch.node_disk_full',
      '0 MiB',
    ],
    ['unknown disks', judgeDisks([]), 'skipped', null, 'does not tell'],
    ['clocks 30 s apart', judgeClock(1_030_000, 1_000_000), 'ok', null, 'agree'],
    ['a clock 31 s ahead', judgeClock(1_031_000, 1_000_000), 'warning', 'launch.clock_off', '31 s ahead'],
    ['a clock 10 min behind', judgeClock(400_000, 1_000_000), 'warning', 'launch.clock_off', '10 min behind'],
    [
      'a clock without battery',
      judgeClock(0, 1_764_000_000_000),
      'warning',
      'launch.clock_off',
      '20417 days behind',
    ],
    ['no clock', judgeClock(null, 0), 'skipped', null, 'did not tell'],
  ])('%s', (_what, step, state, code, detail) => {
    expect(step.state).toBe(state)
    expect(step.problem?.code ?? null).toBe(code)
    expect(step.detail).toContain(detail)
  })

  const sudo = (elevation: 'commands' | 'root', exitCode: number | null, said: string) =>
    judgeSudo({ elevation, exitCode, said, ms: 1 })

  test.each([
    ['everything allowed', sudo('commands', 0, '(root) NOPASSWD: ALL'), 'ok', null],
    ['some commands allowed', sudo('commands', 0, '(root) NOPASSWD: /usr/sbin/smartctl'), 'ok', null],
    ['root allowed', sudo('root', 0, ''), 'ok', null],
    [
      'a password wanted',
      sudo('root', 1, 'sudo: a password is required'),
      'failed',
      'sudo.password_required',
    ],
    [
      'a password wanted for commands',
      sudo('commands', 1, 'sudo: a password is required'),
      'warning',
      'sudo.password_required',
    ],
    [
      'a wrong password',
      sudo('root', 1, 'Sorry, try again.\nsudo: 1 incorrect password attempt'),
      'failed',
      'sudo.password_wrong',
    ],
    [
      'a terminal wanted',
      sudo('root', 1, 'sudo: sorry, you must have a tty to run sudo'),
      'failed',
      'sudo.tty_required',
    ],
    ['no sudo', sudo('root', 127, 'sh: 1: exec: sudo: not found'), 'failed', 'sudo.missing'],
    ['no sudo for commands', sudo('commands', 127, 'sudo: not found'), 'warning', 'sudo.missing'],
    ['not in sudoers', sudo('root', 1, 'carl is not in the sudoers file.'), 'failed', 'sudo.not_allowed'],
    [
      'may not run sudo',
      sudo('commands', 1, 'Sorry, user carl may not run sudo on nas.'),
      'warning',
      'sudo.not_allowed',
    ],
    ['anything else', sudo('root', 1, 'sudo: unable to do that'), 'failed', 'sudo.not_allowed'],
    ['no answer in time', sudo('root', null, ''), 'failed', 'sudo.not_allowed'],
  ])('sudo: %s', (_what, step, state, code) => {
    expect([step.state, step.problem?.code ?? null]).toEqual([state, code])
  })

  test('a wall of text in a greeting is shortened and cannot steer a terminal', () => {
    const { detail } = judgeShell('/bin/sh', `\u001b]0;owned\u0007${'x'.repeat(9_000)}`, 10)
    expect(detail).not.toMatch(/\p{Cc}/u)
    expect(detail.length).toBeLessThan(200)
  })
})
