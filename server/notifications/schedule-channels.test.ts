import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ScheduleId } from '../../contract/ids.ts'
import { type HttpTarget, startHttpTarget } from '../../testbed/message-targets.ts'
import { type NotificationFloor, notificationFloor } from '../../testbed/notification-floor.ts'
import { aSpec } from '../../testbed/schedule-floor.ts'
import { createScheduleStore } from '../schedules/store.ts'

const scheduleId = 'sch_01jd0000000000000000000001' as ScheduleId
const minute = 60_000
let floor: NotificationFloor
let target: HttpTarget

beforeEach(async () => {
  floor = await notificationFloor()
  target = await startHttpTarget()
  const at = floor.clock.now().toISOString()
  const { name, paused, notifications: _, ...spec } = aSpec({ name: 'Nightly' })
  await floor.db.write((tx) =>
    createScheduleStore(floor.db).insert(tx, {
      id: scheduleId,
      name,
      spec,
      paused,
      notifications: null,
      source: null,
      nextAt: null,
      nextDueAt: null,
      createdBy: 'user:anna',
      createdAt: at,
      updatedAt: at,
      revision: 1,
    }),
  )
})
afterEach(async () => {
  await floor.close()
  await target.stop()
})

/** A schedule whose document wants this address told, and a run of it that failed. */
async function tellBy(address: string) {
  floor.setWishes([
    {
      scheduleId,
      scheduleName: 'Nightly',
      addresses: [address],
      channels: [],
      kinds: new Set(['schedule.overdue']),
    },
  ])
  await floor.tell({ kind: 'schedule.overdue', scheduleId, key: address })
  await floor.pass(2 * minute)
  const { channels } = await floor.notifications.state()
  return channels.map(({ name, lastProblem }) => ({ name, code: lastProblem?.code ?? null }))
}

test('an address of a document is told, where the server may go', async () => {
  await floor.allow(`127.0.0.1:${target.port}`)
  const place = `127.0.0.1:${target.port}`
  expect(await tellBy(target.url)).toEqual([{ name: `Nightly → ${place}`, code: null }])
  expect(target.heard).toHaveLength(1)
})

test('an address of a document leads neither to this machine nor to the metadata of a cloud', async () => {
  const code = 'outgoing.address_not_allowed'
  expect(await tellBy(target.url)).toMatchObject([{ code }])
  for (const address of ['http://169.254.169.254/latest/meta-data', 'http://[::ffff:127.0.0.1]/']) {
    expect(await tellBy(address)).toMatchObject([{ code }])
  }
  expect(target.heard).toEqual([])
})
