import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { smallDisk } from '../../testbed/small-disk.ts'
import { openDatabase } from '../db/open.ts'
import { createIds } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import { createLogs } from './log.ts'

const disk = await smallDisk(6)
afterAll(() => disk?.close())

/** Takes all the room that is left, and gives it back. */
async function fill(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'filler')
  const handle = await open(file, 'w')
  try {
    for (;;) await handle.write(Buffer.alloc(4_096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await handle.close()
  }
  return () => rm(file)
}

// Only an administrator can mount a disk of a few megabytes; without one there is nothing that can be really full.
describe.runIf(disk)('on a full disk (needs the right to mount)', () => {
  const folder = disk?.folder ?? ''
  const logger = createLogger('silent')

  test('entries wait, flushing says so, and once there is room nothing is missing', async () => {
    const clock = createFakeClock()
    const logs = createLogs({ folder, clock, logger })
    const id = createIds(clock)('exe')
    const log = await logs.writer(id)
    const append = (text: string) =>
      log.append({
        at: clock.now().toISOString(),
        stream: 'out',
        level: 'info',
        text,
        message: null,
        q: null,
      })
    append('before')
    await log.flush()
    const giveBack = await fill(folder)
    for (let number = 0; number < 200; number++) append('x'.repeat(1_000))
    await expect(log.flush()).rejects.toMatchObject({ code: 'storage.full' })
    expect((await logs.read(id, 0, 5_000)).items).toHaveLength(201)
    await giveBack()
    await clock.advance(1_000)
    await log.finish()
    const { items, complete } = await logs.read(id, 0, 5_000)
    expect(complete).toBe(true)
    expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 201 }, (_, index) => index + 1))
    await logs.close()
  })

  test('a transaction is undone as a whole, reading goes on, and with room it works again', async () => {
    const db = await openDatabase({
      folder: join(folder, 'db'),
      clock: createFakeClock(),
      logger,
      allowNetworkStorage: true,
      appVersion: '1.0.0',
    })
    const add = (name: string, value: string) =>
      db.write((tx) => tx.insertInto('meta').values({ name, value }).execute())
    const count = async () => (await db.read.selectFrom('meta').select('name').execute()).length
    await add('a', 'x')
    const giveBack = await fill(folder)
    await expect(add('b', 'x'.repeat(2_000_000))).rejects.toMatchObject({ code: 'storage.full' })
    expect(await count()).toBe(2)
    await giveBack()
    await add('c', 'x')
    expect(await count()).toBe(3)
    await db.close()
  })
})
