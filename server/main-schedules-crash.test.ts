import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ScheduleId } from '../contract/ids.ts'
import { type ScheduleSpec, scheduleSpec, type SettledOccurrence } from '../contract/schedules.ts'
import { killedServers } from '../testbed/killed-servers.ts'
import type { Failpoint, ServerProcess } from '../testbed/server-process.ts'

/** Two days from now, on the minute: nothing is due before a test says that it is that time. */
const due = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 48 * 3_600_000)
const after = (ms: number) => new Date(due.getTime() + ms)

const { dataFolder, open } = killedServers()

/** A data folder with a schedule that is due once, at `due`. */
async function withSchedule(
  changed: Partial<ScheduleSpec> = {},
): Promise<{ folder: string; id: ScheduleId }> {
  const folder = dataFolder()
  const server = await open(folder)
  const { id } = await server.drive.client.schedules.create({
    body: scheduleSpec.parse({
      name: 'Nightly',
      timing: { kind: 'once', at: due.toISOString().slice(0, 16) },
      zone: 'UTC',
      agentId: 'counts',
      targets: ['nas'],
      options: { count: 3, everyMs: 1 },
      ...changed,
    }),
  })
  await server.stop()
  return { folder, id }
}

const occurrencesOf = async ({ drive }: ServerProcess, id: ScheduleId): Promise<SettledOccurrence[]> => {
  const { items } = await drive.client.schedules.occurrences({ params: { id }, query: { limit: 50 } })
  return items.toReversed()
}

/** Resolves once so many are settled, with all of them. */
async function untilSettled(server: ServerProcess, id: ScheduleId, count: number) {
  for (let turn = 0; turn < 600; turn++) {
    const found = await occurrencesOf(server, id)
    if (found.filter(({ state }) => state !== 'waiting').length >= count) return found
    await sleepFor(50)
  }
  throw new Error(`it never came to ${count}: ${JSON.stringify(await occurrencesOf(server, id))}`)
}

/** Every execution that there is, once each has ended. */
async function allEnded({ drive }: ServerProcess) {
  const { items } = await drive.client.executions.list({ query: { limit: 200 } })
  return Promise.all(items.map(({ id }) => drive.untilEnded(id)))
}

/** Starts a server that kills itself, on a busy machine even before it is ready. Returns by what it ended. */
async function openToDie(folder: string, point: Failpoint, now: Date): Promise<NodeJS.Signals | number> {
  try {
    return await (await open(folder, point, now)).ended
  } catch (error) {
    if (error instanceof Error && error.message.includes('SIGKILL')) return 'SIGKILL'
    throw error
  }
}

const around = (...steps: readonly string[]): Failpoint[] =>
  steps.flatMap((step): Failpoint[] => [
    { when: 'before', step },
    { when: 'after', step },
  ])

describe('a server that is killed while a schedule fires', () => {
  test.each(around('occurrence:ran', 'claimed', 'launch.intent'))(
    '$when "$step" is written runs it once, all the same',
    async (point) => {
      const { folder, id } = await withSchedule()
      expect(await openToDie(folder, point, after(-1_500))).toBe('SIGKILL')

      const second = await open(folder, undefined, after(5_000))
      expect(await untilSettled(second, id, 1)).toMatchObject([{ state: 'ran', executions: { total: 1 } }])
      expect(await allEnded(second)).toMatchObject([{ state: 'succeeded', startedBy: 'schedule:Nightly' }])
      expect(await occurrencesOf(second, id)).toHaveLength(1)
    },
  )

  test.each(around('occurrence:missed'))(
    '$when "$step" is written records it once, and runs nothing',
    async (point) => {
      const catchUp = { policy: 'skip', withinHours: 24, most: 5 } as const
      const { folder, id } = await withSchedule({ catchUp })
      expect(await openToDie(folder, point, after(3_600_000))).toBe('SIGKILL')

      const second = await open(folder, undefined, after(3_700_000))
      expect(await untilSettled(second, id, 1)).toMatchObject([{ state: 'missed', reason: 'server-off' }])
      expect(await allEnded(second)).toEqual([])
    },
  )

  /** Every hour, each for as long as a file is not there; the first one goes on, and its server is gone. */
  async function withLongRun() {
    const last = join(dataFolder(), 'say-the-last')
    const { folder, id } = await withSchedule({
      timing: { kind: 'interval', everyMinutes: 60, from: due.toISOString() },
      overlap: 'queue',
      options: { count: 3, everyMs: 1, waitsFor: last },
    })
    const first = await open(folder, undefined, after(-1_500))
    await untilSettled(first, id, 1)
    const [running] = (await first.drive.client.executions.list({ query: { limit: 1 } })).items
    if (running) await first.drive.untilLogged(running.id, 'line 2')
    await first.kill()
    return { folder, id, letEnd: () => writeFileSync(last, '') }
  }

  async function expectBothOnce(folder: string, id: ScheduleId): Promise<void> {
    const server = await open(folder, undefined, after(3_900_000))
    const found = await untilSettled(server, id, 2)
    expect(found.map(({ state, executions }) => [state, executions.total])).toEqual([
      ['ran', 1],
      ['late', 1],
    ])
    expect((await allEnded(server)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded'])
  }

  test.each(around('occurrence:waiting'))(
    '$when "$step" is written lets it run once, after the one before',
    async (point) => {
      const { folder, id, letEnd } = await withLongRun()
      expect(await openToDie(folder, point, after(3_600_000 - 1_500))).toBe('SIGKILL')
      letEnd()
      await expectBothOnce(folder, id)
    },
  )

  test.each(around('occurrence:late'))(
    '$when "$step" is written, of one that waited, runs it once',
    async (point) => {
      const { folder, id, letEnd } = await withLongRun()
      const second = await open(folder, undefined, after(3_600_000))
      for (let turn = 0; turn < 200 && (await occurrencesOf(second, id)).length < 2; turn++)
        await sleepFor(50)
      await second.kill()
      letEnd()
      expect(await openToDie(folder, point, after(3_800_000))).toBe('SIGKILL')
      await expectBothOnce(folder, id)
    },
  )
})

test('a server that was off over three days makes up for it once, when it comes back', async () => {
  const timing = { kind: 'interval', everyMinutes: 1_440, from: due.toISOString() } as const
  const { folder, id } = await withSchedule({ timing })
  const server = await open(folder, undefined, after(3 * 86_400_000 + 3_600_000))
  const found = await untilSettled(server, id, 4)
  expect(found.map(({ state }) => state)).toEqual(['missed', 'missed', 'missed', 'late'])
  expect(await allEnded(server)).toHaveLength(1)
})
