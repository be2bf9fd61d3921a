import { readdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { randomFrom } from '../../testbed/worlds.ts'
import { fillDisk, memoryDisk } from './disk.ts'
import { useServer } from './load.ts'
import { isRefusal } from './server.ts'
import { createWorld, type Place, type World } from './world.ts'

interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  say(line: string): void
}

/** Of the disk that the data folder lies on where this user may mount one, MiB. */
const diskMib = 300
/** How often all must have ended, and is held against the rules, milliseconds. */
const checkEveryMs = 3 * 60_000

/** What can happen while people use the server; by a share, as the random number falls. */
type Event = (world: World, place: Place, disk: boolean, random: () => number) => Promise<void>

const rest = (random: () => number, most: number) => sleepFor(Math.floor(random() * most))

const silence: Event = async (world, _place, _disk, random) => {
  world.link.pause()
  await rest(random, 20_000)
  world.link.resume()
}

const cut: Event = async (world) => world.link.cut()

const refusal: Event = async (world, _place, _disk, random) => {
  world.link.refuse(true)
  world.link.cut()
  await rest(random, 5_000)
  world.link.refuse(false)
}

const fullDisk: Event = async (_world, place, isSmall, random) => {
  if (!isSmall) return
  const free = fillDisk(place.folder)
  await rest(random, 4_000)
  free()
}

const nodeCrash: Event = async (world) => world.nas.killSessions()

const quiet: Event = (_world, _place, _disk, random) => rest(random, 5_000)

const events: Readonly<Record<string, readonly [share: number, event: Event]>> = {
  quiet: [0.3, quiet],
  cut: [0.2, cut],
  refusal: [0.15, refusal],
  silence: [0.15, silence],
  'node crash': [0.1, nodeCrash],
  'full disk': [0.1, fullDisk],
}

function anyEvent(random: () => number): readonly [name: string, event: Event] {
  let left = random()
  for (const [name, [share, event]] of Object.entries(events)) {
    left -= share
    if (left < 0) return [name, event]
  }
  return ['quiet', quiet]
}

const tally = (lost: readonly unknown[]): string =>
  lost.length === 0 ? 'nothing lost' : `${lost.length} lost`

/** Returns what was lost; ends at the first check that finds something. */
export async function soak({ minutes, seed, say }: SoakOptions): Promise<string[]> {
  const world = await createWorld(randomFrom(seed))
  // What happens is drawn apart from what people do, so that it comes in the same order each time.
  const random = randomFrom(seed + 1)
  const disk = await memoryDisk(diskMib)
  try {
    return await live()
  } finally {
    await world.close()
    await disk?.close()
  }

  async function live(): Promise<string[]> {
    const begin = Date.now()
    const until = begin + minutes * 60_000
    const seen: Record<string, number> = {}
    let place = world.newPlace(disk?.folder)
    let runs = 0
    let ends = 0
    let minute = 0
    let checked = begin
    for (;;) {
      const odd = await life()
      const isLast = Date.now() >= until || odd.length > 0
      if (!isLast && Date.now() - checked < checkEveryMs) continue
      odd.push(...(await world.settleAndCheck(place)))
      say(`   held against the rules after ${place.witness.runs.size} runs: ${tally(odd)}`)
      if (isLast || odd.length > 0) return odd
      checked = Date.now()
      if (disk && hasLittleRoom(disk.folder)) beginAnew(disk.folder)
    }

    /** One server from its start to its end. Says what nobody should have seen. */
    async function life(): Promise<string[]> {
      const server = await world.tryOpen(place.folder)
      if (isRefusal(server)) return [`a start was refused (${server.status}): ${server.said}`]
      const odd: string[] = []
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      // Some servers live for a moment, some for a minute.
      const endAt = Math.min(Date.now() + 500 + Math.floor(random() ** 2 * 60_000), until)
      while (Date.now() < endAt && !server.isOver()) {
        const [name, event] = anyEvent(random)
        seen[name] = (seen[name] ?? 0) + 1
        await event(world, place, disk !== null, random)
        await rest(random, 3_000)
        tell()
      }
      if (server.isOver()) odd.push(`the server ended with ${await server.ended}: ${server.said()}`)
      const isPolite = random() < 0.3
      await (isPolite ? server.stop() : server.kill())
      ends++
      stop.abort()
      return [...odd, ...(await using)]
    }

    /** What an earlier folder held was checked. */
    function beginAnew(folder: string): void {
      runs += place.witness.runs.size
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
      place = world.newPlace(folder)
      say('   the disk has little room left, so another folder begins')
    }

    function tell(): void {
      const now = Math.floor((Date.now() - begin) / 60_000)
      if (now <= minute) return
      minute = now
      const many = Object.entries(seen).map(([name, count]) => `${name} ${count}`)
      say(`minute ${minute}: ${runs + place.witness.runs.size} runs, ${ends} restarts, ${many.join(', ')}`)
    }
  }
}

/** Half of a small disk is little: below that a server begins nothing any more. */
function hasLittleRoom(folder: string): boolean {
  const { bavail, blocks } = statfsSync(folder)
  return bavail < blocks * 0.6
}
