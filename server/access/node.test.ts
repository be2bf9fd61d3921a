import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { toSudoers } from '../../contract/sudoers.ts'
import { canAddUsers, startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { connect, launchTools, listen, run, start } from '../../testbed/visits.ts'
import { systemClock } from '../lib/clock.ts'
import { Secret } from '../lib/secret.ts'
import { ask } from '../ssh/ask.ts'
import { packModules } from '../ssh/bundle-payload.ts'
import { createDoctor } from '../ssh/doctor.ts'
import { attach } from '../ssh/launch.ts'
import { sweep } from '../ssh/sweep.ts'
import type { SshConnection, SshTarget } from '../ssh/transport.ts'
import { accessFactsOf } from '../nodes/access-facts.ts'
import { type BlockOrder, blockOf, keyLines, removalOf } from './block.ts'
import { gradeOf } from './grade.ts'

/** The agents of these tests: one is granted, the other is not. */
const granted =
  'import os, car\nprint("uid", os.getuid(), os.environ.get("CARL_RUN_ID", ""))\ncar.event("seen", n=1)\n'
const another = 'print("never to be seen")\n'
const waits = 'import time\nprint("waiting", flush=True)\nwhile True: time.sleep(0.1)\n'
const packed = (source: string) => packModules([{ name: 'agent', source: Buffer.from(source) }])
const allow = (name: string, source: string) => ({ name, sha256: packed(source).sha256 })

/** Pastes a block as a person does: into a shell of root. */
function paste(text: string): string {
  const { status, stdout, stderr } = spawnSync('sh', { input: text, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** All the block leaves on a machine, with the times of its files. */
function traces({ username }: BlockOrder): string[] {
  const folder = `/usr/local/lib/carl/${username}`
  const files = [
    ...['gate', 'gate.py', 'allowed', 'made-user'].map((name) => `${folder}/${name}`),
    `/etc/sudoers.d/${username}`,
    `/var/lib/${username}/.ssh/authorized_keys`,
  ].filter((file) => existsSync(file))
  return files.map((file) => {
    const { mode, uid, mtimeNs } = statSync(file, { bigint: true })
    return `${file} ${mode.toString(8)} ${uid === 0n ? 'root' : 'user'} ${mtimeNs}`
  })
}

const userExists = (name: string) => spawnSync('id', [name]).status === 0
const keysOf = ({ username }: BlockOrder) =>
  readFileSync(`/var/lib/${username}/.ssh/authorized_keys`, 'utf8').trim().split('\n')

describe.runIf(canAddUsers)('a node that was opened by the block', () => {
  let sshd: TestSshd
  let order: BlockOrder
  const open: SshConnection[] = []

  beforeAll(async () => {
    sshd = await startSshd({
      // Those of the users themselves, with all the checks that sshd makes of them.
      config: ['AuthorizedKeysFile .ssh/authorized_keys', 'StrictModes yes'],
    })
    const [type = '', blob = ''] = sshd.clientPublicKey.split(' ')
    order = {
      username: `carl-${randomBytes(4).toString('hex')}`,
      keys: [{ type, blob, comment: 'carl@cre_01hzxk3v9q8r7s6t5w4y3x2z1a' }],
      from: '127.0.0.1',
      isJump: false,
      asRoot: false,
      sudoers: '',
      bundles: [allow('granted 1.0.0', granted), allow('waits 1.0.0', waits)],
    }
    paste(blockOf(order))
  })

  afterAll(async () => {
    for (const connection of open) connection.close()
    await sshd?.stop()
    spawnSync('sh', { input: removalOf(order) })
  })

  async function enter(transport: 'builtin' | 'openssh' = 'builtin') {
    const connection = await connect(sshd, { username: order.username, transport })
    open.push(connection)
    return connection
  }

  const question = (connection: SshConnection, command: string, stdin = '') =>
    ask(
      connection,
      { command, stdin },
      { clock: systemClock, signal: new AbortController().signal, withinMs: 10_000 },
    )

  describe.each(['builtin', 'openssh'] as const)('by the %s transport', (transport) => {
    test('runs what is granted, marked with its run from the first moment', async () => {
      const { stdout, said, end } = await run(await enter(transport), granted)
      expect(stdout()).toMatch(/^uid \d+ exe_/)
      expect(said('seen')).toEqual([{ n: 1 }])
      expect(end).toMatchObject({ kind: 'ended', frame: { code: 0, left: [] } })
    })

    test('lets a run go on without us, be joined again, stopped and forgotten', async () => {
      const connection = await enter(transport)
      const { visit, heard, runId } = await start(connection, waits, { leaseS: 30 })
      await heard.until('waiting')
      visit.detach()
      const back = { runId, after: 0, elevation: 'none', sudoPassword: null, pythonHint: null } as const
      const again = await attach(connection, back, launchTools)
      const rest = listen(again)
      again.cancel()
      expect(await rest.ended).toMatchObject({ kind: 'ended', frame: { why: 'cancel', left: [] } })
      void again.ack()
    })

    test('refuses an agent that is not granted, though the server asks for it', async () => {
      await expect(run(await enter(transport), another)).rejects.toMatchObject({
        code: 'launch.gate_refused',
        message: expect.stringContaining('does not allow this agent'),
      })
    })
  })

  test('is swept through the gate', async () => {
    const connection = await enter()
    const { heard, runId } = await start(connection, waits, { leaseS: 30 })
    await heard.until('waiting')
    const how = { elevation: 'none', sudoPassword: null, pythonHint: null } as const
    expect(await sweep(connection, { runIds: [runId], ...how }, launchTools)).toMatchObject({ left: [] })
  })

  test('refuses a granted agent whose bytes were altered, whatever sum is claimed for it', async () => {
    const { payload, sha256 } = packed(granted)
    const altered = packed(granted.replace('seen', 'sold')).payload
    const connection = await enter()
    await expect(start(connection, '', { payload: { payload: altered, sha256 } })).rejects.toMatchObject({
      code: 'launch.tampered',
    })
    expect(payload.equals(altered)).toBe(false)
  })

  test.each([
    ['a shell command', 'id'],
    ['a shell', ''],
    ['a command behind the way we start things', `exec /bin/sh -c 'CARL_RUN_ID=x; id'`],
    ['a file of the node', 'cat /etc/passwd'],
    ['what scp asks for', 'scp -t /tmp'],
    ['a question of the doctor with another word', 'exec sh -s abc; id'],
  ])('starts nothing for %s', async (_, command) => {
    const { exitCode, stdout, stderr } = await question(await enter(), command)
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 77, stdout: '', stderr: 'CARL-GATE command\n' })
  })

  test('starts no other program, though it is asked for as ours are', async () => {
    const connection = await enter()
    const hello = await question(connection, 'exec sh -s abc', 'id\n')
    expect(hello).toMatchObject({ exitCode: 77, stdout: '', stderr: 'CARL-GATE program\n' })
  })

  test('forwards no port and gives no terminal', async () => {
    const connection = await enter()
    await expect(connection.forward('127.0.0.1', sshd.port)).rejects.toMatchObject({
      code: 'ssh.jump_failed',
    })
    const key = ['-i', join(sshd.folder, 'client'), '-p', String(sshd.port)]
    const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-F', 'none']
    const { stdout, stderr } = spawnSync('ssh', ['-tt', ...key, ...known, `${order.username}@127.0.0.1`], {
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
    expect(stderr).toContain('PTY allocation request failed')
  })

  test('tells the connection doctor what it needs, and is graded A', async () => {
    const connection = await enter()
    const inspect = () => Promise.resolve({ steps: [], offeredHostKey: null, connection })
    const report = await createDoctor({ inspect, clock: systemClock }).examine({} as SshTarget, {
      elevation: 'none',
      pythonHint: null,
      withSudoPassword: (use) => use(null),
      signal: new AbortController().signal,
    })
    expect(report.steps.filter(({ state }) => state === 'failed')).toEqual([])
    const facts = accessFactsOf(report.probe as never, { kind: 'key', publicKey: sshd.clientPublicKey })
    expect(facts).toMatchObject({
      user: order.username,
      isRoot: false,
      isForced: true,
      startsUs: true,
      sudo: 'none',
      seenFrom: '127.0.0.1',
      bundles: order.bundles,
    })
    const grants = { isAll: false, behind: [], beyond: [], hasSudoPassword: false }
    expect(gradeOf(facts, grants)).toEqual({ grade: 'A', reasons: [] })
  })

  test('stays as it is when the block is pasted again', () => {
    const before = traces(order)
    expect(paste(blockOf(order))).toBe('Done: Carl may start this here: granted 1.0.0, waits 1.0.0.\n')
    expect(traces(order)).toEqual(before)
    expect(keysOf(order)).toEqual([...keyLines(order)])
  })

  test('follows a block with other grants, and keeps the keys of others', async () => {
    const foreign = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB ann'
    execFileSync('su', ['-s', '/bin/sh', order.username, '-c', `echo '${foreign}' >>~/.ssh/authorized_keys`])
    const changed = { ...order, from: '127.0.0.1,::1', bundles: [allow('another 2.0.0', another)] }
    paste(blockOf(changed))
    expect(keysOf(order)).toEqual([foreign, ...keyLines(changed)])
    const connection = await enter()
    expect((await run(connection, another)).stdout()).toBe('never to be seen\n')
    await expect(run(connection, granted)).rejects.toMatchObject({ code: 'launch.gate_refused' })
    paste(blockOf(order))
    expect(keysOf(order)).toEqual([foreign, ...keyLines(order)])
  })

  test('lets the next key in beside the one in force, while it is renewed', () => {
    const next = { ...order.keys[0]!, blob: `${order.keys[0]!.blob.slice(0, -4)}AAAA` }
    const renewed = { ...order, keys: [...order.keys, next] }
    paste(blockOf(renewed))
    expect(keysOf(order)).toEqual(expect.arrayContaining(keyLines(renewed)))
    paste(blockOf(order))
    expect(keysOf(order)).not.toContain(keyLines(renewed)[1])
  })

  test('lets nobody in from another address', async () => {
    paste(blockOf({ ...order, from: '192.0.2.1' }))
    await expect(enter()).rejects.toMatchObject({ code: 'ssh.auth_failed' })
    paste(blockOf(order))
  })

  test('belongs to root where it decides, so that the user cannot change what it lets through', () => {
    for (const name of ['', '/gate', '/gate.py', '/allowed']) {
      const { uid, mode } = statSync(`/usr/local/lib/carl/${order.username}${name}`)
      expect({ uid, writable: mode & 0o022 }).toEqual({ uid: 0, writable: 0 })
    }
  })
})

describe.runIf(canAddUsers)('rights of root on a node that was opened by the block', () => {
  let sshd: TestSshd
  let connection: SshConnection | null = null
  let base: BlockOrder
  const rootly = 'import os\nprint(os.geteuid())\n'
  const viaSudo =
    'import subprocess\nfor argv in (["true"], ["id", "-u"]):\n  print(subprocess.run(["sudo", "-n", "--"] + argv, stdout=-1, stderr=-3).stdout)\n'

  beforeAll(async () => {
    sshd = await startSshd({ config: ['AuthorizedKeysFile .ssh/authorized_keys', 'StrictModes yes'] })
    const [type = '', blob = ''] = sshd.clientPublicKey.split(' ')
    base = {
      username: `carl-${randomBytes(4).toString('hex')}`,
      keys: [{ type, blob, comment: 'carl@cre_01hzxk3v9q8r7s6t5w4y3x2z1a' }],
      from: '',
      isJump: false,
      asRoot: false,
      sudoers: '',
      bundles: [allow('rootly 1.0.0', rootly), allow('via-sudo 1.0.0', viaSudo)],
    }
  })
  afterEach(() => {
    connection?.close()
    spawnSync('sh', { input: removalOf(base) })
  })
  afterAll(() => sshd?.stop())

  async function pasted(order: BlockOrder): Promise<SshConnection> {
    paste(blockOf(order))
    connection = await connect(sshd, { username: order.username })
    return connection
  }

  test('are those of the whole agent where that is wanted, and of nothing else', async () => {
    const connection = await pasted({ ...base, asRoot: true })
    const asRoot = { elevation: 'root' } as const
    expect((await run(connection, rootly, asRoot)).stdout()).toBe('0\n')
    expect((await run(connection, rootly)).stdout()).not.toBe('0\n')
    await expect(run(connection, another, asRoot)).rejects.toMatchObject({ code: 'launch.gate_refused' })
    // Through sudo the user gets to the gate, and no further.
    expect((await run(connection, viaSudo)).stdout()).toBe("b''\nb''\n")
  })

  test('need no password where one is stored all the same', async () => {
    const connection = await pasted({ ...base, asRoot: true })
    const order = { elevation: 'root', sudoPassword: new Secret('stored for another node') } as const
    expect((await run(connection, rootly, order)).stdout()).toBe('0\n')
  })

  test('are single commands where those are wanted', async () => {
    const sudoers = toSudoers('via-sudo', [{ why: '', argv: ['id', '-u'] }], base.username)
    const connection = await pasted({ ...base, sudoers })
    expect((await run(connection, viaSudo)).stdout()).toBe("b''\nb'0\\n'\n")
    await expect(run(connection, rootly, { elevation: 'root' })).rejects.toMatchObject({
      code: 'sudo.password_required',
    })
  })

  test('are taken away by a block without them', async () => {
    const sudoers = toSudoers('via-sudo', [{ why: '', argv: ['id', '-u'] }], base.username)
    paste(blockOf({ ...base, sudoers }))
    expect(existsSync(`/etc/sudoers.d/${base.username}`)).toBe(true)
    paste(blockOf(base))
    expect(existsSync(`/etc/sudoers.d/${base.username}`)).toBe(false)
  })

  test('are not written with a mistake in them: the block stops, and says so', () => {
    const { status, stdout, stderr } = spawnSync('sh', {
      input: blockOf({ ...base, sudoers: 'this is no rule\n' }),
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    expect(`${stdout}${stderr}`).toMatch(/syntax error/)
    expect(existsSync(`/etc/sudoers.d/${base.username}`)).toBe(false)
  })
})

describe.runIf(canAddUsers)('the line that undoes the block', () => {
  const order: BlockOrder = {
    username: `carl-${randomBytes(4).toString('hex')}`,
    keys: [
      {
        type: 'ssh-ed25519',
        blob: 'AAAAC3NzaC1lZDI1NTE5AAAAIPx0yQ2sG0bD1Qn7Xn8m0i8u3u0oRrXb1mU4E0p6b6aC',
        comment: 'carl@cre_01hzxk3v9q8r7s6t5w4y3x2z1a',
      },
    ],
    from: '',
    isJump: false,
    asRoot: true,
    sudoers: '',
    bundles: [],
  }

  test('leaves nothing of it', () => {
    paste(blockOf(order))
    expect(userExists(order.username)).toBe(true)
    expect(traces(order)).toHaveLength(6)
    expect(removalOf(order)).not.toContain('\n')
    paste(removalOf(order))
    expect(userExists(order.username)).toBe(false)
    expect(traces(order)).toEqual([])
    expect(existsSync(`/usr/local/lib/carl/${order.username}`)).toBe(false)
    expect(existsSync(`/var/lib/${order.username}`)).toBe(false)
    // A second time there is nothing to do, and nothing to complain about.
    expect(spawnSync('sh', { input: removalOf(order) }).status).toBe(0)
  })

  test('leaves a user who was there before, with every other key', () => {
    const home = `/var/lib/${order.username}`
    execFileSync('useradd', ['--create-home', '--home-dir', home, '--no-log-init', order.username])
    try {
      execFileSync('su', [
        '-s',
        '/bin/sh',
        order.username,
        '-c',
        'mkdir -m 700 ~/.ssh; echo hers >~/.ssh/authorized_keys',
      ])
      paste(blockOf(order))
      expect(keysOf(order)).toEqual(['hers', ...keyLines(order)])
      paste(removalOf(order))
      expect(keysOf(order)).toEqual(['hers'])
      expect(traces(order)).toEqual([expect.stringContaining('.ssh/authorized_keys')])
    } finally {
      execFileSync('userdel', ['--force', '--remove', order.username], { stdio: 'pipe' })
    }
  })
})
