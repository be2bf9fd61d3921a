import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Client } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createDoctor } from './doctor.ts'
import type { SshChannel, SshConnection, SshTarget } from './transport.ts'

/** A throw-away OpenSSH server on the loopback address, for the user who runs the test. */
const folder = mkdtempSync(join(tmpdir(), 'doctor-sshd-'))
const keys = ssh2.utils.generateKeyPairSync('ed25519')
let sshd: ChildProcess
let client: Client

beforeAll(async () => {
  const port = await freePort()
  const hostKeys = ssh2.utils.generateKeyPairSync('ed25519')
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write('host', hostKeys.private)
  write('keys', `${keys.public}\n`)
  write(
    'config',
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'keys')}`,
      `PidFile ${join(folder, 'pid')}`,
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
    ].join('\n'),
  )
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stderr = sshd.stderr
  if (!stderr) throw new Error('sshd has no standard error')
  for (let said = ''; !said.includes('Server listening'); ) said += String((await once(stderr, 'data'))[0])
  stderr.resume()

  const sock = connectSocket({ port, host: '127.0.0.1', noDelay: true })
  client = new ssh2.Client()
  client.connect({ sock, username: userInfo().username, privateKey: keys.private })
  await once(client, 'ready')
})

afterAll(async () => {
  client.end()
  const ended = once(sshd, 'close')
  sshd.kill()
  await ended
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Just enough of a connection for the doctor: commands. */
const connection: SshConnection = {
  address: '127.0.0.1',
  hostKey: { type: 'ssh-ed25519', key: '', fingerprint: '' },
  closed: new Promise(() => {}),
  isOpen: true,
  close: () => {},
  forward: () => Promise.reject(new Error('not here')),
  exec: (command) =>
    new Promise<SshChannel>((open, refuse) => {
      client.exec(command, (error, channel) => {
        if (error) return refuse(error)
        let how: { code: number | null; signal: string | null } = { code: null, signal: null }
        channel.on('exit', (code: number | null, signal: string | null = null) => {
          how = { code, signal }
        })
        const ended = new Promise<typeof how>((end) => channel.once('close', () => end(how)))
        open({ stdin: channel, stdout: channel, stderr: channel.stderr, ended, close: () => channel.close() })
      })
    }),
}

test('a real SSH server is examined from the shell to the clock', async () => {
  const inspect = () => Promise.resolve({ steps: [], offeredHostKey: null, connection })
  const report = await createDoctor({ inspect, clock: systemClock }).examine({} as SshTarget, {
    elevation: process.getuid?.() === 0 ? 'root' : 'none',
    pythonHint: null,
    withSudoPassword: (use) => use(null),
    signal: new AbortController().signal,
  })
  const troubles = report.steps.filter(
    ({ state, step }) => state === 'failed' || (state === 'warning' && step !== 'shell'),
  )
  expect(troubles).toEqual([])
  expect(report.steps.map(({ step }) => step)).toEqual([
    'shell',
    'python',
    'scratch-folder',
    'sudo',
    'disk',
    'clock',
  ])
  expect(report.ok).toBe(true)
  expect(report.platform).toMatchObject({
    user: userInfo().username,
    uid: String(process.getuid?.()),
    shell: userInfo().shell,
    python: expect.stringMatching(/^3\./),
  })
})
