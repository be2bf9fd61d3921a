import { mkdirSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { canMount, mountImage, newImage } from '../disk.ts'
import { type Fault, notDone, verdictOf } from '../fault.ts'
import { useServer } from '../load.ts'
import { command, type World } from '../world.ts'

/**
 * What a disk holds when the power goes: the data folder lies on a file system of its own in an image. The server is
 * stopped in the middle, the image is copied as it is, without what the system had still in memory, and the copy lives on.
 */
export const powerCut: Fault = {
  name: 'power-cut',
  promise: 'what was acknowledged is on the disk',
  how: 'ext4 in an image: the server frozen under load, the image copied as it is, and started from the copy',
  run: async (world, { rounds, say }) => {
    if (!(await canMount())) return notDone('only root may mount an image')
    let image = await newImage(world.inWork('disk.img'), 256)
    let folder = world.inWork('disk')
    mkdirSync(folder)
    let unmount = await mountImage(image, folder)
    let place = world.newPlace(folder)
    // What we copied there; what the server writes is its own affair.
    await command('sync', '-f', folder)
    const lost: string[] = []
    const cuts = Math.max(2, Math.ceil(rounds / 4))
    try {
      for (let cut = 1; cut <= cuts; cut++) {
        await cutOnce()
        say(`cut ${cut}`)
      }
      lost.push(...(await world.settleAndCheck(place)))
    } finally {
      await unmount()
    }
    return verdictOf(lost, `${cuts} cuts, ${place.witness.runs.size} runs acknowledged`)

    async function cutOnce(): Promise<void> {
      const server = await world.open(place.folder)
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      await sleepFor(2_000 + Math.floor(world.random() * 4_000))
      server.signal('SIGSTOP')
      stop.abort()
      const copy = world.inWork('disk.img')
      await command('cp', '--sparse=always', image, copy)
      await server.kill()
      lost.push(...(await using))
      await unmount()
      image = copy
      folder = world.inWork('disk')
      mkdirSync(folder)
      unmount = await mountImage(image, folder)
      place = world.moved(place, folder)
    }
  },
}

/** The disk under a living server refuses every write, as one does that fails. */
export const readOnly: Fault = {
  name: 'read-only',
  promise: 'refusals in words, no crash; a start is refused in words; all is there afterwards',
  how: 'the file system of the data folder gives up under load and is read-only until it is mounted again',
  run: async (world) => {
    if (!(await canMount())) return notDone('only root may mount an image')
    const image = await newImage(world.inWork('disk.img'), 256)
    const folder = world.inWork('disk')
    mkdirSync(folder)
    let unmount = await mountImage(image, folder)
    const place = world.newPlace(folder)
    await command('sync', '-f', folder)
    const lost: string[] = []
    try {
      const server = await world.open(folder)
      const stop = new AbortController()
      const using = useServer(world, server, place, { signal: stop.signal })
      await sleepFor(3_000)
      await command('mount', '-o', 'remount,abort', folder).catch(() => {})
      await sleepFor(4_000)
      if (server.isOver()) lost.push(`the server ended with ${await server.ended}: ${server.said()}`)
      else if (!(await answers(server.url))) lost.push('the server does not answer any more')
      stop.abort()
      lost.push(...(await using))
      await server.kill()
      await unmount()
      unmount = await mountImage(image, folder, 'ro')
      lost.push(...(await refuses(world, folder, 'storage.not_writable')))
      await unmount()
      unmount = await mountImage(image, folder)
      lost.push(...(await world.settleAndCheck(place)))
    } finally {
      await unmount()
    }
    return verdictOf(lost)
  },
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  )
}

/** Says what is wrong with how a start is refused. */
async function refuses(world: World, folder: string, code: string): Promise<string[]> {
  const opened = await world.tryOpen(folder)
  if (!('status' in opened)) {
    await opened.kill()
    return [`it started, instead of refusing with ${code}`]
  }
  return opened.said.includes(`(${code})`) && opened.said.includes('→')
    ? []
    : [`its start ended with ${opened.status}, and did not say ${code}: ${opened.said}`]
}
