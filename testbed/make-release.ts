import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { agentId } from '../contract/ids.ts'
import { scheduleSpec } from '../contract/schedules.ts'
import { version } from '../server/version.ts'
import { testHouse } from './house.ts'
import { releaseFolder, releaseKeyText } from './releases.ts'
import { freePort } from './tcp-proxy.ts'

/**
 * Writes down the database of this version as `releases/VERSION.sql`, for every later version to be tried on. Run it
 * once for each release, when its migrations are final: `./run node testbed/make-release.ts`.
 */
const target = join(releaseFolder, `${version}.sql`)
const keyFile = join(mkdtempSync(join(tmpdir(), 'carl-release-')), 'key')
writeFileSync(keyFile, releaseKeyText, { mode: 0o600 })

const lab = await testHouse({ env: { MASTER_KEY_FILE: keyFile } })
const { client } = lab.drive
const token = new URL(lab.setupLink ?? '').hash.replace('#token=', '')
const password = createHash('sha256').update('a password of the release').digest('hex')
await lab.as(null).setup.claim({ body: { token, name: 'anna', password } })
const credential = await client.credentials.create({
  body: { kind: 'password', name: 'nas', password: 'only-of-the-release' },
})
const node = await client.nodes.create({
  body: {
    name: 'nas',
    host: '127.0.0.1',
    port: await freePort(),
    username: 'carl',
    credentialId: credential.id,
    tags: ['storage'],
    allowedAgents: null,
  },
})
await client.repositories.create({
  body: {
    nodeId: node.id,
    kind: 'restic',
    location: '/srv/backup',
    secret: { password: 'only-of-the-release' },
  },
})
const { id } = await lab.drive.run('system-health', 'nas')
await lab.drive.untilEnded(id)
await client.schedules.create({
  body: scheduleSpec.parse({
    name: 'Every morning',
    agentId: agentId.parse('system-health'),
    targets: ['nas'],
    timing: { kind: 'cron', cron: '0 7 * * *' },
    zone: 'Europe/Berlin',
  }),
})
await client.notifications.addChannel({
  body: {
    name: 'phone',
    enabled: false,
    settings: { kind: 'ntfy', server: 'https://ntfy.example.com', topic: 'lab' },
    secrets: { token: 'only-of-the-release' },
  },
})
await client.settings.change({ body: { retentionDays: 90 } })
await lab.house.stop()

const db = new Sqlite(join(lab.folder, 'core.db'), { readonly: true })
const lines = [
  '-- The database of a release, for the tests of upgrades. Made by testbed/make-release.ts; never changed by hand.',
]
const schema = db
  .prepare(
    `select type, name, sql from sqlite_schema where sql is not null and name not like 'sqlite_%' order by rowid`,
  )
  .all() as { type: string; name: string; sql: string }[]
for (const { sql } of schema) lines.push(`${sql};`)
for (const { type, name } of schema) {
  if (type !== 'table') continue
  for (const row of db.prepare(`select * from "${name}"`).all() as Record<string, unknown>[]) {
    const columns = Object.keys(row).map((column) => `"${column}"`)
    lines.push(
      `insert into "${name}" (${columns.join(', ')}) values (${Object.values(row).map(toSql).join(', ')});`,
    )
  }
}
db.close()
writeFileSync(target, `${lines.join('\n')}\n`)
process.stdout.write(`${target}: ${schema.length} parts of the schema, ${lines.length} lines\n`)
process.exit(0)

function toSql(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`
  return `'${(value as string).replaceAll("'", "''")}'`
}
