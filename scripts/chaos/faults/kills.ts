import { setTimeout as sleepFor } from 'node:timers/promises'
import { useServer } from '../load.ts'
import { type Fault, verdictOf } from '../fault.ts'
import { isRefusal } from '../server.ts'

/** Kills a server again and again, at any moment from its start on, while several people use it. */
export const randomKills: Fault = {
  name: 'random-kills',
  promise: 'whatever was acknowledged is kept, and nothing runs twice',
  how: 'kill -9 at a random moment under load, many times, on one folder',
  run: async (world, { rounds, say }) => {
    const place = world.newPlace()
    const lost: string[] = []
    for (let round = 1; round <= rounds; round++) {
      const server = await world.tryOpen(place.folder)
      if (isRefusal(server)) return verdictOf([`start ${round} was refused: ${server.said}`])
      const afterMs = 20 + Math.floor(world.random() ** 2 * 4_000)
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      await sleepFor(afterMs)
      await server.kill()
      stop.abort()
      lost.push(...(await using))
      if (round % 10 === 0) say(`${round} kills`)
    }
    lost.push(...(await world.settleAndCheck(place)))
    return verdictOf(
      lost,
      `${rounds} kills, ${place.witness.runs.size} runs acknowledged, ${world.provider.requests.length} questions asked`,
    )
  },
}
