import { setTimeout as sleepFor } from 'node:timers/promises'
import type { ScheduleId } from '../../../contract/ids.ts'
import { scheduleSpec } from '../../../contract/schedules.ts'
import { startServer } from '../../../testbed/server-process.ts'
import { type Fault, verdictOf } from '../fault.ts'

const hourMs = 3_600_000

/** What the clock shows at each start, hours from now. 1970 is what a small board shows until it hears the time. */
const jumps = [0, 1, -1, 24, -24, 'in 1970', 0.5, 2, 26] as const

/** How long the day that was missed may take to be made up for, one run after another, milliseconds. */
const caughtUpWithinMs = 180_000

/** A wall clock that is somewhere else at every start; within a run that is a test of its own (see the table). */
export const clockJumps: Fault = {
  name: 'clock-jumps',
  promise: 'no time of a schedule fires twice, and none is left out without a row',
  how: 'an hourly schedule, killed and started with the clock an hour, a day and half a century elsewhere (the same server from its sources, whose clock can be set)',
  run: async (world) => {
    const place = world.newPlace()
    const nowMs = Math.floor(Date.now() / hourMs) * hourMs + hourMs / 2
    const lost: string[] = []
    for (const [round, jump] of jumps.entries()) {
      const shown = jump === 'in 1970' ? new Date(60_000) : new Date(nowMs + jump * hourMs)
      const server = await startServer(place.folder, undefined, {
        CARL_TEST_NOW: shown.toISOString(),
        MODEL_STAND_IN: world.provider.url,
      })
      const drive = server.drive
      if (round === 0) {
        const { id } = await drive.client.schedules.create({
          body: scheduleSpec.parse({
            name: 'Hourly',
            timing: { kind: 'interval', everyMinutes: 60, from: new Date(nowMs - hourMs / 2).toISOString() },
            zone: 'UTC',
            agentId: 'hello',
            targets: ['nas'],
            catchUp: { policy: 'all', withinHours: 48, most: 100 },
            overlap: 'queue',
          }),
        })
        place.witness.scheduled(id)
      }
      await sleepFor(2_500)
      if (server.child.exitCode !== null) lost.push(`at ${shown.toISOString()} it ended: ${server.said()}`)
      if (round % 2 === 0) await server.kill()
      else await server.stop()
    }
    // The last one again, to let everything end.
    const last = new Date(nowMs + 26 * hourMs)
    const server = await startServer(place.folder, undefined, {
      CARL_TEST_NOW: last.toISOString(),
      MODEL_STAND_IN: world.provider.url,
    })
    const params = { id: place.witness.schedules[0] as ScheduleId }
    const untilMs = Date.now() + caughtUpWithinMs
    for (let waits = true; waits && Date.now() < untilMs; await sleepFor(200)) {
      const rows = await server.drive.client.schedules.occurrences({ params, query: { limit: 50 } })
      waits = rows.items.some(({ state }) => state === 'waiting')
    }
    await world.settle(server)
    lost.push(...(await world.check(place)))
    return verdictOf(lost, `${jumps.length} starts`)
  },
}
