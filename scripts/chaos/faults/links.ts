import { execFileSync } from 'node:child_process'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { startTcpProxy } from '../../../testbed/tcp-proxy.ts'
import { atExit } from '../at-exit.ts'
import { type Fault, notDone, verdictOf } from '../fault.ts'
import { useServer } from '../load.ts'
import { command, type World } from '../world.ts'

/** Uses a server while something is done to the way to one of its nodes; the way is whole again at the end. */
async function underLoad(world: World, breakLink: () => Promise<void>): Promise<string[]> {
  const place = world.newPlace()
  const server = await world.open(place.folder)
  const stop = new AbortController()
  const using = useServer(world, server, place, { signal: stop.signal })
  await sleepFor(2_000)
  await breakLink()
  stop.abort()
  const odd = await using
  if (server.isOver()) return [`the server ended with ${await server.ended}: ${server.said()}`]
  await world.settle(server)
  return [...odd, ...(await world.check(place))]
}

/** A cable pulled out and put back: nobody is told. */
export const linkSilent: Fault = {
  name: 'link-silent',
  promise: 'noticed, taken up again, and every line is there once',
  how: 'the way to a node swallows everything for 10 s, then for 60 s, under load',
  run: async (world) =>
    verdictOf(
      await underLoad(world, async () => {
        for (const seconds of [10, 60]) {
          world.link.pause()
          await sleepFor(seconds * 1_000)
          world.link.resume()
          await sleepFor(2_000)
        }
      }),
    ),
}

/** Resets at random moments, and a node that refuses for a while. */
export const linkReset: Fault = {
  name: 'link-reset',
  promise: 'taken up again, and every line is there once',
  how: 'all connections to a node reset at random moments, new ones refused now and then, under load',
  run: async (world, { rounds }) =>
    verdictOf(
      await underLoad(world, async () => {
        for (let round = 0; round < rounds; round++) {
          await sleepFor(300 + Math.floor(world.random() * 2_000))
          world.link.refuse(world.random() < 0.3)
          world.link.cut()
          await sleepFor(Math.floor(world.random() * 1_000))
          world.link.refuse(false)
        }
      }),
    ),
}

/** A node far away. */
export const linkSlow: Fault = {
  name: 'link-slow',
  promise: 'slow, and nothing else',
  how: 'a node behind a way of one second each direction',
  run: async (world) => {
    const slow = await startTcpProxy(() => world.nas.port, { delayMs: 1_000 })
    const place = world.newPlace()
    try {
      const server = await world.open(place.folder)
      const { drive } = server
      await drive.addNode(world.nas, { name: 'far', port: slow.port })
      const lost: string[] = []
      for (const agent of ['marks', 'strikes']) {
        const { id } = await drive.run(agent, 'far', { file: place.marksFile, count: 200, everyMs: 5 })
        place.witness.started(id, 200)
        const { state } = await drive.untilEnded(id)
        if (state !== 'succeeded') lost.push(`${agent} is ${state}`)
      }
      await world.settle(server)
      return verdictOf([...lost, ...(await world.check(place))])
    } finally {
      await slow.close()
    }
  },
}

/** Nine of ten packets to and from one port are thrown away. */
export const linkLossy: Fault = {
  name: 'link-lossy',
  promise: 'every line is there once, whatever gets through',
  how: 'nine of ten packets of the way to a node thrown away for 30 s, under load (iptables)',
  run: async (world) => {
    const rules = ['--dport', '--sport'].map((end) =>
      `INPUT -i lo -p tcp ${end} ${world.link.port} -m statistic --mode random --probability 0.9 -j DROP`.split(
        ' ',
      ),
    )
    try {
      for (const rule of rules) await command('iptables', '-A', ...rule)
    } catch {
      for (const rule of rules) await command('iptables', '-D', ...rule).catch(() => {})
      return notDone('iptables cannot throw packets away here')
    }
    const callOff = atExit(() => {
      for (const rule of rules) execFileSync('iptables', ['-D', ...rule])
    })
    const clear = async () => {
      callOff()
      for (const rule of rules) await command('iptables', '-D', ...rule).catch(() => {})
    }
    try {
      return verdictOf(
        await underLoad(world, async () => {
          await sleepFor(30_000)
          await clear()
          await sleepFor(2_000)
        }),
      )
    } finally {
      await clear()
    }
  },
}
