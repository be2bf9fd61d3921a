import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
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
import { findServer } from '../server/cli/client.ts'
import { type Compose, drillCompose } from './compose-drill.ts'
import { type DockerEngine, startDockerEngine } from './docker-engine.ts'
import { driver, testConfig } from './house.ts'
import { makeNodeImage } from './node-image.ts'
import { startSshd } from './sshd.ts'
import { freePort } from './tcp-proxy.ts'

interface DrillOptions {
  /** Gets the image at the end, while it is still there. */
  readonly walk: (image: string, dockerHost: string) => void
  /** Called once there is an engine. Null where there is no Compose. */
  readonly findCompose: () => Compose | null
}

/**
 * Builds the image of deploy/Dockerfile for real, in an engine of its own and on base images made of this machine, and runs
 * it in every way that people start it. Prints each thing that holds; throws at the first that does not.
 */
export async function drillImage({
  walk,
  findCompose,
}: DrillOptions): Promise<'held' | { readonly absent: string }> {
  const engine = await startDockerEngine()
  if ('absent' in engine) return engine
  const work = mkdtempSync(join(tmpdir(), 'carl-image-drill-'))
  try {
    await drill(engine, work)
    const compose = findCompose()
    if (compose) await drillCompose({ image, engine, work, compose, isSoIn })
    walk(image, `unix://${engine.socket}`)
    return 'held'
  } finally {
    await engine.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

const root = resolve(import.meta.dirname, '..')
const image = 'claude-agent-runner-lite:0.1'
/** Within this time a new machine does what the old one did, seconds. */
const mostRestoreS = 5 * 60
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
    const isWell = () =>
      spawnSync('docker', ['exec', name, 'carl', 'health'], withEngine(engine)).status === 0
    if (!(await isSoIn(isWell))) throw new Error(`${name} never became well:\n${logsOf(name)}`)
    return { url: `http://127.0.0.1:${port}`, port }
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
  await start('plain', ['--volume', `${plain}:/app/data`, '--health-interval', '1s'])
  mustBe('plain', plain, 1000)
  const health = () => docker(['inspect', '--format', '{{.State.Health.Status}}', 'plain'])
  if (!(await isSoIn(() => health() === 'healthy'))) throw new Error(`the engine calls it ${health()}`)
  say('the engine itself calls it healthy')
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
  for (let turn = 0; turn < 3; turn++) docker(['exec', 'secret', 'carl', 'health'])
  const copies = docker(['exec', 'secret', 'ls', '/dev/shm']).split('\n')
  if (copies.length !== 1) throw new Error(`copies of the secret stay in memory: ${copies.join(' ')}`)
  say('whoever asks for its health leaves no copy of the secret behind')
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
  const sshd = await startSshd()
  const { drive } = dashboardOf(closed)
  await drive.allowLoopback()
  await drive.addNode(sshd)
  const { key } = await drive.client.masterKey.recoveryKit({})
  const made = docker(['exec', 'closed', 'carl', 'backup', '--json'])
  const { name: backup } = JSON.parse(made) as { name?: string }
  if (!backup) throw new Error(`no backup was made: ${made}`)
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

  // As the guide has it: an empty folder, the backup and the kit, both in a folder beside.
  const brought = folder('brought', 1000)
  copyFileSync(join(closed, 'backups', backup), join(brought, backup))
  chownSync(join(brought, backup), 1000, 1000)
  writeFileSync(join(brought, 'kit.txt'), `Recovery kit\n\nMaster key:\n${key}\n`, { mode: 0o644 })
  const fresh = folder('fresh')
  const restoredAt = performance.now()
  const volumes = ['--volume', `${fresh}:/app/data`, '--volume', `${brought}:/in`]
  docker(['run', '--rm', ...volumes, image, 'restore', '--kit', '/in/kit.txt', `/in/${backup}`])
  await start('fresh', ['--volume', `${fresh}:/app/data`])
  const again = dashboardOf(fresh).drive
  const { id } = await again.run('system-health', 'nas')
  const { state } = await again.untilEnded(id)
  const tookS = (performance.now() - restoredAt) / 1_000
  if (state !== 'succeeded' || tookS > mostRestoreS)
    throw new Error(`after the restore the agent ended as ${state}, ${tookS.toFixed(0)} s after its begin`)
  say(`from an empty folder, a backup and the kit to an agent that ran: ${tookS.toFixed(1)} s`)
  stop('fresh')
  await sshd.stop()

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
}

/** A server, by the data folder that it leaves its address in. */
const dashboardOf = (folder: string) => ({ drive: driver(findServer({}, testConfig(folder))) })

/** Looks for a minute, twice a second. */
async function isSoIn(isSo: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 120; turn++) {
    if (isSo()) return true
    await sleepFor(500)
  }
  return false
}

const withEngine = ({ socket }: DockerEngine) => ({
  env: { ...process.env, DOCKER_HOST: `unix://${socket}` },
})
