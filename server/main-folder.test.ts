import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { smallDisk } from '../testbed/small-disk.ts'
import { freePort } from '../testbed/tcp-proxy.ts'

/** What a person sees who starts the server on a folder that it cannot use: in words, and by the status of the process. */

const main = resolve(import.meta.dirname, 'main.ts')
/** Nobody's: an account that owns nothing here. */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const envOf = (data: string, port: number) => ({
  PATH: process.env.PATH,
  DATA_DIR: data,
  HOST: '127.0.0.1',
  PORT: String(port),
  LOG_LEVEL: 'silent',
})

async function start(data: string, { uid, port }: { uid?: number; port?: number } = {}) {
  const { status, stderr } = spawnSync(process.execPath, [main, 'start'], {
    env: envOf(data, port ?? (await freePort())),
    encoding: 'utf8',
    timeout: 30_000,
    ...(uid !== undefined && { uid, gid: uid }),
  })
  return { status, stderr }
}

const refusal = (code: string) => ({ status: 78, stderr: expect.stringContaining(`(${code})`) as string })

describe('a data folder', () => {
  test('that can only be read stops the start', async (context) => {
    const disk = await smallDisk(8, 'ro')
    if (!disk) return context.skip('a disk of its own can only be mounted by root')
    try {
      const { status, stderr } = await start(disk.folder)
      expect({ status, stderr }).toEqual(refusal('storage.not_writable'))
      expect(stderr).toContain(disk.folder)
    } finally {
      await disk.close()
    }
  })

  test('that is full stops the start, and is as it was', async (context) => {
    const disk = await smallDisk(1)
    if (!disk) return context.skip('a disk of its own can only be mounted by root')
    try {
      expect(() => {
        for (;;) writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(4_096), { flag: 'a' })
      }).toThrow(/ENOSPC/)
      expect(await start(disk.folder)).toEqual(refusal('storage.full'))
      rmSync(join(disk.folder, 'filler'))
      await disk.resize(64)
      // Nothing half made keeps the next start from working.
      await startsOn(disk.folder)
    } finally {
      await disk.close()
    }
  })

  test.runIf(isRoot)('of somebody else stops the start, and names it', async () => {
    chmodSync(folder, 0o700)
    const { status, stderr } = await start(folder, { uid: nobody })
    expect({ status, stderr }).toEqual(refusal('storage.not_writable'))
    expect(stderr).toContain(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  test.runIf(isRoot)('with a database of somebody else stops the start', async () => {
    writeFileSync(join(folder, 'core.db'), '')
    chmodSync(join(folder, 'core.db'), 0o600)
    chownSync(folder, nobody, nobody)
    expect(await start(folder, { uid: nobody })).toEqual(refusal('storage.not_writable'))
  })
})

test('a port that somebody has stops the start, and says which', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  try {
    const child = spawn(process.execPath, [main, 'start'], { env: envOf(folder, port) })
    let stderr = ''
    child.stderr.on('data', (text) => (stderr += String(text)))
    const [status] = (await once(child, 'exit')) as [number]
    expect({ status, stderr }).toEqual(refusal('config.port_taken'))
    expect(stderr).toContain(String(port))
  } finally {
    other.close()
  }
})

/** Resolves once a server says where it is, and stops it. */
async function startsOn(data: string): Promise<void> {
  const child = spawn(process.execPath, [main, 'start'], { env: envOf(data, await freePort()) })
  const lines = createInterface({ input: child.stdout })
  try {
    for await (const line of lines) if (line.includes('http://')) return
    throw new Error('the server never said where it is')
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}
