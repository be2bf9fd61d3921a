import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { Execution } from '../contract/executions.ts'
import { agentId } from '../contract/ids.ts'
import { findServer } from '../server/cli/client.ts'
import { layOutService } from '../testbed/compose-service.ts'
import { databaseBeside } from '../testbed/database.ts'
import { type Driver, driver, testAgents, testConfig } from '../testbed/house.ts'
import { fillLedger } from '../testbed/ledger-rows.ts'
import { startNginx } from '../testbed/nginx.ts'
import { freePort } from '../testbed/tcp-proxy.ts'

const root = resolve(import.meta.dirname, '..')

/** Name and password of the administrator of a server that is claimed. */
export const administrator = { name: 'admin', password: 'heather-lamp-44-orbit' }

interface ProductOptions {
  /** Empty at the root; below a path the server stands behind a real nginx. */
  readonly basePath: string
  /** Whether there is an administrator yet. */
  readonly isClaimed: boolean
}

/** A journey is over sooner than a proof of presence is: what it does is not asked for one. */
const freshMs = 2 * 60_000

/** A session as a browser has it. */
export interface SessionCookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  /** As the server sets it: at another path it would be a second cookie, and of two none counts. */
  readonly path: string
}

export interface Product {
  /** What a person opens, with a slash at the end. */
  readonly url: string
  /** Makes the first administrator; null once there is one. */
  readonly setupLink: string | null
  /** Does through the API what a journey needs to be there. */
  readonly drive: Driver
  /** Signs in the administrator past the sign-in page. */
  signIn(): Promise<SessionCookie>
  /** Signs in somebody else. */
  signInAs(whom: { readonly name: string; readonly password: string }): Promise<SessionCookie>
  /** As if models had been asked for a month; the newest three calls belong to an execution, where one is given. */
  fillLedger(of?: Pick<Execution, 'id' | 'agentId' | 'nodeId'>): Promise<void>
  /** As if everybody had signed in long ago. */
  forgetPresence(): void
  /** The data folder. */
  readonly folder: string
  /** A text file of the data folder. */
  read(file: string): string
  /** The master key as its file holds it. */
  masterKey(): string
  /** Everything that the server printed. */
  said(): string
  /** Ends the server alone: what stands in front of it stays, and so do its files. */
  halt(): Promise<void>
  /** Starts the server again, perhaps of another build, by its folder. */
  resume(build?: string): Promise<void>
  stop(): Promise<void>
}

const ownBuild = join(root, 'dist')

/** How a server is started, and where what it keeps lies on this machine. */
interface Place {
  readonly folder: string
  readonly masterKeyFile: string
  command(build: string): readonly [program: string, ...args: string[]]
}

/** The build in a process of its own. */
const asProcess = (home: string): Place => ({
  folder: home,
  masterKeyFile: join(home, 'keys/master.key'),
  command: (build) => [process.execPath, join(build, 'main.js'), 'start'],
})

/** The image of it, as a compose file of deploy/ has it. */
function asContainer(image: string, home: string, settings: Readonly<Record<string, string>>): Place {
  const file = join(root, 'deploy', process.env.E2E_COMPOSE ?? 'compose.yaml')
  const { options, dataFolder, masterKeyFile } = layOutService(file, home, settings)
  // Docker takes their values from its own surroundings: one of them is a password.
  const told = Object.keys(settings).flatMap((name) => ['--env', name])
  const agents = ['--volume', `${testAgents}:${testAgents}:ro`]
  return {
    folder: dataFolder,
    masterKeyFile,
    command: (build) => {
      const other = build === ownBuild ? [] : ['--volume', `${build}:/opt/carl/dist:ro`]
      return ['docker', 'run', '--rm', ...options, ...agents, ...other, ...told, image]
    },
  }
}

/** The product as it ships: the built server in a process of its own, on a data folder of its own. */
export async function startProduct({ basePath, isClaimed }: ProductOptions): Promise<Product> {
  const home = mkdtempSync(join(tmpdir(), 'carl-e2e-'))
  const image = process.env.E2E_IMAGE
  const serverPort = await freePort()
  const nginx = basePath ? await startNginx({ serverPort, basePath, readTimeoutS: 10 }) : null
  const url = nginx?.url ?? `http://127.0.0.1:${serverPort}`
  const settings = {
    HOST: '127.0.0.1',
    PORT: String(serverPort),
    LOG_LEVEL: 'debug',
    AGENTS_DIR: testAgents,
    PUBLIC_URL: url,
    ...(nginx && { BASE_PATH: basePath, TRUSTED_PROXIES: '127.0.0.1' }),
    ...(isClaimed && { ADMIN_PASSWORD: administrator.password }),
    // The image opens a second one, and two servers at a time cannot have the same.
    ...(image && { API_PORT: String(await freePort()) }),
  }
  const { folder, masterKeyFile, command } = image ? asContainer(image, home, settings) : asProcess(home)
  let printed = ''
  const launch = (build: string) => {
    const [program, ...args] = command(build)
    const { PATH, DOCKER_HOST } = process.env
    const started = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME: home, DATA_DIR: folder, ...(DOCKER_HOST && { DOCKER_HOST }), ...settings },
    })
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
    }
    return started
  }
  let child = launch(ownBuild)
  const killIt = () => child.kill('SIGKILL')
  process.once('exit', killIt)

  async function halt(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
  }
  async function resume(build = ownBuild): Promise<void> {
    child = launch(build)
    await hearLink()
    child.stdout.resume()
  }
  async function stop(): Promise<void> {
    process.off('exit', killIt)
    await halt()
    await nginx?.stop()
    rmSync(home, { recursive: true, force: true })
  }

  async function hearLink(): Promise<string | null> {
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith('Open http')) return null
      if (line.startsWith('  http')) return line.trim()
    }
    throw new Error(`the server did not start:\n${printed}`)
  }

  try {
    const setupLink = await hearLink()
    child.stdout.resume()
    const drive = driver(findServer({}, testConfig(folder)))
    await drive.allowLoopback()
    let session: { readonly cookie: Promise<SessionCookie>; readonly freshUntil: number } | undefined
    // Signing in often is what somebody does who guesses: after thirty times the server says no for a while.
    const signIn = async () => {
      const isFresh =
        session && Date.now() < session.freshUntil && (await isSignedIn(url, await session.cookie))
      if (!isFresh) session = { cookie: openSession(url), freshUntil: Date.now() + freshMs }
      return session?.cookie as Promise<SessionCookie>
    }
    const forgetPresence = () => {
      // The server may be writing at this moment.
      const db = new DatabaseSync(join(folder, 'core.db'), { timeout: 10_000 })
      db.exec("UPDATE session SET proven_at = '2020-01-01T00:00:00.000Z'")
      db.close()
    }
    const read = (file: string) => readFileSync(join(folder, file), 'utf8')
    const masterKey = () => readFileSync(masterKeyFile, 'utf8').trim()
    const said = () => printed
    const fill: Product['fillLedger'] = async (execution) => {
      const db = databaseBeside(folder)
      const agents = ['system-health', 'docker-janitor'].map((id) => agentId.parse(id))
      await fillLedger(db, { count: 240, days: 28, now: new Date(), agents, ...(execution && { execution }) })
      await db.close()
    }
    return {
      url: `${url}/`,
      setupLink,
      drive,
      signIn,
      signInAs: (whom) => openSession(url, whom),
      fillLedger: fill,
      forgetPresence,
      folder,
      read,
      masterKey,
      said,
      halt,
      resume,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** `carl demo`, left open. Resolves with the link that it prints, once its report is there. */
export async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'carl-e2e-'))
  const port = await freePort()
  const child = spawn(process.execPath, [join(root, 'dist/main.js'), 'demo', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder },
  })
  const ended = once(child, 'close')
  const killIt = () => child.kill('SIGKILL')
  process.once('exit', killIt)

  async function stop(): Promise<void> {
    process.off('exit', killIt)
    child.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }

  for await (const line of createInterface(child.stderr)) {
    const link = /http:\S+#token=\S+/.exec(line)?.[0]
    if (link === undefined) continue
    child.stderr.resume()
    return { link, stop }
  }
  await stop()
  throw new Error('the demo printed no link')
}

async function isSignedIn(url: string, { name, value }: SessionCookie): Promise<boolean> {
  const { ok } = await fetch(`${url}/api/v1/session`, { headers: { cookie: `${name}=${value}` } })
  return ok
}

async function openSession(url: string, whom = administrator): Promise<SessionCookie> {
  const reply = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(whom),
  })
  const given = reply.headers.get('set-cookie') ?? ''
  const [, name = '', value = '', path = ''] = /^([^=]+)=([^;]+);.*\bPath=([^;]+)/i.exec(given) ?? []
  if (!reply.ok || !name) throw new Error(`${whom.name} could not sign in: ${await reply.text()}`)
  return { name, value, path, domain: new URL(url).hostname }
}
