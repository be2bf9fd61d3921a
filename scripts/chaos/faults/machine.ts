import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { atExit } from '../at-exit.ts'
import { type Fault, notDone, verdictOf } from '../fault.ts'
import { useServer } from '../load.ts'
import { isRefusal } from '../server.ts'
import { command } from '../world.ts'

/** Control groups of both kinds, and the name of the limit in each. */
const groups = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
] as const

/** Too little memory, so that the system ends the server whenever it likes. */
export const memoryShort: Fault = {
  name: 'memory-short',
  promise: 'as with kill -9: whatever was acknowledged is kept, and nothing runs twice',
  how: 'a control group with less memory each time than the server wants, under load; the system kills it',
  run: async (world, { rounds }) => {
    const group = groups.find(({ root, limit }) => existsSync(join(root, limit)) && isWritable(root))
    if (!group) return notDone('no control group for memory can be made here')
    const folder = join(group.root, `carl-chaos-${process.pid}`)
    mkdirSync(folder)
    const callOff = atExit(() => rmdirSync(folder))
    const place = world.newPlace()
    const lost: string[] = []
    let killed = 0
    try {
      for (let round = 0; round < Math.max(3, Math.ceil(rounds / 3)); round++) {
        const server = await world.open(place.folder)
        const stop = new AbortController()
        const using = useServer(world, server, place, { signal: stop.signal })
        await sleepFor(1_000)
        // Pages that it has already stay where they were counted, so only what it takes from here on is.
        writeFileSync(join(folder, 'cgroup.procs'), String(server.pid))
        writeFileSync(join(folder, group.limit), String((6 + round * 4) * 1_048_576))
        await Promise.race([server.ended, sleepFor(6_000)])
        if (server.isOver()) killed++
        stop.abort()
        await server.kill()
        lost.push(...(await using))
      }
    } finally {
      await emptied(folder)
      callOff()
      rmdirSync(folder)
    }
    lost.push(...(await world.settleAndCheck(place)))
    return verdictOf(lost, `${killed} times killed by the system`)
  },
}

function isWritable(root: string): boolean {
  const folder = join(root, `carl-chaos-try-${process.pid}`)
  try {
    mkdirSync(folder)
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

async function emptied(folder: string): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    if (readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim() === '') return
    await sleepFor(100)
  }
}

/** The disk says no when it is asked to make something durable. */
export const failingSync: Fault = {
  name: 'failing-sync',
  promise:
    'what could not be made durable is not acknowledged; refusals in words, and all goes on after a restart',
  how: 'strace lets every fifth fdatasync and fsync of the server fail with EIO, under load',
  run: async (world) => {
    const works = await command('strace', '-e', 'trace=none', '-o', '/dev/null', 'true').then(
      () => true,
      () => false,
    )
    if (!works) return notDone('strace is not here, or may not trace')
    const place = world.newPlace()
    const lost: string[] = []
    // As a process beside it, so that the server stays the one that is killed.
    const through = ['strace', '-D', '-f', '-q', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync']
    const inject = ['-e', 'inject=fsync,fdatasync:error=EIO:when=60+5']
    const server = await world.tryOpen(place.folder, { through: [...through, ...inject] })
    if (isRefusal(server)) return verdictOf([`it did not start: ${server.said}`])
    const stop = new AbortController()
    const using = useServer(world, server, place, { signal: stop.signal })
    await Promise.race([server.ended, sleepFor(8_000)])
    if (server.isOver()) lost.push(`the server ended with ${await server.ended}: ${server.said()}`)
    stop.abort()
    await server.kill()
    lost.push(...(await using))
    lost.push(...(await world.settleAndCheck(place)))
    return verdictOf(lost, `${place.witness.runs.size} runs acknowledged`)
  },
}

/** An agent somebody installed that does what it must not. */
export const hostileAgent: Fault = {
  name: 'hostile-agent',
  promise: 'ended at its limits, nothing of it left, and believed in nothing',
  how: 'an agent that hangs, forks, floods, and prints what only the server may say',
  run: async (world) => {
    const place = world.newPlace()
    const server = await world.open(place.folder)
    const { drive } = server
    const lost: string[] = []
    const ends: string[] = []
    for (const [does, wanted] of [
      ['hangs', ['timed-out']],
      ['forks', ['timed-out']],
      ['fills', ['succeeded', 'timed-out']],
      ['forges', ['failed']],
    ] as const) {
      const { id } = await drive.run('hostile', 'nas', { does })
      const { state } = await drive.untilEnded(id)
      ends.push(`${does}: ${state}`)
      if (!(wanted as readonly string[]).includes(state)) lost.push(`the one that ${does} is ${state}`)
    }
    const { id } = await drive.run('marks', 'nas', { file: place.marksFile, count: 3, everyMs: 1 })
    place.witness.started(id, 3)
    if ((await drive.untilEnded(id)).state !== 'succeeded') lost.push('the next run does not work')
    await world.settle(server)
    return verdictOf([...lost, ...(await world.check(place))], ends.join(', '))
  },
}
