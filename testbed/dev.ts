import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DevNode } from './dev-server.ts'
import { startSshd } from './sshd.ts'

/**
 * `npm run dev`: three real SSH servers on this machine as nodes, and the server from its sources, started again
 * whenever one of them changes. Its data is kept until the next `npm run dev`.
 */
const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.cache/dev')
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
writeFileSync(join(folder, 'nodes.json'), JSON.stringify(nodes))

const watched = ['server', 'contract', 'agents'].map((room) => `--watch-path=${room}`)
const server = spawn(process.execPath, [...watched, 'testbed/dev-server.ts', folder], {
  cwd: root,
  stdio: 'inherit',
})
const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ask)
server.once('close', () => ask())
await asked
server.kill('SIGTERM')
await Promise.all(Object.values(servers).map((sshd) => sshd.stop()))
