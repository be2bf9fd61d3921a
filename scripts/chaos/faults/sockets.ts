import { readFileSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { isFinal } from '../../../contract/executions.ts'
import type { ExecutionId } from '../../../contract/ids.ts'
import { type LiveClient, openLive } from '../../../testbed/live-client.ts'
import { type Fault, verdictOf } from '../fault.ts'
import type { BuiltServer } from '../server.ts'
import type { Place, World } from '../world.ts'

const clients = 200
const lines = 30_000
/**
 * What two hundred clients that read nothing may cost, MiB: of each what is under way to it, which is at most two frames
 * of 64 KiB, and its socket. The log itself costs the same without them.
 */
const mostGrowthMib = 48
/** How long the slowest answer to somebody else may take, milliseconds. */
const slowestMs = 2_000
/** How long whoever reads may take to have heard the log to its end once the run is over, milliseconds. */
const heardWithinMs = 30_000

/** Many clients follow a busy log and read nothing of it. */
export const stalledSockets: Fault = {
  name: 'stalled-sockets',
  promise: 'the server keeps next to nothing for those who do not read, and serves everybody else',
  how: `${clients} sockets that follow a log of thirty thousand lines and stop reading at once, held against the same log without them`,
  run: async (world) => {
    const place = world.newPlace()
    const server = await world.open(place.folder)
    // Twice: what a server takes for its first busy log it keeps.
    await busyLog(world, server, place, 0)
    const alone = await busyLog(world, server, place, 0)
    const busy = await busyLog(world, server, place, clients)
    const grown = busy.mostMib - alone.mostMib
    const lost = [...alone.lost, ...busy.lost]
    if (grown > mostGrowthMib) lost.push(`the server grew by ${grown} MiB`)
    if (busy.slowestMs > slowestMs) lost.push(`an answer took ${busy.slowestMs} ms`)
    await world.settle(server)
    lost.push(...(await world.check(place)))
    const told = `${alone.mostMib} MiB without them, ${busy.mostMib} MiB with; slowest answer ${alone.slowestMs} and ${busy.slowestMs} ms`
    return verdictOf(lost, told)
  },
}

interface Followed {
  readonly mostMib: number
  readonly slowestMs: number
  readonly lost: readonly string[]
}

/** Lets an agent print a lot, while so many follow it and read nothing and one follows it and reads. */
async function busyLog(world: World, server: BuiltServer, place: Place, stalled: number): Promise<Followed> {
  const { drive, url, token } = server
  const sockets: LiveClient['socket'][] = []
  const follow = async (id: ExecutionId) => {
    const client = await openLive(`${url}/api/v1/live`, { authorization: `Bearer ${token}` })
    client.socket.on('error', () => {})
    client.say({ type: 'subscribe', topic: `log:${id}`, after: 0 })
    sockets.push(client.socket)
    return client
  }
  try {
    const { id } = await drive.run('marks', 'nas', { file: place.marksFile, count: lines, everyMs: 0 })
    place.witness.started(id, lines)
    const reader = await follow(id)
    const hasHeard = reader.hears('complete').then(
      () => true,
      () => false,
    )
    for (let one = 0; one < stalled; one++) (await follow(id)).socket.pause()
    let mostMib = 0
    let slowest = 0
    for (let isOver = false; !isOver; await sleepFor(200)) {
      const asked = performance.now()
      isOver = isFinal((await drive.get(id)).state)
      slowest = Math.max(slowest, performance.now() - asked)
      mostMib = Math.max(mostMib, memoryOf(server.pid))
    }
    const inTime = await Promise.race([hasHeard, sleepFor(heardWithinMs, false, { ref: false })])
    mostMib = Math.max(mostMib, memoryOf(server.pid))
    const lost = inTime ? notHeardBy(reader) : ['who reads the log did not hear it to its end']
    return { mostMib, slowestMs: Math.round(slowest), lost }
  } finally {
    for (const socket of sockets) socket.terminate()
  }
}

/** Entries that a client neither got nor was told to fetch. */
function notHeardBy({ frames }: LiveClient): string[] {
  let last = 0
  for (const frame of frames) {
    if (frame.type === 'gap') last = frame.from === last + 1 ? frame.to : Number.NaN
    if (frame.type === 'log') for (const { seq } of frame.entries) last = seq === last + 1 ? seq : Number.NaN
    if (frame.type === 'complete' && last !== frame.lastSeq) return [`who reads the log missed some of it`]
  }
  return []
}

/** What a process holds in memory, MiB. */
function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1_024)
}
