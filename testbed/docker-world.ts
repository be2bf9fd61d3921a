import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { digestOf } from './registry.ts'

/** A container of the stand-in, with the image it runs. `here` are the numbers of the digests that the image has here. */
export interface WorldContainer {
  readonly name: string
  readonly image: string
  readonly here: readonly number[]
  /** When the image was made; a month ago when left out. */
  readonly created?: string
}

const program = resolve(import.meta.dirname, '../agents/update-advisor/test_stand_in_docker.py')
const monthMs = 30 * 86_400_000

/** A stand-in for Docker on a socket of its own, which runs whatever a test says it runs. */
export async function startDockerWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'carl-docker-'))
  const socket = join(folder, 'docker.sock')
  const file = join(folder, 'world.json')

  function runs(containers: readonly WorldContainer[], insecure: readonly string[] = []): void {
    const idOf = (place: number) => `sha256:${(place + 1).toString(16).padStart(64, 'a')}`
    const created = new Date(Date.now() - monthMs).toISOString()
    const images = containers.map((one, place) => ({
      id: idOf(place),
      tags: [one.image],
      digests: one.here.map(digestOf),
      created: one.created ?? created,
    }))
    const rows = containers.map(({ name, image }, place) => ({ name, image, id: idOf(place) }))
    writeFileSync(file, JSON.stringify({ version: '29.0.1', insecure, images, containers: rows }))
  }

  runs([])
  const child = spawn('python3', ['-B', program, socket, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    socket,
    runs,
    async stop(): Promise<void> {
      child.stdin.end()
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type DockerWorld = Awaited<ReturnType<typeof startDockerWorld>>
