import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { createDoctor, type Inspection } from './doctor.ts'
import { fine, skipped } from './doctor-steps.ts'
import type { SshConnection, SshTarget } from './transport.ts'

let home = ''
const children = new Set<ChildProcess>()
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  rmSync(home, { recursive: true })
})

/** Runs commands as an SSH server does: by the login shell, with `-c`. The shells are real, only the network is not. */
function loginThrough(
  shell: readonly string[],
  { path = process.env.PATH ?? '' } = {},
): SshConnection & { closes: number } {
  const hostKey = { type: 'ssh-ed25519', key: '', fingerprint: '' }
  const [program = '', ...args] = shell
  return {
    address: '127.0.0.1',
    hostKey,
    closed: new Promise(() => {}),
    isOpen: true,
    closes: 0,
    close() {
      this.closes++
    },
    forward: () => Promise.reject(fail('ssh.jump_failed')),
    exec: async (command) => {
      // Bash reads .bashrc without a terminal when it believes that SSH has started it.
      const env = { HOME: home, PATH: path, SHELL: program, SSH_CLIENT: '127.0.0.1 1 22' }
      const child = spawn(program, [...args, '-c', command], { env, cwd: home, detached: true })
      children.add(child)
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        ended: new Promise((end) => child.once('close', (code, signal) => end({ code, signal }))),
        close: () => {
          if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
        },
      }
    },
  }
}

interface Case {
  elevation?: 'none' | 'commands' | 'root'
  password?: string
  clock?: Clock
  signal?: AbortSignal
}

const target = {} as SshTarget
const reached = [fine('resolve', ''), fine('auth', '')]

function examine(
  connection: SshConnection | null,
  { elevation = 'none', password, clock = systemClock, signal }: Case = {},
) {
  const inspection: Inspection = { steps: reached, offeredHostKey: null, connection }
  return createDoctor({ inspect: () => Promise.resolve(inspection), clock }).examine(target, {
    elevation,
    pythonHint: null,
    withSudoPassword: (use) => use(password ? new Secret(password) : null),
    signal: signal ?? new AbortController().signal,
  })
}

type Report = Awaited<ReturnType<typeof examine>>
const stepOf = (report: Report, name: string) => report.steps.find(({ step }) => step === name)
const states = ({ steps }: Report) => Object.fromEntries(steps.map(({ step, state }) => [step, state]))

/** A folder for PATH that holds programs of the system by name, and scripts of our own. */
function programs(names: readonly string[], scripts: Record<string, string> = {}): string {
  const folder = join(home, 'bin')
  mkdirSync(folder)
  for (const name of names)
    writeFileSync(join(folder, name), `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 })
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return folder
}

describe('the connection doctor', () => {
  test.each([
    ['bash', ['/bin/bash']],
    ['dash', ['/bin/dash']],
    ['busybox ash', ['/bin/busybox', 'ash']],
    ['fish', ['/usr/bin/fish']],
    ['tcsh', ['/usr/bin/tcsh']],
  ])('finds everything in order through %s', async (_name, shell) => {
    const connection = loginThrough(shell)
    const report = await examine(connection)
    expect(states(report)).toEqual({
      resolve: 'ok',
      auth: 'ok',
      shell: 'ok',
      python: 'ok',
      'scratch-folder': 'ok',
      sudo: 'skipped',
      disk: 'ok',
      clock: 'ok',
    })
    expect(report).toMatchObject({ ok: true, nodeId: null })
    expect(report.platform).toMatchObject({
      uid: String(process.getuid?.()),
      kernel: expect.stringMatching(/^Linux /),
      python: expect.stringMatching(/^3\.\d+\.\d+$/),
      pythonPath: expect.stringMatching(/^\//),
      os: expect.stringMatching(/^\w+$/),
      arch: expect.any(String),
    })
    expect(connection.closes).toBe(1)
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('carl-doctor-'))).toEqual([])
  })

  test('a greeting in .bashrc is a warning that names it, and disturbs nothing else', async () => {
    writeFileSync(join(home, '.bashrc'), 'echo "Welcome to nas"; printf "no line feed"; echo careful >&2\n')
    const report = await examine(loginThrough(['/bin/bash']))
    expect(stepOf(report, 'shell')).toMatchObject({ state: 'warning', problem: { code: 'ssh.login_noisy' } })
    expect(stepOf(report, 'shell')?.detail).toContain('Welcome to nas no line feed careful')
    expect(stepOf(report, 'python')?.state).toBe('ok')
    expect(report.ok).toBe(true)
  })

  test('a login script that leaves is told with its last words', async () => {
    writeFileSync(join(home, '.bashrc'), 'echo "closed for today"; exit 7\n')
    const report = await examine(loginThrough(['/bin/bash']))
    expect(stepOf(report, 'shell')).toMatchObject({ state: 'failed', problem: { code: 'launch.no_hello' } })
    expect(stepOf(report, 'shell')?.detail).toMatch(/exit status 7.*closed for today/)
    expect(stepOf(report, 'python')).toMatchObject({ state: 'skipped', detail: 'Not reached.' })
    expect(report.ok).toBe(false)
  })

  test('a user without a login shell is told how to get one', async () => {
    const report = await examine(loginThrough(['/usr/sbin/nologin']))
    expect(stepOf(report, 'shell')?.problem?.code).toBe('ssh.login_disabled')
  })

  test('a login that never gets to the command is given up in time', async () => {
    writeFileSync(join(home, '.bashrc'), 'sleep 1000\n')
    const clock = createFakeClock()
    const pending = examine(loginThrough(['/bin/bash']), { clock })
    await clock.untilWaiting()
    await clock.advance(20_000)
    expect(stepOf(await pending, 'shell')).toMatchObject({
      state: 'failed',
      problem: { code: 'launch.no_hello' },
    })
  })

  test('a clock that is off is told by how much', async () => {
    const clock = createFakeClock({ startsAt: new Date(Date.now() + 3 * 3_600_000) })
    const report = await examine(loginThrough(['/bin/sh']), { clock })
    expect(stepOf(report, 'clock')).toMatchObject({
      state: 'warning',
      detail: 'The clock of the node is 3 h behind.',
    })
  })

  describe('with sudo, for a user who is not root', () => {
    const tools = ['uname', 'df', 'tail', 'tr', 'mkdir', 'rmdir', 'sh', 'true', 'python3']
    const asUser = { id: 'case $1 in -un) echo carl;; *) echo 1000;; esac' }

    test.each([
      ['no password is needed', 'shift; exec "$@"', undefined, 'ok', null],
      [
        'a password is needed and none is stored',
        'echo "sudo: a password is required" >&2; exit 1',
        undefined,
        'failed',
        'sudo.password_required',
      ],
      [
        'a terminal is needed',
        'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1',
        'secret',
        'failed',
        'sudo.tty_required',
      ],
      [
        'the stored password fits',
        'printf %s "$3" >&2; read -r given; [ "$given" = secret ] || exit 1; shift 3; exec "$@"',
        'secret',
        'ok',
        null,
      ],
      [
        'the stored password is wrong',
        'printf %s "$3" >&2; read -r given; echo "Sorry, try again." >&2; printf %s "$3" >&2; read -r given && echo TWICE >&2; echo "sudo: 1 incorrect password attempt" >&2; exit 1',
        'wrong',
        'failed',
        'sudo.password_wrong',
      ],
    ])('%s', async (_what, sudo, password, state, code) => {
      const path = programs(tools, { ...asUser, sudo })
      const report = await examine(loginThrough(['/bin/sh'], { path }), {
        elevation: 'root',
        ...(password !== undefined && { password }),
      })
      const step = stepOf(report, 'sudo')
      expect([step?.state, step?.problem?.code ?? null]).toEqual([state, code])
      expect(JSON.stringify(report)).not.toMatch(/secret|TWICE|CARL-SUDO/)
    })

    test('single commands are asked for by the list, which tells more than trying', async () => {
      const sudo = '[ "$*" = "-n -l" ] || exit 1; echo "(root) NOPASSWD: /usr/sbin/smartctl"'
      const path = programs(tools, { ...asUser, sudo })
      const report = await examine(loginThrough(['/bin/sh'], { path }), { elevation: 'commands' })
      expect(stepOf(report, 'sudo')).toMatchObject({ state: 'ok' })
      expect(stepOf(report, 'sudo')?.detail).toContain('some commands')
      expect(report.platform).toMatchObject({ uid: '1000', user: 'carl', sudo: 'yes' })
    })
  })

  test('root needs no sudo', async () => {
    const path = programs(['uname', 'df', 'tail', 'tr', 'mkdir', 'rmdir', 'sh', 'true', 'python3'], {
      id: 'echo 0',
    })
    const report = await examine(loginThrough(['/bin/sh'], { path }), { elevation: 'root' })
    expect(stepOf(report, 'sudo')).toMatchObject({ state: 'ok', detail: 'The login is root already.' })
  })

  test('a node that was not reached has the rest of the steps skipped', async () => {
    const report = await examine(null)
    expect(report.steps.slice(2)).toEqual(
      ['shell', 'python', 'scratch-folder', 'sudo', 'disk', 'clock'].map((step) => skipped(step as 'shell')),
    )
    expect(report.platform).toEqual({})
  })

  test('a link that breaks in the middle is what that step saw', async () => {
    const connection = loginThrough(['/bin/sh'])
    const { exec } = connection
    let commands = 0
    connection.exec = (command) => (++commands === 2 ? Promise.reject(fail('ssh.link_lost')) : exec(command))
    const report = await examine(connection)
    expect(stepOf(report, 'python')?.problem?.code).toBe('ssh.link_lost')
    expect(stepOf(report, 'shell')?.state).toBe('ok')
    expect(connection.closes).toBe(1)
  })

  test('being called off rejects, ends the command and closes the connection', async () => {
    writeFileSync(join(home, '.bashrc'), 'sleep 1000\n')
    const stop = new AbortController()
    const clock = createFakeClock()
    const connection = loginThrough(['/bin/bash'])
    const pending = examine(connection, { clock, signal: stop.signal })
    await clock.untilWaiting()
    stop.abort(new Error('no longer wanted'))
    await expect(pending).rejects.toThrow('no longer wanted')
    expect(connection.closes).toBe(1)
    expect(clock.waiting()).toBe(0)
  })
})
