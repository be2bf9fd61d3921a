import { readdirSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { processesOfRun } from '../../../testbed/processes.ts'
import { startSshd } from '../../../testbed/sshd.ts'
import { fillDisk, memoryDisk } from '../disk.ts'
import { type Fault, notDone, verdictOf } from '../fault.ts'
import { useFor, useServer } from '../load.ts'

const notRoot = 'only root may mount a small disk'

/** Fills the disk of the data folder at random moments, and frees it again. */
export const diskFull: Fault = {
  name: 'disk-full',
  promise: 'what is acknowledged is kept, and all goes on once there is room',
  how: 'a small disk filled to the last byte at random moments under load, and once while the server starts',
  run: async (world, { rounds, say }) => {
    const disk = await memoryDisk(200)
    if (!disk) return notDone(notRoot)
    const place = world.newPlace(disk.folder)
    const lost: string[] = []
    const times = Math.max(2, Math.ceil(rounds / 4))
    try {
      let server = await world.open(place.folder)
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      for (let time = 1; time <= times; time++) {
        await sleepFor(500 + Math.floor(world.random() * 3_000))
        const free = fillDisk(disk.folder)
        await sleepFor(1_500 + Math.floor(world.random() * 2_500))
        free()
        say(`full ${time}`)
      }
      await sleepFor(1_000)
      if (server.isOver()) lost.push(`the server ended with ${await server.ended}: ${server.said()}`)
      stop.abort()
      lost.push(...(await using))
      if (!server.isOver()) await server.kill()

      const free = fillDisk(disk.folder)
      const opened = await world.tryOpen(place.folder)
      if ('status' in opened) {
        if (!/\(storage\.full\)/.test(opened.said)) lost.push(`full, it did not say so: ${opened.said}`)
        free()
        server = await world.open(place.folder)
      } else {
        free()
        server = opened
      }
      lost.push(...(await useFor(world, server, place, 2_000)))
      await world.settle(server)
      lost.push(...(await world.check(place)))
    } finally {
      await disk.close()
    }
    return verdictOf(lost, `full ${times + 1} times, ${place.witness.runs.size} runs acknowledged`)
  },
}

/** A node with no room where runs are kept. */
export const nodeDiskFull: Fault = {
  name: 'node-disk-full',
  promise: 'a clear end, nothing half written left behind, and all works once there is room',
  how: 'the place of runs on a node is a small disk, filled before a run and during one',
  run: async (world) => {
    const disk = await memoryDisk(2)
    if (!disk) return notDone(notRoot)
    const node = await startSshd({ environment: { XDG_RUNTIME_DIR: disk.folder } })
    const place = world.newPlace()
    const lost: string[] = []
    try {
      const server = await world.open(place.folder)
      const { drive } = server
      await drive.addNode(node, { name: 'small' })
      const run = (count: number, everyMs: number) =>
        drive.run('marks', 'small', { file: place.marksFile, count, everyMs })

      const freeFirst = fillDisk(disk.folder)
      const before = await drive.untilEnded((await run(3, 1)).id)
      if (before.state !== 'succeeded' && !before.outcome?.problem)
        lost.push(`on a full node it is ${before.state}, without a word why`)
      freeFirst()

      const { id } = await run(100_000, 1)
      await drive.untilLogged(id, 'line 20')
      // Frozen meanwhile: the last room is not for whoever fills it up.
      const processes = processesOfRun(id)
      for (const { pid } of processes) process.kill(pid, 'SIGSTOP')
      const freeSecond = fillDisk(disk.folder)
      for (const { pid } of processes) process.kill(pid, 'SIGCONT')
      const during = await drive.untilEnded(id)
      if (during.state !== 'failed' || !during.outcome?.problem)
        lost.push(`when its node became full it is ${during.state}: ${JSON.stringify(during.outcome)}`)
      freeSecond()

      const after = await run(5, 1)
      const ended = await drive.untilEnded(after.id)
      if (ended.state !== 'succeeded') lost.push(`with room again it is ${ended.state}`)
      place.witness.started(after.id, 5)
      await world.settle(server)
      lost.push(...(await world.check(place, [disk.folder])))
      const left = readdirSync(disk.folder)
      if (left.length > 0) lost.push(`left on the disk of the node: ${left.join(', ')}`)
      return verdictOf(lost, `full before: ${before.state}; during: ${during.outcome?.problem?.code}`)
    } finally {
      await node.stop()
      await disk.close()
    }
  },
}
