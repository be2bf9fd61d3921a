import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canAddUsers, startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { smallDisk } from '../../testbed/small-disk.ts'
import { connect, newRunId, run, start } from '../../testbed/visits.ts'
import type { UserOptions } from '../../testbed/users.ts'
import { Secret } from '../lib/secret.ts'
import { untilGone } from '../../testbed/processes.ts'
import type { SshConnection } from './transport.ts'

let sshd: TestSshd
const connections: SshConnection[] = []
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  await sshd.stop()
})

async function connectAs(options: UserOptions) {
  const user = sshd.addUser(options)
  const connection = await connect(sshd, { username: user.username })
  connections.push(connection)
  return { user, connection }
}

/** Busybox is a shell when it is called by the name of one. */
function ash(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'carl-ash-')), 'ash')
  chmodSync(dirname(file), 0o755)
  symlinkSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), file)
  return file
}

const whoAmI = 'import os\nprint(os.geteuid())'

describe.runIf(canAddUsers)('a user whose login shell', () => {
  test.each([
    ['is bash', { loginShell: '/bin/bash' }],
    ['is dash', { loginShell: '/bin/dash' }],
    ['is fish', { loginShell: '/usr/bin/fish' }],
    ['is tcsh', { loginShell: '/bin/tcsh' }],
    ['is the ash of busybox', { loginShell: ash() }],
    [
      'prints in .bashrc',
      {
        loginShell: '/bin/bash',
        files: { '.bashrc': 'echo Welcome to the machine\nprintf "%s" "no line feed"\n' },
      },
    ],
    [
      'prints errors in .bashrc',
      { loginShell: '/bin/bash', files: { '.bashrc': 'no-such-command; ls /nowhere\n' } },
    ],
    ['sets a strange PATH', { loginShell: '/bin/bash', files: { '.bashrc': 'export PATH=/nowhere\n' } }],
  ] satisfies [string, UserOptions][])('%s runs agents as any other', async (_, options) => {
    const { user, connection } = await connectAs(options)
    const { stdout, end } = await run(connection, whoAmI)
    expect(stdout()).toBe(`${user.uid}\n`)
    expect(end).toMatchObject({ frame: { code: 0 } })
  })

  test.each([
    ['is nologin', { loginShell: '/usr/sbin/nologin' }, 'ssh.login_disabled', /currently not available/],
    [
      'leaves in .bashrc',
      { loginShell: '/bin/bash', files: { '.bashrc': 'echo go away; exit 3\n' } },
      'launch.no_hello',
      /exit status 3.*go away/,
    ],
    ['is false', { loginShell: '/bin/false' }, 'launch.no_hello', /exit status 1/],
  ] satisfies [string, UserOptions, string, RegExp][])(
    '%s is told apart, with what it said',
    async (_, options, code, words) => {
      const { connection } = await connectAs(options)
      await expect(start(connection, whoAmI)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(words),
      })
    },
  )
})

describe('a node whose Python', () => {
  const shims = (): string => {
    const folder = join(sshd.folder, `bin-${Math.random().toString(36).slice(2)}`)
    mkdirSync(folder)
    return folder
  }
  const shim = (folder: string, name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const names = ['python3', 'python', ...[14, 13, 12, 11, 10, 9, 8].map((minor) => `python3.${minor}`)]

  async function on(folder: string): Promise<SshConnection> {
    const node = await startSshd({ environment: { PATH: `${folder}:/usr/bin:/bin` } })
    const connection = await connect(node)
    void connection.closed.then(() => node.stop())
    connections.push(connection)
    return connection
  }

  test('is too old in front, but new enough beside, is found', async () => {
    const folder = shims()
    shim(folder, 'python3', 'exit 97')
    const { stdout, end } = await run(await on(folder), 'print("found")')
    expect([stdout(), end]).toMatchObject(['found\n', { frame: { code: 0 } }])
  })

  test('is Python 2, or no program at all, is passed over', async () => {
    const folder = shims()
    shim(folder, 'python3', 'exit 2')
    writeFileSync(join(folder, 'python3.14'), '\x7fELF broken', { mode: 0o755 })
    const { stdout } = await run(await on(folder), 'print("found")')
    expect(stdout()).toBe('found\n')
  })

  test('is everywhere too old is told so, with its names', async () => {
    const folder = shims()
    for (const name of names) shim(folder, name, 'exit 97')
    await expect(start(await on(folder), whoAmI)).rejects.toMatchObject({ code: 'launch.python_too_old' })
  })

  test('is not there is told so', async () => {
    const folder = shims()
    for (const name of names) shim(folder, name, 'exit 127')
    await expect(start(await on(folder), whoAmI)).rejects.toMatchObject({
      code: 'launch.no_python',
      message: expect.stringMatching(/Linux/),
    })
  })

  test('was found before is tried first', async () => {
    const folder = shims()
    shim(folder, 'python3', 'exec /usr/bin/python3 "$@"')
    const hint = join(folder, 'other-python')
    shim(folder, 'other-python', 'echo tried >&2; exec /usr/bin/python3 "$@"')
    const { visit, heard } = await start(await on(folder), 'import sys\nprint("hinted")', {
      pythonHint: hint,
    })
    expect(visit.hello.py).toMatch(/^3\./)
    await heard.ended
    expect(heard.stdout()).toBe('hinted\n')
  })
})

describe('a resumable run', () => {
  test.runIf(canAddUsers)('has no lease where no folder can be made, and says so', async () => {
    const { user, connection } = await connectAs({})
    const runId = newRunId()
    const taken = ['/dev/shm', '/tmp'].map((parent) => join(parent, `carl-${user.uid}-${runId}`))
    // Somebody else's file stands where each folder would be.
    for (const file of taken) writeFileSync(file, 'not yours')
    const { visit, heard } = await start(connection, 'import time\nprint("up", flush=True)\ntime.sleep(60)', {
      leaseS: 60,
      runId,
    })
    await heard.until('up')
    expect(visit.hello.dir).toBeNull()
    visit.detach()
    await untilGone(runId)
    for (const file of taken) rmSync(file)
  })

  test('works where nothing may be executed in its folder', async (context) => {
    const disk = await smallDisk(4, 'noexec')
    if (!disk) return context.skip('only root may mount a disk without exec')
    const node = await startSshd({ environment: { XDG_RUNTIME_DIR: disk.folder } })
    const connection = await connect(node)
    const { visit, heard } = await start(connection, 'print("up", flush=True)', { leaseS: 60 })
    expect(visit.hello.dir).toContain(disk.folder)
    expect(await heard.ended).toMatchObject({ kind: 'ended', frame: { code: 0 } })
    connection.close()
    await node.stop()
    await disk.close()
  })

  test('whose folder is full ends, and says why', async (context) => {
    const disk = await smallDisk(1)
    if (!disk) return context.skip('only root may mount a small disk')
    const node = await startSshd({ environment: { XDG_RUNTIME_DIR: disk.folder } })
    const connection = await connect(node)
    const { end, frames } = await run(
      connection,
      'import car, time\nfor number in range(4000):\n  car.event("tick", i=number, pad="x" * 500)\ntime.sleep(60)',
      { leaseS: 60 },
    )
    expect(end).toMatchObject({ kind: 'ended', frame: { why: 'full', left: [] } })
    expect(frames.length).toBeGreaterThan(1_000)
    connection.close()
    await node.stop()
    await disk.close()
  })
})

describe.runIf(canAddUsers)('with elevation to root', () => {
  test('the whole run is root, where sudo asks for nothing', async () => {
    const { connection } = await connectAs({ sudo: 'ALL=(ALL) NOPASSWD: ALL' })
    const { stdout, end } = await run(connection, whoAmI, { elevation: 'root' })
    expect([stdout(), end]).toMatchObject(['0\n', { frame: { code: 0, left: [] } }])
  })

  test.each(['/bin/sh', '/bin/bash', '/usr/bin/fish', '/bin/tcsh'])(
    'and where it asks for the password, in %s',
    async (loginShell) => {
      const { user, connection } = await connectAs({ loginShell, sudo: 'ALL=(ALL) ALL' })
      const { stdout, end, frames, noise } = await run(connection, whoAmI, {
        elevation: 'root',
        sudoPassword: user.password,
      })
      expect([stdout(), end]).toMatchObject(['0\n', { frame: { code: 0 } }])
      expect(JSON.stringify([frames, noise])).not.toContain(user.password.reveal())
    },
  )

  test.each(['use_pty', '!use_pty'])('and so it is with sudo set to %s', async (setting) => {
    const { connection } = await connectAs({ sudo: 'ALL=(ALL) NOPASSWD: ALL', sudoDefaults: setting })
    const { stdout, end } = await run(connection, `${whoAmI}\nprint("é\\0" * 3)`, { elevation: 'root' })
    expect([stdout(), end]).toMatchObject([`0\n${'é\0'.repeat(3)}\n`, { frame: { code: 0, left: [] } }])
  })

  test('sudo that insists on a terminal is told apart', async () => {
    const { connection } = await connectAs({ sudo: 'ALL=(ALL) NOPASSWD: ALL', sudoDefaults: 'requiretty' })
    await expect(start(connection, whoAmI, { elevation: 'root' })).rejects.toMatchObject({
      code: 'sudo.tty_required',
    })
  })

  test('a password that sudo does not want is not sent', async () => {
    const { user, connection } = await connectAs({ sudo: 'ALL=(ALL) NOPASSWD: ALL' })
    const { stdout } = await run(connection, whoAmI, { elevation: 'root', sudoPassword: user.password })
    expect(stdout()).toBe('0\n')
  })

  test('a login that is root already needs no sudo', async () => {
    const connection = await connect(sshd)
    connections.push(connection)
    const { stdout } = await run(connection, whoAmI, {
      elevation: 'root',
      sudoPassword: new Secret('unused'),
    })
    expect(stdout()).toBe('0\n')
  })

  test('a wrong password is told apart from a missing one, and from a missing right', async () => {
    const { connection } = await connectAs({ sudo: 'ALL=(ALL) ALL' })
    await expect(
      start(connection, whoAmI, { elevation: 'root', sudoPassword: new Secret('wrong') }),
    ).rejects.toMatchObject({
      code: 'sudo.password_wrong',
      // Once: some accounts are locked after three.
      message: expect.stringMatching(/1 incorrect password attempt/),
    })
    await expect(start(connection, whoAmI, { elevation: 'root' })).rejects.toMatchObject({
      code: 'sudo.password_required',
    })
    const { user, connection: other } = await connectAs({})
    await expect(
      start(other, whoAmI, { elevation: 'root', sudoPassword: user.password }),
    ).rejects.toMatchObject({ code: 'sudo.not_allowed' })
  })

  test('cancelling ends what runs as root, and a broken link does, too', async () => {
    const { connection } = await connectAs({ sudo: 'ALL=(ALL) NOPASSWD: ALL' })
    const source =
      'import subprocess\nsubprocess.Popen(["setsid", "sleep", "600"])\nprint("up", flush=True)\nimport time\ntime.sleep(600)'
    const first = await start(connection, source, { elevation: 'root' })
    await first.heard.until('up')
    first.visit.cancel()
    expect(await first.heard.ended).toMatchObject({ frame: { why: 'cancel', left: [] } })
    await untilGone(first.runId)

    const second = await start(connection, source, { elevation: 'root' })
    await second.heard.until('up')
    sshd.killSessions()
    expect(await second.heard.ended).toEqual({ kind: 'link-lost' })
    await untilGone(second.runId)
  })
})
