import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ExecutionId } from '../contract/ids.ts'
import { killedServers } from '../testbed/killed-servers.ts'
import { untilGone } from '../testbed/processes.ts'
import { type Failpoint, type ServerProcess, startServer } from '../testbed/server-process.ts'

const { dataFolder, open } = killedServers()

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`)

/** The newest execution: the answer to the call that started it may have died with the server. */
async function newest({ drive }: ServerProcess): Promise<ExecutionId> {
  const { items } = await drive.client.executions.list({ query: { limit: 1 } })
  const [execution] = items
  if (!execution) throw new Error('no execution was kept')
  return execution.id
}

async function expectWhole({ drive }: ServerProcess, id: ExecutionId, count: number): Promise<void> {
  const ended = await drive.untilEnded(id)
  expect(ended.outcome).toMatchObject({ kind: 'succeeded', problem: null, left: [] })
  expect(await drive.printedBy(id)).toEqual(numbers(count))
  const seqs = (await drive.logOf(id)).map(({ seq }) => seq)
  expect(seqs).toEqual(seqs.map((_, at) => at + 1))
  const report = await drive.client.executions.report({ params: { id } })
  expect(report.facts).toMatchObject({ host: { counted: count } })
  await drive.untilComplete(id)
  await untilGone(id)
}

const failpoints: Failpoint[] = [
  // An execution that can start at once is claimed in the commit that makes it; before that, nothing is kept.
  { when: 'after', step: 'claimed' },
  ...['launch.intent', 'running', 'finished', 'acknowledged'].flatMap((step): Failpoint[] => [
    { when: 'before', step },
    { when: 'after', step },
  ]),
]

describe('a server that is killed', () => {
  test.each(failpoints)(
    '$when "$step" is written finishes the run after its next start',
    async (failpoint) => {
      const folder = dataFolder()
      const first = await open(folder, failpoint)
      // The server may be gone before it can answer.
      await first.drive.run('counts', 'nas', { count: 20, everyMs: 5 }).catch(() => {})
      expect(await first.ended).toBe('SIGKILL')

      const second = await open(folder)
      await expectWhole(second, await newest(second), 20)
    },
  )

  test('before it has answered keeps nothing of what nobody was told', async () => {
    const folder = dataFolder()
    const first = await open(folder, { when: 'before', step: 'claimed' })
    await expect(first.drive.run('counts', 'nas', { count: 1, everyMs: 1 })).rejects.toThrow(
      'Nothing answers',
    )
    expect(await first.ended).toBe('SIGKILL')

    const second = await open(folder)
    await expect(newest(second)).rejects.toThrow('no execution was kept')
  })

  test('while one waits for the node performs both after its next start', async () => {
    const folder = dataFolder()
    const first = await open(folder)
    const { id: runs } = await first.drive.run('counts', 'nas', { count: 60, everyMs: 10 })
    const { id: waits } = await first.drive.run('counts', 'nas', { count: 3, everyMs: 1 })
    await first.drive.untilLogged(runs, 'line 5')
    expect(await first.drive.client.executions.get({ params: { id: waits } })).toMatchObject({
      state: 'queued',
    })
    await first.kill()

    const second = await open(folder)
    await expectWhole(second, runs, 60)
    await expectWhole(second, waits, 3)
  })

  test('in the middle of a run, twice, loses no line and repeats none', async () => {
    const folder = dataFolder()
    const last = join(folder, 'say-the-last')
    const first = await open(folder)
    const { id } = await first.drive.run('counts', 'nas', { count: 100, everyMs: 10, waitsFor: last })
    await first.drive.untilLogged(id, 'line 5')
    await first.kill()

    const second = await open(folder)
    await second.drive.untilLogged(id, 'line 60')
    await second.kill()

    const third = await open(folder)
    await third.drive.untilLogged(id, 'line 99')
    writeFileSync(last, '')
    await expectWhole(third, id, 100)
    const { items } = await third.drive.client.executions.journal({ params: { id } })
    expect(items.filter(({ step }) => step === 'attached')).toHaveLength(2)
  })

  test('while a run was to stop stops it after its next start', async () => {
    const folder = dataFolder()
    const first = await open(folder, { when: 'after', step: 'cancel.requested' })
    const { id } = await first.drive.run('stubborn', 'nas')
    await first.drive.untilLogged(id, 'all of it runs')
    await first.drive.client.executions.cancel({ params: { id } }).catch(() => {})
    expect(await first.ended).toBe('SIGKILL')

    const second = await open(folder)
    const ended = await second.drive.untilEnded(id)
    expect(ended.outcome).toMatchObject({ kind: 'cancelled', forced: true, left: [] })
    await untilGone(id)
  })
})

test('a server that stops in order leaves a run on its node and takes it up again', async () => {
  const folder = dataFolder()
  const last = join(folder, 'say-the-last')
  const first = await open(folder)
  const { id } = await first.drive.run('counts', 'nas', { count: 50, everyMs: 10, waitsFor: last })
  await first.drive.untilLogged(id, 'line 5')
  expect(await first.stop()).toBe(0)

  const second = await open(folder)
  writeFileSync(last, '')
  await expectWhole(second, id, 50)
})

test('a second server on the same data folder refuses and names the first', async () => {
  const folder = dataFolder()
  await open(folder)
  await expect(startServer(folder)).rejects.toThrow(/storage\.locked/)
})
