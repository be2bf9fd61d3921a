import { readFileSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { type LiveClient, openLive } from '../../../testbed/live-client.ts'
import { type Fault, verdictOf } from '../fault.ts'

const clients = 200
const lines = 30_000
/** What a server may grow by, whatever clients do, MiB. */
const mostGrowthMib = 80

/** Many clients follow a busy log and read nothing of it. */
export const stalledSockets: Fault = {
  name: 'stalled-sockets',
  promise: 'the server keeps next to nothing for those who do not read, and serves everybody else',
  how: `${clients} sockets that follow a log of thirty thousand lines and stop reading at once`,
  run: async (world) => {
    const place = world.newPlace()
    const server = await world.open(place.folder)
    const { drive, url, token } = server
    const sockets: LiveClient['socket'][] = []
    try {
      const { id } = await drive.run('marks', 'nas', { file: place.marksFile, count: lines, everyMs: 0 })
      place.witness.started(id, lines)
      for (let one = 0; one < clients; one++) {
        const { socket, say } = await openLive(`${url}/api/v1/live`, { authorization: `Bearer ${token}` })
        socket.on('error', () => {})
        say({ type: 'subscribe', topic: `log:${id}`, after: 0 })
        socket.pause()
        sockets.push(socket)
      }
      const before = memoryOf(server.pid)
      let most = before
      let slowest = 0
      for (let look = 0; look < 40; look++) {
        const asked = performance.now()
        const { state } = await drive.get(id)
        slowest = Math.max(slowest, performance.now() - asked)
        most = Math.max(most, memoryOf(server.pid))
        if (state !== 'running' && look > 10) break
        await sleepFor(500)
      }
      const grown = most - before
      const lost = grown > mostGrowthMib ? [`the server grew by ${grown} MiB`] : []
      for (const socket of sockets) socket.terminate()
      await world.settle(server)
      lost.push(...(await world.check(place)))
      return verdictOf(lost, `grew by ${grown} MiB to ${most}; slowest answer ${Math.round(slowest)} ms`)
    } finally {
      for (const socket of sockets) socket.terminate()
    }
  },
}

/** What a process holds in memory, MiB. */
function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1_024)
}
