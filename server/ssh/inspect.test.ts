import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startSshd, type TestSshd, type TestTarget } from '../../testbed/sshd.ts'
import { freePort } from '../../testbed/tcp-proxy.ts'
import { systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/logger.ts'
import { dialBuiltin } from './builtin.ts'
import type { Inspection } from './doctor.ts'
import { createPool, type Pool } from './pool.ts'

let sshd: TestSshd
let pool: Pool
let networks = ['127.0.0.0/8']
beforeAll(async () => {
  sshd = await startSshd()
  pool = createPool({
    dials: { builtin: dialBuiltin, openssh: dialBuiltin },
    allowedNetworks: () => networks,
    clock: systemClock,
    logger: createLogger('silent'),
  })
})
afterEach(() => {
  networks = ['127.0.0.0/8']
})
afterAll(async () => {
  await pool.close()
  await sshd.stop()
})

const inspect = (target: TestTarget) => pool.inspect(target, new AbortController().signal)
const states = ({ steps }: Inspection) => steps.map(({ step, state }) => `${step} ${state}`)
const problemOf = ({ steps }: Inspection) => steps.find(({ state }) => state === 'failed')?.problem?.code

test('a node that can be reached has every step in order, and an open connection outside the pool', async () => {
  const target = sshd.targetFor()
  const inspection = await inspect(target)
  expect(states(inspection)).toEqual([
    'resolve ok',
    'address ok',
    'tcp ok',
    'banner ok',
    'algorithms ok',
    'host-key ok',
    'auth ok',
  ])
  expect(inspection).toMatchObject({ offeredHostKey: sshd.hostKey, connection: { isOpen: true } })
  expect(pool.isConnected(target.poolKey)).toBe(false)
  expect(target.events[0]).toMatchObject({ kind: 'connected', attempt: 1 })
  inspection.connection?.close()
  await inspection.connection?.closed
})

test('a node nobody confirmed shows its key, after all that went well', async () => {
  const inspection = await inspect(sshd.targetFor({ hostKeys: [] }))
  expect(states(inspection).slice(2)).toEqual([
    'tcp ok',
    'banner ok',
    'algorithms ok',
    'host-key failed',
    'auth skipped',
  ])
  expect(problemOf(inspection)).toBe('ssh.host_key_unknown')
  expect(inspection).toMatchObject({ offeredHostKey: sshd.hostKey, connection: null })
})

test('a port where nobody listens fails at the connection, once', async () => {
  const target = sshd.targetFor({ port: await freePort() })
  const inspection = await inspect(target)
  expect(states(inspection).slice(1, 4)).toEqual(['address ok', 'tcp failed', 'banner skipped'])
  expect(problemOf(inspection)).toBe('ssh.connection_refused')
  expect(target.events).toMatchObject([{ kind: 'failed', attempt: 1, willRetry: false }])
})

test('an address outside the allowed networks fails before anything is sent', async () => {
  networks = ['10.0.0.0/8']
  const inspection = await inspect(sshd.targetFor())
  expect(states(inspection).slice(0, 3)).toEqual(['resolve ok', 'address failed', 'tcp skipped'])
  expect(problemOf(inspection)).toBe('ssh.address_not_allowed')
})

test('a name that does not exist fails at the first step', async () => {
  const inspection = await inspect(sshd.targetFor({ host: 'no such name' }))
  expect(states(inspection).slice(0, 2)).toEqual(['resolve failed', 'address skipped'])
})

test('trouble of the jump host is told at the connection, and offers no key of this node', async () => {
  const target = sshd.targetFor({ jump: sshd.targetFor({ name: 'gate', hostKeys: [] }) })
  const inspection = await inspect(target)
  expect(states(inspection).slice(1, 4)).toEqual(['address ok', 'tcp failed', 'banner skipped'])
  expect(inspection.steps[2]?.detail).toContain('On the jump host gate')
  expect(inspection.offeredHostKey).toBeNull()
  expect(target.events).toEqual([])
})

test('a used-up budget is no finding about the node: it says when to ask again', async () => {
  const target = sshd.targetFor({ port: await freePort(), connectionsPerHour: 1 })
  for (let count = 0; count < 10; count++) await inspect(target)
  await expect(inspect(target)).rejects.toMatchObject({
    code: 'ssh.connection_budget',
    retryAt: expect.any(Date),
  })
})

test('being called off rejects', async () => {
  const reason = new Error('no longer wanted')
  await expect(pool.inspect(sshd.targetFor(), AbortSignal.abort(reason))).rejects.toBe(reason)
})
