import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditEntry } from '../../contract/audit.ts'
import { startServer } from '../../testbed/server-process.ts'

const folders: string[] = []
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-audit-'))
  folders.push(folder)
  return folder
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

/** The data folder of a server that has run and stopped in order, with a trail of some lines. */
const folder = newFolder()
let newest: number
let whileItRan: object

/** `carl audit verify`, as a person would call it. */
const verify = (dataFolder: string, ...args: string[]) => carlAudit('verify', dataFolder, args)
const carlAudit = (command: string, dataFolder: string, args: readonly string[]) =>
  promisify(execFile)(
    process.execPath,
    [resolve(import.meta.dirname, '../main.ts'), 'audit', command, ...args],
    { env: { ...process.env, DATA_DIR: dataFolder, NO_COLOR: '1' } },
  ).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )

/** The same folder, in the hands of somebody who has the database and knows SQL. */
function tampered(sql: string): string {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  const db = new Sqlite(join(copy, 'core.db'))
  db.exec(sql)
  db.close()
  return copy
}

beforeAll(async () => {
  const server = await startServer(folder)
  for (const name of ['one', 'two', 'three']) {
    await server.drive.client.credentials.create({ body: { kind: 'generate', name } })
  }
  const { items } = await server.drive.client.audit.list({ query: { limit: 1 } })
  newest = auditEntry.parse(items[0]).seq
  whileItRan = await verify(folder)
  await server.stop()
})

test('asks the server that runs, and finds its trail whole', () => {
  expect(whileItRan).toMatchObject({ code: 0, stdout: expect.stringContaining(`${newest} lines`) })
})

test('finds the trail of a server that has stopped whole, and its checkpoint fits', async () => {
  const { code, stdout } = await verify(folder)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `✓ The audit trail is whole: ${newest} lines, 1 checkpoint fits.\n`,
  })
  expect(JSON.parse((await verify(folder, '--json')).stdout)).toEqual({
    verdict: { sound: true, lines: newest, checkpoints: 1 },
    foreign: 0,
  })
  expect(readFileSync(join(folder, 'audit-checkpoints.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1)
})

test('begins no trail where there is none', async () => {
  const empty = newFolder()
  expect(await verify(empty)).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('server.not_running'),
  })
  expect(readdirSync(empty)).toEqual([])
})

test.each([
  ['edited', `UPDATE audit SET actor = 'user:mallory' WHERE seq = 2`, 'Line 2 was changed.'],
  ['deleted', 'DELETE FROM audit WHERE seq = 2', 'Lines before line 3 were removed.'],
  [
    'reordered',
    'UPDATE audit SET seq = -1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = -1',
    'Line 2 was changed.',
  ],
  [
    'truncated',
    'DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)',
    'but a checkpoint tells of later ones.',
  ],
])('finds a row that was %s', async (_how, sql, told) => {
  const { code, stderr } = await verify(tampered(sql))
  expect(code).toBe(1)
  expect(stderr).toContain(told)
  expect(stderr).toContain('(audit.broken)')
})

test('a checkpoint that lies elsewhere shows what was taken along with the file here', async () => {
  const copy = tampered('DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)')
  const name = 'audit-checkpoints.jsonl'
  rmSync(join(copy, name))
  expect(await verify(copy)).toMatchObject({ code: 0 })
  const elsewhere = await verify(copy, '--checkpoints', join(folder, name))
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('audit.broken') })
  expect(await verify(copy, '--checkpoints', '/no/such/file')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/no/such/file'),
  })
})

test('prints the trail of a server that has stopped, and leaves a line that says so', async () => {
  const copy = tampered('select 1')
  const { code, stdout } = await carlAudit('export', copy, ['--action', 'credential.created'])
  const lines = stdout.trim().split('\n')
  expect(code).toBe(0)
  expect(lines.map((line) => auditEntry.parse(JSON.parse(line)).detail.name)).toEqual(['one', 'two', 'three'])
  const csv = await carlAudit('export', copy, ['--format', 'csv', '--action', 'audit.exported'])
  expect(csv.stdout.split('\r\n')[1]).toContain('local,,audit.exported')
  expect(await carlAudit('export', copy, ['--format', 'xml'])).toMatchObject({ stdout: '' })
})
