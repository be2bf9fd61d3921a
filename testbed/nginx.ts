import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilSeen } from './processes.ts'
import { freePort } from './tcp-proxy.ts'

interface NginxOptions {
  readonly port?: number
  /** Where the server behind it listens. */
  readonly serverPort: number
  readonly basePath: string
  /** After so long without a word nginx ends a connection, sockets too, seconds. */
  readonly readTimeoutS: number
  /** Further lines of its location, e.g. headers that say whom it has let in. */
  readonly lines?: readonly string[]
}

/** A real nginx in front of a server, configured as the guide says, on the loopback address. */
export async function startNginx({ port, serverPort, basePath, readTimeoutS, lines = [] }: NginxOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'carl-nginx-'))
  const listenPort = port ?? (await freePort())
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration({ port: listenPort, serverPort, basePath, readTimeoutS, lines, folder }))
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'close')

  async function stop(): Promise<void> {
    process.off('exit', abandon)
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const abandon = () => child.kill('SIGKILL')
  process.once('exit', abandon)

  await untilSeen('nginx', () => {
    if (child.exitCode !== null) throw new Error(`nginx did not start:\n${said}`)
    // Written once it listens.
    return existsSync(join(folder, 'nginx.pid'))
  })
  return { port: listenPort, url: `http://127.0.0.1:${listenPort}${basePath}`, stop }
}

const configuration = (given: Required<NginxOptions> & { folder: string }): string => `
daemon off;
master_process off;
pid ${given.folder}/nginx.pid;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${given.folder}/${kind};`).join('\n  ')}
  map $http_upgrade $connection_upgrade {
    default upgrade;
    ''      close;
  }
  server {
    listen 127.0.0.1:${given.port};
    location ${given.basePath}/ {
      proxy_pass http://127.0.0.1:${given.serverPort};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout ${given.readTimeoutS}s;
      ${given.lines.join('\n      ')}
    }
  }
}
`
