import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createServer } from 'vite'
import { engine, noEngine, startContainerNode } from './containers.ts'
import type { DevNode } from './dev-server.ts'
import { startSshd } from './sshd.ts'
import { answerFromTitles, startModelProvider } from './model-provider.ts'
import { freePort } from './tcp-proxy.ts'

/**
 * `npm run dev`: three real SSH servers on this machine as nodes, a container as a fourth where a Docker engine answers,
 * the server from its sources, started again whenever one of them changes, and in front of it the dashboard, where a
 * change shows without reloading. Everything is at one address, and several may run side by side. What it wrote is
 * removed when it ends.
 */
const root = resolve(import.meta.dirname, '..')
const { values: given } = parseArgs({
  options: { port: { type: 'string' }, 'server-port': { type: 'string' } },
})
const port = Number(given.port ?? (await freePort()))
const serverPort = Number(given['server-port'] ?? (await freePort()))
const url = `http://localhost:${port}`
const folder = join(root, '.cache/dev', String(port))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const servers = {
  nas: await startSshd(),
  'docker-host': await startSshd({ hostKeyTypes: ['rsa', 'ed25519'] }),
  pi: await startSshd({ config: ['MaxSessions 1'] }),
}
const nodes = Object.entries(servers).map(
  ([name, { port, username, hostKey, folder: keys }]): DevNode => ({
    name,
    port,
    username,
    hostKey,
    keyFile: join(keys, 'client'),
  }),
)
const noContainer = (why: unknown) =>
  void process.stdout.write(
    `No container among the nodes: ${why instanceof Error ? why.message : String(why)}\n`,
  )
const container =
  engine() === null
    ? noContainer(noEngine)
    : await startContainerNode({ hostname: 'container' }).catch(noContainer)
if (container) {
  const keyFile = join(folder, 'container.key')
  writeFileSync(keyFile, container.clientKey.reveal(), { mode: 0o600 })
  const { port, username, hostKey } = container
  nodes.push({ name: 'container', port, username, hostKey, keyFile })
}
writeFileSync(join(folder, 'nodes.json'), JSON.stringify(nodes))

const provider = await startModelProvider({ answer: answerFromTitles })
const toServer = `http://127.0.0.1:${serverPort}`
const dashboard = await createServer({
  configFile: join(root, 'vite.config.ts'),
  // Two that shared it would pull the ground from under each other.
  cacheDir: join(folder, 'vite'),
  logLevel: 'warn',
  server: {
    host: 'localhost',
    port,
    strictPort: true,
    proxy: { '/api': { target: toServer, ws: true }, '/healthz': toServer, '/readyz': toServer },
  },
})
await dashboard.listen()

const watched = ['server', 'contract', 'agents'].map((room) => `--watch-path=${room}`)
const server = spawn(process.execPath, [...watched, 'testbed/dev-server.ts', folder], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PORT: String(serverPort), PUBLIC_URL: url, MODEL_STAND_IN: provider.url },
})
const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ask)
server.once('close', () => ask())
await asked
server.kill('SIGTERM')
await dashboard.close()
await provider.stop()
await Promise.all([...Object.values(servers), container].map(async (node) => node?.stop()))
rmSync(folder, { recursive: true, force: true })
