import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { userInfo } from 'node:os'
import ssh2, { type Client } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { systemClock } from '../lib/clock.ts'
import { createDoctor } from './doctor.ts'
import type { SshChannel, SshConnection, SshTarget } from './transport.ts'

let sshd: TestSshd
let client: Client

beforeAll(async () => {
  sshd = await startSshd()
  const sock = connectSocket({ port: sshd.port, host: '127.0.0.1', noDelay: true })
  client = new ssh2.Client()
  client.connect({ sock, username: sshd.username, privateKey: sshd.clientKey.reveal() })
  await once(client, 'ready')
})

afterAll(async () => {
  client.end()
  await sshd.stop()
})

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
