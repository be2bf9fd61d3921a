import { setTimeout as sleepFor } from 'node:timers/promises'
import { smallDisk } from '../../testbed/small-disk.ts'
import { randomFrom } from '../../testbed/worlds.ts'
import { fillDisk } from './disk.ts'
import { useServer } from './load.ts'
import { isRefusal } from './server.ts'
import { createWorld, type Place, type World } from './world.ts'

interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  say(line: string): void
}

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
  const disk = await smallDisk(300)
  try {
    return await live(world, disk !== null, world.newPlace(disk?.folder))
  } finally {
    await world.close()
    await disk?.close()
  }

  async function live(world: World, isSmall: boolean, place: Place): Promise<string[]> {
    const begin = Date.now()
    const until = begin + minutes * 60_000
    const odd: string[] = []
    const seen: Record<string, number> = {}
    let ends = 0
    let minute = 0
    let checked = begin
    while (Date.now() < until && odd.length === 0) {
      const server = await world.tryOpen(place.folder)
      if (isRefusal(server)) return [`a start was refused (${server.status}): ${server.said}`]
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      // Some servers live for a moment, some for a minute.
      const endAt = Math.min(Date.now() + 500 + Math.floor(random() ** 2 * 60_000), until)
      while (Date.now() < endAt && !server.isOver()) {
        const [name, event] = anyEvent(random)
        seen[name] = (seen[name] ?? 0) + 1
        await event(world, place, isSmall, random)
        await rest(random, 3_000)
        tell()
      }
      if (server.isOver()) odd.push(`the server ended with ${await server.ended}: ${server.said()}`)
      const isPolite = random() < 0.3
      await (isPolite ? server.stop() : server.kill())
      ends++
      stop.abort()
      odd.push(...(await using))
      if (Date.now() - checked < checkEveryMs) continue
      checked = Date.now()
      odd.push(...(await world.settleAndCheck(place)))
      say(`   held against the rules: ${tally(odd)}`)
    }
    return odd.length > 0 ? odd : world.settleAndCheck(place)

    function tell(): void {
      const now = Math.floor((Date.now() - begin) / 60_000)
      if (now <= minute) return
      minute = now
      const many = Object.entries(seen).map(([name, count]) => `${name} ${count}`)
      say(`minute ${minute}: ${place.witness.runs.size} runs, ${ends} restarts, ${many.join(', ')}`)
    }
  }
}
