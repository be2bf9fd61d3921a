import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { processesOfRun, untilGone, untilSeen } from '../../testbed/processes.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { startTcpProxy } from '../../testbed/tcp-proxy.ts'
import {
  connect,
  type Heard,
  hostileTree,
  launchTools,
  listen,
  newSleep,
  orderFor,
  run,
  start,
} from '../../testbed/visits.ts'
import { attach, launch, StartUnheard } from './launch.ts'
import type { SshConnection } from './transport.ts'

let sshd: TestSshd
let connection: SshConnection
beforeAll(async () => {
  sshd = await startSshd()
  connection = await connect(sshd)
})
afterAll(async () => {
  connection.close()
  await sshd.stop()
})

/** Counts to thirty in three seconds. */
const counter = `
import time
for number in range(30):
    print(number, flush=True)
    time.sleep(0.1)
`
const counted = Array.from({ length: 30 }, (_, number) => `${number}\n`).join('')

async function join(runId: string, after: number, on = connection, tools = launchTools) {
  const order = { runId, after, elevation: 'none', sudoPassword: null, pythonHint: null } as const
  const visit = await attach(on, order, tools)
  return { visit, heard: listen(visit) }
}

const lastOf = ({ frames }: Heard): number => frames.at(-1)?.q ?? 1

const folderOf = (runId: string): string | undefined =>
  ['/dev/shm', '/tmp']
    .flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}`))
    .find((path) => path.endsWith(`-${runId}`))

describe('a run with a lease', () => {
  test('is heard as any other, and the node forgets it once it is told to', async () => {
    const { visit, heard, runId } = await start(connection, counter.replace('30', '3'), { leaseS: 60 })
    expect(visit.hello.dir).toBe(folderOf(runId))
    expect(await heard.ended).toMatchObject({ kind: 'ended', frame: { code: 0, left: [] } })
    expect(heard.stdout()).toBe('0\n1\n2\n')
    expect(existsSync(visit.hello.dir ?? '')).toBe(true)
    void visit.ack()
    await untilSeen('the folder gone', () => !existsSync(visit.hello.dir ?? ''))
    await untilGone(runId)
  })

  test('does not begin once its server has hung up', async () => {
    const folder = mkdtempSync(`${tmpdir()}/carl-slow-`)
    const [go, over] = [`${folder}/go`, `${folder}/over`]
    const wait = `while [ ! -e ${go} ]; do sleep 0.05; done`
    const slow = await startSshd({
      config: [`ForceCommand ${wait}; /bin/sh -c "$SSH_ORIGINAL_COMMAND"; : > ${over}`],
    })
    const clock = createFakeClock()
    const other = await connect(slow)
    const order = orderFor(counter, { leaseS: 60 })
    const launching = launch(other, order, { ...launchTools, clock }).catch((error: unknown) => error)
    await clock.untilWaiting()
    await clock.advance(15_000)
    expect(await launching).toBeInstanceOf(StartUnheard)
    writeFileSync(go, '')
    await untilSeen('the end of its start', () => existsSync(over))
    expect(folderOf(order.runId)).toBeUndefined()
    expect(processesOfRun(order.runId)).toEqual([])
    other.close()
    await slow.stop()
    rmSync(folder, { recursive: true })
  })

  test('survives two breaks of the link, and every line is heard once, in order', async () => {
    const proxy = await startTcpProxy(sshd.port)
    const first = await start(await connect(sshd, { port: proxy.port }), counter, { leaseS: 60 })
    await first.heard.until('4\n')
    proxy.cut()
    expect(await first.heard.ended).toEqual({ kind: 'link-lost' })

    const second = await join(first.runId, lastOf(first.heard), await connect(sshd, { port: proxy.port }))
    await second.heard.until('\n')
    proxy.cut()
    expect(await second.heard.ended).toEqual({ kind: 'link-lost' })

    const third = await join(first.runId, Math.max(lastOf(first.heard), lastOf(second.heard)))
    expect(await third.heard.ended).toMatchObject({ kind: 'ended', frame: { code: 0, why: null, left: [] } })
    expect(first.heard.stdout() + second.heard.stdout() + third.heard.stdout()).toBe(counted)
    void third.visit.ack()
    await untilGone(first.runId)
    await proxy.close()
  })

  test('that nobody comes back to ends with its lease, and its record can still be read', async () => {
    const word = newSleep()
    const { visit, heard, runId } = await start(connection, hostileTree(word), { leaseS: 2 })
    await heard.until('tree up')
    visit.detach()
    await heard.ended
    expect(processesOfRun(runId).length).toBeGreaterThan(5)
    await untilGone(runId, word)
    const late = await join(runId, 0)
    expect(await late.heard.ended).toMatchObject({ kind: 'ended', frame: { why: 'lease', left: [] } })
    expect(late.heard.stdout()).toContain('tree up\ntick\n')
    void late.visit.ack()
    await untilSeen('the folder gone', () => !folderOf(runId))
  })

  test('is kept by whoever listens, longer than its lease', async () => {
    const { heard, visit } = await start(connection, counter, { leaseS: 2 })
    expect(await heard.ended).toMatchObject({ frame: { code: 0, why: null } })
    void visit.ack()
  })

  test('that prints without a pause still hears that it is cancelled, from its first listener and later ones', async () => {
    const chatter =
      'import time\nprint("up", flush=True)\nwhile True:\n  print("x" * 200)\n  time.sleep(0.0001)'
    const { visit, heard, runId } = await start(connection, chatter, { leaseS: 2 })
    await heard.until('up')
    visit.detach()
    await heard.ended
    const later = await join(runId, lastOf(heard))
    await later.heard.until('xxx')
    later.visit.cancel()
    expect(await later.heard.ended).toMatchObject({ frame: { why: 'cancel', left: [] } })
    void later.visit.ack()
    await untilGone(runId)
  })

  test('can be cancelled by somebody who came later', async () => {
    const word = newSleep()
    const { visit, heard, runId } = await start(connection, hostileTree(word), { leaseS: 60 })
    await heard.until('tree up')
    visit.detach()
    await heard.ended
    const later = await join(runId, lastOf(heard))
    later.visit.cancel()
    expect(await later.heard.ended).toMatchObject({ frame: { why: 'cancel', left: [] } })
    void later.visit.ack()
    await untilGone(runId, word)
  })

  test('whose supervisor was killed is lost', async () => {
    const { visit, heard, runId } = await start(
      connection,
      'import time\nprint("up", flush=True)\ntime.sleep(60)',
      {
        leaseS: 60,
      },
    )
    await heard.until('up')
    const supervisors = processesOfRun(runId).filter(({ pid }) => pid === visit.hello.pid)
    expect(supervisors).toHaveLength(1)
    process.kill(visit.hello.pid, 'SIGKILL')
    expect(await heard.ended).toEqual({ kind: 'lost', why: 'the supervisor died' })
    const later = await join(runId, 0)
    expect(await later.heard.ended).toMatchObject({ kind: 'lost' })
    // The agent dies with its supervisor.
    await untilGone(runId)
  })

  test('goes on when this server freezes for less than the lease, and lets its listener go', async () => {
    const clock = createFakeClock()
    const { heard, runId } = await start(
      connection,
      counter,
      { leaseS: 60 },
      { ...launchTools, clock, silenceLimitS: 1 },
    )
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    const later = await join(runId, lastOf(heard))
    expect(await later.heard.ended).toMatchObject({ kind: 'ended', frame: { code: 0 } })
    expect(heard.stdout() + later.heard.stdout()).toBe(counted)
    void later.visit.ack()
  })

  test('of an older server, whose folder holds no bell to wake a listener, is heard all the same', async () => {
    const { heard, visit, runId } = await start(connection, counter, { leaseS: 60 })
    rmSync(`${visit.hello.dir}/bell`)
    visit.detach()
    await heard.ended
    const later = await join(runId, lastOf(heard))
    expect(await later.heard.ended).toMatchObject({ kind: 'ended', frame: { code: 0 } })
    expect(heard.stdout() + later.heard.stdout()).toBe(counted)
    void later.visit.ack()
  })

  test('two listeners hear the same', async () => {
    const first = await start(connection, counter, { leaseS: 60 })
    const second = await join(first.runId, 1)
    await Promise.all([first.heard.ended, second.heard.ended])
    expect(second.heard.frames.map(({ q }) => q)).toEqual(first.heard.frames.map(({ q }) => q))
    expect(second.heard.stdout()).toBe(counted)
    void second.visit.ack()
  })
})

test('a run that was never there, or is forgotten, is lost', async () => {
  const { heard } = await join('exe_never', 0)
  expect(await heard.ended).toEqual({ kind: 'lost', why: 'no such run' })
})

test('a run without a lease cannot be joined', async () => {
  const { runId, heard, visit } = await start(
    connection,
    'import time\nprint("up", flush=True)\ntime.sleep(60)',
  )
  await heard.until('up')
  const { heard: other } = await join(runId, 0)
  expect(await other.ended).toEqual({ kind: 'lost', why: 'no such run' })
  visit.cancel()
  expect(await heard.ended).toMatchObject({ frame: { why: 'cancel' } })
})

test('joining where commands are refused is told with what the node says, and not tried for ever', async () => {
  const closed = await startSshd({ config: ['ForceCommand echo no entry; exit 77'] })
  const other = await connect(closed)
  const { heard } = await join('exe_any', 0, other)
  expect(await heard.ended).toEqual({
    kind: 'lost',
    why: 'The login ended with exit status 77. The node printed: no entry',
  })
  other.close()
  await closed.stop()
})

test('much output of a run with a lease is bounded in its folder, too', async () => {
  const { end, frames, stdout } = await run(
    connection,
    'import os\nblock = b"x" * 99 + b"\\n"\nfor _ in range(200000): os.write(1, block)\nprint("THE END")',
    { leaseS: 60 },
  )
  expect(end).toMatchObject({ frame: { code: 0 } })
  expect(stdout().length).toBeLessThan(600_000)
  expect(stdout()).toMatch(/THE END\n$/)
  expect(frames.find(({ t }) => t === 'gap')).toMatchObject({ bytes: expect.any(Number) })
})
