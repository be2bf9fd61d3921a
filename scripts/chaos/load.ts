import { setTimeout as sleepFor } from 'node:timers/promises'
import { type Execution, isFinal } from '../../contract/executions.ts'
import { scheduleSpec } from '../../contract/schedules.ts'
import { problemOf } from '../../server/cli/problem.ts'
import type { BuiltServer } from './server.ts'
import { randomFrom } from '../../testbed/worlds.ts'
import { nodeNamed, type Place, type World } from './world.ts'

/** What somebody may do; each says what was acknowledged, and rejects when the server was gone or refused. */
type Deed = (world: World, server: BuiltServer, place: Place) => Promise<void>

const between = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

/** Who sees so many under way waits for them: else all that follows a fault would be working off a queue. */
const mostUnderWay = 24

async function underWay({ drive }: BuiltServer): Promise<Execution[]> {
  const { items } = await drive.client.executions.list({ query: { limit: 50 } })
  return items.filter(({ state }) => !isFinal(state))
}

const starts: Deed = async ({ random }, server, { witness, marksFile }) => {
  if ((await underWay(server)).length >= mostUnderWay) return
  const { drive } = server
  const count = between(random, 1, 40)
  const agent = random() < 0.6 ? 'marks' : 'strikes'
  const node = random() < 0.5 ? 'nas' : 'pi'
  const finds = random() < 0.3 ? `svc-${between(random, 1, 1_000_000)}` : ''
  const { id } = await drive.run(agent, node, {
    file: marksFile,
    count,
    everyMs: between(random, 0, 20),
    finds,
  })
  witness.started(id, count)
}

const cancels: Deed = async ({ random }, server, { witness }) => {
  const active = await underWay(server)
  const one = active[Math.floor(random() * active.length)]
  if (!one) return
  await server.drive.client.executions.cancel({ params: { id: one.id } })
  witness.cancelled(one.id)
}

const changesNode: Deed = async (_, server, { witness }) => {
  const id = await nodeNamed(server, 'nas')
  const number = witness.askChange()
  try {
    await server.drive.client.nodes.change({ params: { id }, body: { tags: [`n${number}`] } })
    witness.endChange(number, true)
  } catch (error) {
    // Of what got no answer nobody knows whether it is still to come.
    if (problemOf(error)?.code !== 'server.no_answer') witness.endChange(number, false)
    throw error
  }
}

/** From two minutes ago on, so that there is something to make up for, and something that comes soon. */
const schedules: Deed = async ({ random }, { drive }, { witness, marksFile }) => {
  if (witness.schedules.length >= 3) return
  const from = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000)
  const { id } = await drive.client.schedules.create({
    body: scheduleSpec.parse({
      name: `Each minute ${witness.schedules.length} ${between(random, 0, 1_000_000)}`,
      timing: { kind: 'interval', everyMinutes: 1, from: from.toISOString() },
      zone: 'UTC',
      agentId: 'strikes',
      targets: ['nas'],
      options: { file: marksFile, count: 2, everyMs: 1 },
      catchUp: { policy: 'all', withinHours: 1, most: 100 },
      overlap: 'queue',
    }),
  })
  witness.scheduled(id)
}

const deeds: readonly (readonly [share: number, deed: Deed])[] = [
  [0.55, starts],
  [0.2, changesNode],
  [0.15, cancels],
  [0.1, schedules],
]

function anyDeed(random: () => number): Deed {
  let left = random()
  for (const [share, deed] of deeds) {
    left -= share
    if (left < 0) return deed
  }
  return starts
}

/** Refusals that a fault may bring; every other one is a finding of its own. */
const fair =
  /^(storage\.(full|busy|failing|not_writable)|server\.(not_ready|no_answer|not_running)|execution\.finished|request\.too_many)/

interface UseOptions {
  readonly signal: AbortSignal
  readonly withoutSchedules?: boolean
}

/** How many use a server at a time. */
const people = 3

/** Uses a server as several people would, until it is told to end or the server is gone. Returns refusals nobody should see. */
export async function useServer(
  world: World,
  server: BuiltServer,
  place: Place,
  { signal, withoutSchedules = false }: UseOptions,
): Promise<string[]> {
  const odd: string[] = []
  place.witness.serverBegins()
  const person = async () => {
    // Chances of its own, so that what one does hardly depends on how quick the others are.
    const own = { ...world, random: randomFrom(Math.floor(world.random() * 2 ** 31)) }
    while (!signal.aborted && !server.isOver()) {
      try {
        const deed = anyDeed(own.random)
        await (withoutSchedules && deed === schedules ? starts : deed)(own, server, place)
      } catch (error) {
        const code = problemOf(error)?.code
        if (code !== undefined && !fair.test(code)) odd.push(`refused with ${code}`)
      }
      await sleepFor(between(own.random, 20, 300))
    }
  }
  await Promise.all(Array.from({ length: people }, person))
  return [...new Set(odd)]
}

/** Uses a server for so long. */
export const useFor = (
  world: World,
  server: BuiltServer,
  place: Place,
  ms: number,
  options: Omit<UseOptions, 'signal'> = {},
): Promise<string[]> => useServer(world, server, place, { ...options, signal: AbortSignal.timeout(ms) })
