import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findServer } from '../server/cli/client.ts'
import { readConfig } from '../server/config.ts'
import { createHouse } from '../server/house.ts'
import { Secret } from '../server/lib/secret.ts'
import type { HostKeyBlob } from '../server/ssh/transport.ts'
import { driver, testAgents } from './house.ts'

/** A node of `npm run dev`. */
export interface DevNode {
  readonly name: string
  readonly port: number
  readonly username: string
  readonly hostKey: HostKeyBlob
  readonly keyFile: string
}

const [folder = ''] = process.argv.slice(2)
const config = readConfig({
  DATA_DIR: join(folder, 'data'),
  HOST: '127.0.0.1',
  AGENTS_DIR: testAgents,
  ...process.env,
})
const house = await createHouse(config)
await house.start()
const drive = driver(findServer({}, config))
await drive.allowLoopback()
const known = await drive.client.nodes.list({})
const nodes = JSON.parse(readFileSync(join(folder, 'nodes.json'), 'utf8')) as DevNode[]
for (const { name, keyFile, ...node } of nodes) {
  if (known.items.some((one) => one.name === name)) continue
  const clientKey = new Secret(readFileSync(keyFile, 'utf8'))
  await drive.addNode({ ...node, clientKey }, { name, tags: ['dev'] })
}
process.stdout.write(`\nSign in, once:\n  ${await house.signInLink('admin')}\n\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void house.stop().then(() => process.exit(0)))
}
