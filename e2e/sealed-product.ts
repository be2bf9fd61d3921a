import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../testbed/tcp-proxy.ts'
import { administrator } from './product.ts'

const program = resolve(import.meta.dirname, '../dist/main.js')

/** The built server with its key closed by a passphrase, on a data folder of its own. */
export async function sealedProduct() {
  const folder = mkdtempSync(join(tmpdir(), 'carl-e2e-'))
  const port = await freePort()
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    MASTER_KEY_PASSPHRASE: '1',
    ADMIN_PASSWORD: administrator.password,
  }
  let child: ChildProcess | null = null

  /** Resolves when it is sealed. */
  async function start(): Promise<void> {
    const started = spawn(process.execPath, [program, 'start'], { stdio: ['ignore', 'pipe', 'inherit'], env })
    child = started
    for await (const line of createInterface(started.stdout)) {
      if (!line.startsWith('This server is sealed')) continue
      started.stdout.resume()
      return
    }
    throw new Error('the server did not start')
  }

  async function stop(): Promise<void> {
    if (!child) return
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
    child = null
  }

  /** `carl unseal` with the passphrase on standard input. */
  async function unseal(passphrase: string): Promise<void> {
    const command = spawn(process.execPath, [program, 'unseal'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env,
    })
    command.stdin.end(passphrase)
    const [code] = (await once(command, 'close')) as [number | null]
    if (code !== 0) throw new Error(`carl unseal ended with ${code}`)
  }

  return {
    url: `http://127.0.0.1:${port}/`,
    start,
    stop,
    unseal,
    remove: async (): Promise<void> => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
