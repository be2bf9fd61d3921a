import { userInfo } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { connect } from '../../testbed/visits.ts'
import { systemClock } from '../lib/clock.ts'
import { createDoctor } from './doctor.ts'
import type { SshConnection, SshTarget } from './transport.ts'

let sshd: TestSshd
let connection: SshConnection

beforeAll(async () => {
  sshd = await startSshd()
  connection = await connect(sshd)
})

afterAll(async () => {
  connection.close()
  await connection.closed
  await sshd.stop()
})

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
