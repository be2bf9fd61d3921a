import { spawn } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { api, type CarlApi } from '../contract/api.ts'
import { type Client, createClient, tableOf } from '../contract/client.ts'
import type { NodeId } from '../contract/ids.ts'
import { end, mind } from './program.ts'
import { type SshNodes, until } from './ssh-nodes.ts'

const root = resolve(import.meta.dirname, '..')

/** The product as it ships: the bundle, in a process of its own, on a data folder of its own. */
export async function startProduct(dataFolder: string): Promise<Product> {
  const begun = performance.now()
  const runFolder = join(dataFolder, 'run')
  // A server that was killed leaves its address behind.
  rmSync(runFolder, { recursive: true, force: true })
  const env = {
    PATH: process.env.PATH,
    HOME: dataFolder,
    DATA_DIR: dataFolder,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    AGENTS_DIR: join(root, 'bench/agents'),
  }
  const args = [join(frozenBundle(), 'carl.cjs'), 'start']
  const child = mind(spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }))
  let words = ''
  let setupToken: string | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2_000)
      setupToken ??= /#token=([\w-]+)\n/.exec(words)?.[1]
    })
  }
  const stop = () => end(child)
  try {
    const address = { file: join(runFolder, 'url'), token: join(runFolder, 'local-token') }
    const isAlive = () => {
      if (child.exitCode !== null) throw new Error(`the server did not start: ${words}`)
      return true
    }
    await until(() => isAlive() && existsSync(address.file) && existsSync(address.token), 'the server')
    const url = readFileSync(address.file, 'utf8').trim()
    const token = readFileSync(address.token, 'utf8').trim()
    await until(() => isAlive() && answers(url), 'the API')
    const upMs = performance.now() - begun
    const headers = { authorization: `Bearer ${token}` }
    // Written out, because the whole API is more than the compiler writes down by itself.
    const client: Client<CarlApi> = createClient({ baseUrl: url, table: tableOf(api), headers })
    /** Resident memory of the server, bytes. */
    const residentBytes = () => readResident(child.pid ?? 0, 'VmRSS')
    const pid = child.pid ?? 0
    return { url, headers, client, upMs, residentBytes, pid, setupToken: () => setupToken, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
/** Written out, because the whole API is more than the compiler writes down by itself. */
export interface Product {
  readonly url: string
  readonly headers: { readonly authorization: string }
  readonly client: Client<CarlApi>
  readonly upMs: number
  residentBytes(): number
  readonly pid: number
  setupToken(): string | undefined
  stop(): ReturnType<typeof end>
}

let frozen = ''

/** The bundle as it was when we began: somebody may build again while we measure. */
function frozenBundle(): string {
  if (frozen) return frozen
  // Inside the project, where its packages are found, and as deep as no source lies.
  frozen = join(root, '.cache/bench', String(process.pid))
  process.once('exit', () => rmSync(frozen, { recursive: true, force: true }))
  // What `npm start` starts: the product is measured the way it is started.
  for (const part of ['carl.cjs', 'dist']) cpSync(join(root, part), join(frozen, part), { recursive: true })
  return frozen
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/api/v1/version`).then(
    ({ ok }) => ok,
    () => false,
  )

export function readResident(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024
}

/** Makes the nodes known to the server, trusted, without a limit of connections. Returns their ids, by place. */
export async function addNodes({ client }: Product, to: SshNodes): Promise<NodeId[]> {
  await client.settings.change({ body: { allowedNetworks: ['127.0.0.0/8'], maxExecutions: 100 } })
  const credential = await client.credentials.create({
    body: { kind: 'key', name: 'bench', privateKey: to.privateKey },
  })
  const ids: NodeId[] = []
  for (const [at, { port, hostKey }] of to.nodes.entries()) {
    const added = await client.nodes.create({
      body: {
        name: `bench-${at}`,
        host: '127.0.0.1',
        port,
        username: to.username,
        credentialId: credential.id,
        allowedAgents: null,
        connectionsPerHour: 0,
      },
    })
    await client.nodes.confirmHostKey({ params: { id: added.id }, body: { ...hostKey } })
    ids.push(added.id)
  }
  return ids
}
