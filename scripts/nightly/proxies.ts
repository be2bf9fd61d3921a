import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { toMessage } from '../../server/lib/errors.ts'
import { makeAuthority } from '../../testbed/certificates.ts'
import { openLive } from '../../testbed/live-client.ts'
import { freePort } from '../../testbed/tcp-proxy.ts'
import { type BuiltServer, isRefusal, openServer } from '../chaos/server.ts'
import type { Part } from './part.ts'

const samples = resolve(import.meta.dirname, '../../deploy/proxies')
const password = 'heather-lamp-44-orbit'
/** How long a proxy may take to listen, in turns of 100 ms. */
const mostTurns = 150

/** One sample in front of one server. */
interface Sample {
  /** The name in it under which people come. */
  readonly host: string
  readonly basePath: string
}

const atRoot: Sample = { host: 'carl.home.example', basePath: '' }
const belowPath: Sample = { host: 'carl.home.example', basePath: '/carl' }

interface Ports {
  readonly own: number
  readonly server: number
}

interface Proxy {
  readonly name: string
  readonly samples: readonly Sample[]
  /** The program; null where it cannot be had. */
  program(folder: string): string | null
  /** Writes what it reads, made of the sample, and says how it is started. */
  configure(folder: string, sample: Sample, ports: Ports): readonly string[]
}

const read = (name: string) => readFileSync(join(samples, name), 'utf8')

/** Replaces what must be there: a sample that was changed shall not pass by unseen. */
function replaced(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the sample no longer says ${from}`)
    return before.replaceAll(from, to)
  }, text)
}

const nginx: Proxy = {
  name: 'nginx',
  samples: [atRoot, belowPath],
  program: () => (existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : null),
  configure: (folder, { host, basePath }, { own, server }) => {
    const { key, cert } = makeAuthority().issue(`DNS:${host}`)
    writeFileSync(join(folder, 'carl.key'), key)
    writeFileSync(join(folder, 'carl.pem'), cert)
    const site = replaced(read('nginx.conf'), [
      ['listen 443 ssl', `listen 127.0.0.1:${own} ssl`],
      ['/etc/ssl/', `${folder}/`],
      ['127.0.0.1:3000', `127.0.0.1:${server}`],
      ['location / {', `location ${basePath}/ {`],
    ])
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    const places = temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n')
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off;\nmaster_process off;\npid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${places}\n${site}}\n`,
    )
    return ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  },
}

const caddy: Proxy = {
  name: 'Caddy',
  // The sample has another name for the one below a path, so that both can stand in one file.
  samples: [atRoot, { host: 'home.example', basePath: '/carl' }],
  program: (folder) => fromDebian('caddy', 'usr/bin/caddy', folder),
  configure: (folder, { host }, { own, server }) => {
    const sites = read('Caddyfile')
    const start = sites.indexOf(`\n${host} {`)
    const site = replaced(sites.slice(start + 1, sites.indexOf('\n}', start) + 3), [
      [`${host} {`, `https://${host}:${own} {\n\ttls internal`],
      ['127.0.0.1:3000', `127.0.0.1:${server}`],
    ])
    const options = `{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system ${folder}/storage\n}\n`
    writeFileSync(join(folder, 'Caddyfile'), options + site)
    return ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  },
}

/** A program of a Debian package, unpacked beside everything; nothing is installed. */
function fromDebian(name: string, program: string, folder: string): string | null {
  try {
    execFileSync('apt-get', ['download', '-q', name], { cwd: folder, stdio: 'ignore' })
    execFileSync('sh', ['-c', 'dpkg -x "$1"_*.deb .', 'sh', name], { cwd: folder, stdio: 'ignore' })
    return join(folder, program)
  } catch {
    return null
  }
}

/** The samples of deploy/proxies in front of the built server, as they are but for names and ports. */
export const proxies: Part = async ({ say }) => {
  const notDone = ['Traefik: Debian has no package of it; its sample is not run']
  let failed = 0
  for (const proxy of [nginx, caddy]) {
    const folder = mkdtempSync(join(tmpdir(), 'carl-proxy-'))
    try {
      const program = proxy.program(folder)
      if (program === null) {
        notDone.push(`${proxy.name}: it is not here and could not be had from Debian`)
        continue
      }
      for (const sample of proxy.samples) {
        await walk(proxy, program, sample, folder)
        say(`${proxy.name}${sample.basePath && ` below ${sample.basePath}`}: page, sign-in and socket work`)
      }
    } catch (error) {
      failed++
      say(`${proxy.name}: ${toMessage(error)}`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return { failed, notDone }
}

async function walk(proxy: Proxy, program: string, sample: Sample, work: string): Promise<void> {
  const folder = mkdtempSync(join(work, 'site-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const [own, serverPort] = [await freePort(), await freePort()]
  const at = `https://${sample.host}:${own}${sample.basePath}`
  const server = await openServer(data, {
    env: {
      PORT: String(serverPort),
      PUBLIC_URL: at,
      BASE_PATH: sample.basePath || '/',
      TRUSTED_PROXIES: '127.0.0.1',
      ADMIN_PASSWORD: password,
    },
  })
  if (isRefusal(server)) throw new Error(`the server did not start:\n${server.said}`)
  const args = proxy.configure(folder, sample, { own, server: serverPort })
  const child = spawn(program, args, { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: folder } })
  const abandon = () => child.kill('SIGKILL')
  process.once('exit', abandon)
  const ended = once(child, 'exit')
  try {
    await look(server, sample, own)
  } finally {
    process.off('exit', abandon)
    child.kill('SIGTERM')
    await ended
    await server.stop()
  }
}

async function look({ token }: BuiltServer, { host, basePath }: Sample, port: number): Promise<void> {
  // By its name, as a browser comes; the name leads to this machine.
  const how = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false }
  const headers = { host: `${host}:${port}` }

  async function ask(path: string, body?: unknown): Promise<{ reply: IncomingMessage; text: string }> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request({ ...how, path: basePath + path, method, headers: { ...headers, ...json } })
    asked.end(body === undefined ? undefined : JSON.stringify(body))
    const [reply] = (await once(asked, 'response')) as [IncomingMessage]
    return { reply, text: (await reply.toArray()).join('') }
  }

  const untilUp = async () => {
    for (let turn = 0; turn < mostTurns; turn++) {
      const there = await ask('/').catch(() => null)
      if (there?.reply.statusCode === 200) return there
      await sleepFor(100)
    }
    throw new Error('it never led to the dashboard')
  }
  const page = await untilUp()
  if (!page.text.includes(`data-base="${basePath}`)) throw new Error('the page does not know where it stands')

  const { reply } = await ask('/api/v1/session', { name: 'admin', password })
  const cookie = String(reply.headers['set-cookie'])
  if (reply.statusCode !== 200 || !/;\s*Secure/i.test(cookie))
    throw new Error(`the sign-in was answered with ${reply.statusCode}, and the cookie ${cookie}`)

  const { socket, say, hears } = await openLive(
    `https://127.0.0.1:${port}${basePath}/api/v1/live`,
    { ...headers, authorization: `Bearer ${token}`, origin: `https://${host}:${port}` },
    { servername: host, rejectUnauthorized: false },
  )
  try {
    say({ type: 'ping' })
    await hears('pong')
  } finally {
    socket.terminate()
  }
}
