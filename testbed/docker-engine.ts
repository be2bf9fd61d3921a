import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

interface Told {
  readonly absent?: string
  readonly socket?: string
}

/** A Docker engine of its own: `docker` runs the program of that name against it. */
export interface DockerEngine {
  readonly socket: string
  docker(args: readonly string[], input?: Buffer): string
  /** An image of `lab/base:1` with so many bytes of its own, under a tag. */
  build(tag: string, bytes?: number): void
  stop(): Promise<void>
}

/**
 * Starts a private engine with one small image, `lab/base:1`, that has a shell and `sleep` of this machine. Where there
 * can be none it gives the reason instead. It is gone when this process is, however that ends.
 */
export async function startDockerEngine(): Promise<DockerEngine | { readonly absent: string }> {
  const child = spawn('python3', ['-B', join(import.meta.dirname, 'docker_engine.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.stdin.end()
    await ended
  }
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { absent, socket } = JSON.parse(line) as Told
  if (absent !== undefined || socket === undefined) {
    await stop()
    return { absent: absent ?? 'the engine said nothing' }
  }

  function docker(args: readonly string[], input: Buffer = Buffer.alloc(0)): string {
    // Without BuildKit: its images are whole in the engine, and no further program is needed.
    const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '0' }
    return execFileSync('docker', args, {
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    }).trim()
  }

  function build(tag: string, bytes = 1_000): void {
    const folder = mkdtempSync(join(tmpdir(), 'carl-build-'))
    try {
      writeFileSync(join(folder, 'own'), Buffer.alloc(bytes, tag))
      writeFileSync(join(folder, 'Dockerfile'), 'FROM lab/base:1\nCOPY own /own\nCMD ["sleep", "1000000"]\n')
      docker(['build', '--quiet', '--tag', tag, folder])
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  try {
    docker(['import', '-', 'lab/base:1'], baseImage())
  } catch (error) {
    await stop()
    throw error
  }
  return { socket, docker, build, stop }
}

/** An archive with busybox under a few of its names. */
function baseImage(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'carl-base-'))
  try {
    mkdirSync(join(folder, 'bin'))
    copyFileSync('/bin/busybox', join(folder, 'bin/busybox'))
    for (const name of ['sh', 'sleep', 'echo', 'true', 'cat', 'ls'])
      symlinkSync('busybox', join(folder, 'bin', name))
    const tar = ['--create', '--owner=0', '--group=0', '--numeric-owner', `--directory=${folder}`, '.']
    return execFileSync('tar', tar, { maxBuffer: 64 * 1_024 * 1_024 })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
