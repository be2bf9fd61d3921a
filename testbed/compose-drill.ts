import { execFileSync, spawnSync, type StdioOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DockerEngine } from './docker-engine.ts'
import { freePort } from './tcp-proxy.ts'

/** Compose, as a program of this machine. */
export interface Compose {
  /** `docker compose`, or `docker-compose`. */
  readonly words: readonly [program: string, ...args: string[]]
  /** Where it is found, if nobody installed it. */
  readonly env: Readonly<Record<string, string>>
}

interface ComposeDrill {
  readonly image: string
  readonly engine: DockerEngine
  readonly work: string
  readonly compose: Compose
  readonly isSoIn: (isSo: () => boolean) => Promise<boolean>
}

const deploy = resolve(import.meta.dirname, '../deploy')
const say = (line: string) => process.stdout.write(`${line}\n`)

/** The installer, the published compose files and the one of the requirements, each as people use it. */
export async function drillCompose({ image, engine, work, compose, isSoIn }: ComposeDrill): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}`, HOME: work, ...compose.env }
  const [program, ...words] = compose.words

  /** Compose in a folder; throws with what it said. */
  function run(folder: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(program, [...words, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`compose ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
    return stdout
  }
  async function up(folder: string, service: string): Promise<void> {
    run(folder, 'up', '-d')
    const ask = [...words, 'exec', '-T', service, 'carl', 'health']
    const isWell = () => spawnSync(program, ask, { cwd: folder, env }).status === 0
    if (!(await isSoIn(isWell))) throw new Error(`it never became well:\n${run(folder, 'logs')}`)
  }

  const home = join(work, 'carl')
  const port = await freePort()
  const install = (...options: readonly string[]) => {
    const args = ['--dir', home, '--port', String(port), '--yes', ...options]
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
    return execFileSync('sh', [join(deploy, 'install.sh'), ...args], { env, encoding: 'utf8', stdio })
  }
  const startedAt = performance.now()
  const told = install()
  const tookS = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const link = /http\S+setup#token=\S+/.exec(told)?.[0]
  if (!link) throw new Error(`the installer printed no set-up link:\n${told}`)
  const page = await fetch(link, { headers: { accept: 'text/html' } })
  if (!page.ok) throw new Error(`the published port answered ${page.status}`)
  say(`install.sh writes the file, starts it, waits, and prints a set-up link that opens: ${tookS} s`)

  engine.docker(['tag', image, image.replace(/:.*/, ':0.1-next')])
  const marks = readFileSync(join(home, 'data/keys/master.key'), 'utf8')
  install('--version', '0.1-next')
  const runs = engine.docker(['ps', '--format', '{{.Image}}'])
  if (!runs.includes(':0.1-next') || readFileSync(join(home, 'data/keys/master.key'), 'utf8') !== marks)
    throw new Error(`after another version was installed there runs ${runs}`)
  if (!readFileSync(join(home, 'compose.yaml.before'), 'utf8').includes(image))
    throw new Error('the compose file of before is not kept')
  say('install.sh --version changes the version, on the same data, and keeps the file of before')

  install('--uninstall')
  if (existsSync(join(home, 'compose.yaml')) || !existsSync(join(home, 'data/core.db')))
    throw new Error('after --uninstall something else is left than the data')
  if (engine.docker(['ps', '--all', '--quiet']) !== '') throw new Error('--uninstall left a container')
  say('install.sh --uninstall takes the container away and leaves the data alone')

  const closed = join(work, 'closed-by-compose')
  mkdirSync(closed)
  for (const name of ['data', 'backups']) {
    mkdirSync(join(closed, name), { mode: 0o700 })
    chownSync(join(closed, name), 1000, 1000)
  }
  const key = join(closed, 'master.key')
  writeFileSync(key, `${randomBytes(32).toString('base64')}\n`, { mode: 0o400 })
  chownSync(key, 1000, 1000)
  const hardened = readFileSync(join(deploy, 'compose.hardened.yaml'), 'utf8')
  writeFileSync(
    join(closed, 'compose.yaml'),
    hardened.replace('127.0.0.1:3000:3000', `127.0.0.1:${await freePort()}:3000`),
  )
  await up(closed, 'carl')
  if (existsSync(join(closed, 'data/keys/master.key'))) throw new Error('the secret is not the master key')
  run(closed, 'down')
  say('the hardened compose file works as its comments say')

  const asked = join(work, 'asked')
  mkdirSync(asked)
  const text = requirementsCompose()
    .replace('"3000:3000"', `"${await freePort()}:3000"`)
    .replace('"8000:8000"', `"${await freePort()}:8000"`)
  writeFileSync(join(asked, 'docker-compose.yml'), text)
  engine.docker(['tag', image, 'clauderunner/lite:latest'])
  await up(asked, 'claude-runner-lite')
  run(asked, 'down')
  say('the compose file of the requirements works unchanged')
}

/** As the requirements have it: two ports, two folders, three variables. */
const requirementsCompose = (): string => `version: '3.8'
services:
  claude-runner-lite:
    image: clauderunner/lite:latest
    ports:
      - "3000:3000"
      - "8000:8000"
    volumes:
      - ./data:/app/data
      - ./ssh-keys:/app/ssh-keys:ro
    environment:
      - CLAUDE_API_KEY=\${CLAUDE_API_KEY}
      - JWT_SECRET=\${JWT_SECRET}
      - ADMIN_PASSWORD=\${ADMIN_PASSWORD}
    restart: unless-stopped
`
