import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { type DockerEngine, startDockerEngine } from './docker-engine.ts'
import { makeNodeImage } from './node-image.ts'
import { freePort } from './tcp-proxy.ts'

/**
 * Builds the image of deploy/Dockerfile for real, in an engine of its own and on base images made of this machine, and runs
 * it in every way that people start it; `walk` gets it at the end, while it is still there. Prints each thing that holds;
 * throws at the first that does not.
 */
export async function drillImage(
  walk: (image: string, dockerHost: string) => void = () => {},
): Promise<'held' | { readonly absent: string }> {
  const engine = await startDockerEngine()
  if ('absent' in engine) return engine
  const work = mkdtempSync(join(tmpdir(), 'carl-image-drill-'))
  try {
    await drill(engine, work)
    walk(image, `unix://${engine.socket}`)
    return 'held'
  } finally {
    await engine.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

const root = resolve(import.meta.dirname, '..')
const image = 'claude-agent-runner-lite:0.1'
const say = (line: string) => process.stdout.write(`${line}\n`)

async function drill(engine: DockerEngine, work: string): Promise<void> {
  const { docker } = engine
  const base = makeNodeImage(engine)
  const startedAt = performance.now()
  const args = ['BUILD_IMAGE', 'RUN_IMAGE'].flatMap((name) => ['--build-arg', `${name}=${base}`])
  docker([
    'build',
    '--network',
    'host',
    '--tag',
    image,
    ...args,
    '--file',
    join(root, 'deploy/Dockerfile'),
    root,
  ])
  const sizeOf = (tag: string) => Number(docker(['image', 'inspect', '--format', '{{.Size}}', tag]))
  const mib = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`
  const took = Math.round((performance.now() - startedAt) / 1_000)
  say(`image built in ${took} s: ${mib(sizeOf(image))}, of which ${mib(sizeOf(base))} are the base`)

  const bill = JSON.parse(
    docker(['run', '--rm', '--entrypoint', 'cat', image, '/opt/carl/sbom.cdx.json']),
  ) as { components: { name: string }[] }
  const named = new Set(bill.components.map(({ name }) => name))
  for (const name of ['fastify', 'better-sqlite3', 'ssh2'])
    if (!named.has(name)) throw new Error(`the bill of materials does not name ${name}`)
  say(`its bill of materials names ${named.size} packages`)

  const folder = (name: string, owner?: number) => {
    const path = join(work, name)
    mkdirSync(path)
    if (owner !== undefined) chownSync(path, owner, owner)
    return path
  }
  /** Runs it in the background on a free port of this machine, and gives what there is to look at. */
  async function start(name: string, options: readonly string[]): Promise<{ url: string; port: number }> {
    const [port, apiPort] = [await freePort(), await freePort()]
    const env = ['--env', `PORT=${port}`, '--env', `API_PORT=${apiPort}`]
    docker(['run', '--detach', '--name', name, '--network', 'host', ...env, ...options, image])
    await until(
      name,
      () => spawnSync('docker', ['exec', name, 'carl', 'health'], withEngine(engine)).status === 0,
    )
    return { url: `http://127.0.0.1:${port}`, port }
  }
  async function until(name: string, isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < 120; turn++) {
      if (isSo()) return
      await sleepFor(500)
    }
    throw new Error(`${name} never became well:\n${logsOf(name)}`)
  }
  const logsOf = (name: string): string => {
    const { stdout, stderr } = spawnSync('docker', ['logs', name], {
      ...withEngine(engine),
      encoding: 'utf8',
    })
    return `${stdout}${stderr}`
  }
  /** Who the server is, by the files it makes and by the system. */
  function mustBe(name: string, data: string, uid: number): void {
    const pid = docker(['inspect', '--format', '{{.State.Pid}}', name])
    const uids = /^Uid:\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    const owner = statSync(join(data, 'core.db')).uid
    if (Number(uids[1]) !== uid || Number(uids[2]) !== uid || owner !== uid)
      throw new Error(`${name} runs as ${uids[1]} and its files belong to ${owner}, not ${uid}`)
  }
  function stop(name: string): number {
    const before = performance.now()
    docker(['stop', '--time', '10', name])
    const ms = Math.round(performance.now() - before)
    const code = docker(['inspect', '--format', '{{.State.ExitCode}}', name])
    if (code !== '0') throw new Error(`${name} ended with ${code} after ${ms} ms:\n${logsOf(name)}`)
    docker(['rm', name])
    return ms
  }

  const plain = folder('plain')
  await start('plain', ['--volume', `${plain}:/app/data`])
  mustBe('plain', plain, 1000)
  say(`started as root on a folder of root: it runs as 1000, and stops in ${stop('plain')} ms`)

  const lab = folder('puid')
  await start('puid', ['--volume', `${lab}:/app/data`, '--env', 'PUID=99', '--env', 'PGID=100'])
  mustBe('puid', lab, 99)
  say('with PUID=99 and PGID=100 it runs as 99')
  stop('puid')

  const secret = join(work, 'admin-password')
  writeFileSync(secret, 'heather-lamp-44-orbit\n')
  chmodSync(secret, 0o400)
  const guarded = folder('secret')
  const asSecret = [
    '--volume',
    `${secret}:/run/secrets/admin:ro`,
    '--env',
    'ADMIN_PASSWORD_FILE=/run/secrets/admin',
  ]
  await start('secret', ['--volume', `${guarded}:/app/data`, ...asSecret])
  mustBe('secret', guarded, 1000)
  say('a secret that only root may read is read, and root is dropped')
  stop('secret')

  const closed = folder('closed', 1000)
  const hard = [
    '--user',
    '1000:1000',
    '--read-only',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges:true',
  ]
  const { url } = await start('closed', [
    ...hard,
    '--tmpfs',
    '/tmp',
    '--pids-limit',
    '256',
    '--volume',
    `${closed}:/app/data`,
  ])
  mustBe('closed', closed, 1000)
  say('with a user, a read-only root and no capability it runs as well')
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  if (!page.ok || !(await page.text()).includes('data-base')) throw new Error('the dashboard is not served')
  say('the dashboard is served')
  const made = docker(['exec', 'closed', 'carl', 'backup', '--json'])
  if (!JSON.parse(made).name) throw new Error(`no backup was made: ${made}`)
  say('carl backup works inside')

  const second = spawnSync(
    'docker',
    ['run', '--rm', ...hard, '--tmpfs', '/tmp', '--volume', `${closed}:/app/data`, image],
    {
      ...withEngine(engine),
      encoding: 'utf8',
    },
  )
  if (second.status !== 75)
    throw new Error(`a second one on the same folder ended with ${second.status}: ${second.stderr}`)
  say('a second container on the same folder refuses with status 75')
  say(`it stops in ${stop('closed')} ms`)

  const foreign = folder('foreign')
  const refused = spawnSync(
    'docker',
    ['run', '--rm', '--user', '1234:1234', '--volume', `${foreign}:/app/data`, image],
    {
      ...withEngine(engine),
      encoding: 'utf8',
    },
  )
  if (refused.status !== 78 || !/write access/.test(refused.stderr))
    throw new Error(`on a folder of somebody else it ended with ${refused.status}: ${refused.stderr}`)
  say('on a folder that is not its own it says so, with status 78')

  await drillCompose(engine, work, until)
}

/** The published compose file and the one of the requirements, with the Compose of this machine. */
async function drillCompose(
  engine: DockerEngine,
  work: string,
  until: (name: string, isSo: () => boolean) => Promise<void>,
): Promise<void> {
  if (spawnSync('docker-compose', ['version'], { stdio: 'ignore' }).status !== 0) {
    say('no Compose here: its files were not run')
    return
  }
  const port = await freePort()
  const home = join(work, 'carl')
  const env = { ...withEngine(engine).env, HOME: work }
  const installer = (...options: string[]) =>
    execFileSync(
      'sh',
      [join(root, 'deploy/install.sh'), '--dir', home, '--port', String(port), '--yes', ...options],
      {
        env,
        encoding: 'utf8',
      },
    )
  const told = installer()
  if (!/setup#token=/.test(told)) throw new Error(`the installer printed no set-up link:\n${told}`)
  say('install.sh writes the file, starts it, waits, and prints the set-up link')
  installer('--uninstall')
  if (existsSync(join(home, 'compose.yaml')) || !existsSync(join(home, 'data/core.db')))
    throw new Error('after --uninstall something else is left than the data')
  say('install.sh --uninstall leaves the data alone')

  const asked = join(work, 'asked')
  mkdirSync(asked)
  const compose = requirementsCompose()
    .replace('"3000:3000"', `"${await freePort()}:3000"`)
    .replace('"8000:8000"', `"${await freePort()}:8000"`)
  writeFileSync(join(asked, 'docker-compose.yml'), compose)
  engine.docker(['tag', image, 'clauderunner/lite:latest'])
  const run = (...words: string[]) =>
    execFileSync('docker-compose', words, {
      cwd: asked,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  run('up', '-d')
  await until(
    'the compose file of the requirements',
    () =>
      spawnSync('docker-compose', ['exec', '-T', 'claude-runner-lite', 'carl', 'health'], { cwd: asked, env })
        .status === 0,
  )
  run('down')
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

const withEngine = ({ socket }: DockerEngine) => ({
  env: { ...process.env, DOCKER_HOST: `unix://${socket}` },
})
