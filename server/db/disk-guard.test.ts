import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createLogger } from '../lib/logger.ts'
import { createDiskGuard, type Room, reserveBytes } from './disk-guard.ts'

const gib = 1_073_741_824
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-disk-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function guardWith(room: Room) {
  const now = { ...room }
  const clock = createFakeClock()
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  const guard = createDiskGuard({ folder, clock, logger, room: () => now })
  const reserveSize = async () => (await stat(join(folder, 'reserve')).catch(() => null))?.size ?? 0
  return { guard, clock, lines, reserveSize, set: (free: number) => Object.assign(now, { free }) }
}

test('with room, a reserve is put aside and executions may start', async () => {
  const { guard, reserveSize } = guardWith({ total: 100 * gib, free: 50 * gib })
  guard.checkRoom()
  await guard.settled()
  expect(await reserveSize()).toBe(reserveBytes)
})

test('on a nearly full disk no execution starts, with what is left in the words', () => {
  const { guard } = guardWith({ total: 100 * gib, free: 0.25 * gib })
  expect(() => guard.checkRoom()).toThrow(/storage\.full: 256 MiB are left/)
})

test('when the disk is full, the reserve is released within a minute, and put aside again later', async () => {
  const { guard, clock, reserveSize, set, lines } = guardWith({ total: 100 * gib, free: 50 * gib })
  guard.start()
  await guard.settled()
  set(1_000_000)
  await clock.advance(60_000)
  expect(await reserveSize()).toBe(0)
  set(50 * gib)
  await clock.advance(60_000)
  await guard.settled()
  expect(await reserveSize()).toBe(reserveBytes)
  await guard.stop()
  expect(clock.waiting()).toBe(0)
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'disk is full, no new executions',
    'disk is full, reserve released',
    'disk has room again',
  ])
})

test('a small disk is not filled up with a reserve', async () => {
  const { guard, reserveSize } = guardWith({ total: 0.25 * gib, free: 0.2 * gib })
  guard.checkRoom()
  expect(await reserveSize()).toBe(0)
})

test('a disk that fills up while the reserve is put aside gets all of it back', async () => {
  const { guard, reserveSize, set } = guardWith({ total: 100 * gib, free: 50 * gib })
  guard.look()
  set(1_000_000)
  guard.look()
  await guard.settled()
  expect(await reserveSize()).toBe(0)
  expect(await readdir(folder)).toEqual([])
})

test('a server that stops while the reserve is put aside leaves no half of it', async () => {
  const { guard } = guardWith({ total: 100 * gib, free: 50 * gib })
  guard.start()
  await guard.stop()
  expect(await readdir(folder)).toEqual([])
})
