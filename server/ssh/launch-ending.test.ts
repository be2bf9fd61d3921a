import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { processesOfRun, processesWith, untilGone, untilSeen } from '../../testbed/processes.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { startTcpProxy } from '../../testbed/tcp-proxy.ts'
import { connect, hostileTree, launchTools, newSleep, run, start } from '../../testbed/visits.ts'
import { sweep } from './sweep.ts'
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

/** A run that does all it can to stay, up and running. */
async function startTree(on = connection, order: Parameters<typeof start>[2] = {}, tools = launchTools) {
  const word = newSleep()
  const started = await start(on, hostileTree(word), order, tools)
  await started.heard.until('tree up')
  expect(processesOfRun(started.runId).length).toBeGreaterThanOrEqual(10)
  expect(processesWith(word).length).toBeGreaterThanOrEqual(6)
  return { ...started, word }
}

describe('nothing is left of an agent that will not go', () => {
  test('when it is cancelled', async () => {
    const { visit, heard, runId, word } = await startTree()
    visit.cancel()
    expect(await heard.ended).toMatchObject({
      kind: 'ended',
      frame: { sig: 9, why: 'cancel', forced: true, left: [] },
    })
    expect(processesWith(word)).toEqual([])
    await untilGone(runId, word)
  })

  test('when its time is up', async () => {
    const { heard, runId, word } = await startTree(connection, { timeoutS: 1 })
    expect(await heard.ended).toMatchObject({ frame: { sig: 9, why: 'timeout', forced: true, left: [] } })
    await untilGone(runId, word)
  })

  test('when its channel is closed', async () => {
    const { visit, heard, runId, word } = await startTree()
    visit.detach()
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    await untilGone(runId, word)
  })

  test('when the link is cut', async () => {
    const proxy = await startTcpProxy(sshd.port)
    const { heard, runId, word } = await startTree(await connect(sshd, { port: proxy.port }))
    proxy.cut()
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    await untilGone(runId, word)
    await proxy.close()
  })

  test('when the SSH server on the node crashes', async () => {
    const own = await startSshd()
    const { heard, runId, word } = await startTree(await connect(own))
    own.killSessions()
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    await untilGone(runId, word)
    await own.stop()
  })

  test('when this server freezes: the node gives up by itself, and only then', async () => {
    const clock = createFakeClock()
    const { heard, runId, word } = await startTree(
      connection,
      {},
      { ...launchTools, clock, silenceLimitS: 2 },
    )
    // Time stands still on our side, so no heartbeat leaves.
    expect(await heard.ended).toMatchObject({ frame: { why: 'heartbeat', left: [] } })
    await untilGone(runId, word)
  })

  test('when the cable is pulled: it ends while it is still cut off', async () => {
    const proxy = await startTcpProxy(sshd.port)
    const other = await connect(sshd, { port: proxy.port })
    const { runId, word, visit } = await startTree(other, {}, { ...launchTools, silenceLimitS: 2 })
    proxy.pause()
    await untilGone(runId, word)
    expect(processesOfRun(runId)).toEqual([])
    visit.detach()
    other.close()
    await proxy.close()
  })

  test('when it ended by itself and left others behind', async () => {
    const word = newSleep()
    const { end } = await run(
      connection,
      `import subprocess\nsubprocess.Popen(["sleep", "${word}"])\nsubprocess.Popen(["setsid", "sleep", "${word}"])\nprint("done")`,
    )
    expect(end).toMatchObject({ kind: 'ended', frame: { code: 0, why: null, strays: 2, left: [] } })
    expect(processesWith(word)).toEqual([])
  })
})

describe('when the supervisor itself is killed', () => {
  test('the run is lost, and a sweep ends what it left', async () => {
    const { visit, heard, runId } = await startTree()
    const other = await start(connection, 'import time\nprint("up", flush=True)\ntime.sleep(60)')
    await other.heard.until('up')
    process.kill(visit.hello.pid, 'SIGKILL')
    expect(await heard.ended).toEqual({
      kind: 'lost',
      why: 'The supervisor on the node ended with exit status 137.',
    })
    expect(processesOfRun(runId).length).toBeGreaterThan(5)

    const swept = await sweep(
      connection,
      { runIds: [runId], elevation: 'none', sudoPassword: null, pythonHint: null },
      launchTools,
    )
    expect(swept.runs).toContain(runId)
    expect(swept.left).toEqual([])
    await untilGone(runId)
    // What belongs to another run was left alone.
    expect(processesOfRun(other.runId).length).toBeGreaterThan(0)
    other.visit.cancel()
    expect(await other.heard.ended).toMatchObject({ frame: { why: 'cancel' } })
  })

  test('by a polite signal, it ends the run first and says so', async () => {
    const { visit, heard, runId, word } = await startTree()
    process.kill(visit.hello.pid, 'SIGTERM')
    expect(await heard.ended).toMatchObject({ frame: { why: 'signal 15', left: [] } })
    await untilGone(runId, word)
  })
})

test('the first reason counts: a cancel during the grace of a timeout does not rewrite it', async () => {
  const { visit, heard } = await startTree(connection, { timeoutS: 1 })
  await untilSeen('the timeout', () => heard.frames.some(({ t }) => t === 'stopping'))
  visit.cancel()
  expect(await heard.ended).toMatchObject({ frame: { why: 'timeout' } })
})
