import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { toMessage } from '../lib/errors.ts'

/** What a database says about itself. */
export interface Inspected {
  /** What is damaged, in the words of SQLite; null when every page, index and reference holds. */
  readonly damage: string | null
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>
  /** Migrations it has, oldest first. */
  readonly migrations: readonly string[]
  /** The version of the server that used it last; null when it does not say. */
  readonly appVersion: string | null
  /** What only its master key opens, as it is stored; null when it holds none. */
  readonly keyCheck: string | null
  /** The newest line of its audit trail. */
  readonly auditHead: { readonly seq: number; readonly hash: string } | null
}

// In two steps, to keep bundlers from resolving it themselves; see vault/ssh-key.ts.
const workerName = import.meta.url.endsWith('.ts') ? './inspect-worker.ts' : './inspect-worker.js'

/** Goes through a whole database file that nobody uses, in a thread of its own: it reads every page. */
export async function inspectDatabase(file: string, signal?: AbortSignal): Promise<Inspected> {
  const worker = new Worker(new URL(workerName, import.meta.url), {
    workerData: file,
    env: {},
    argv: [],
    execArgv: [],
  })
  try {
    const [told] = (await once(worker, 'message', signal ? { signal } : {})) as [Inspected]
    return told
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  } finally {
    await worker.terminate()
  }
}

/** The same, here and now. */
export function examine(file: string): Inspected {
  const nothing = { rows: {}, migrations: [], appVersion: null, keyCheck: null, auditHead: null }
  let sqlite: Sqlite.Database | null = null
  try {
    sqlite = new Sqlite(file, { readonly: true, fileMustExist: true })
    const verdict = String(sqlite.pragma('integrity_check(1)', { simple: true }))
    if (verdict !== 'ok') return { ...nothing, damage: verdict }
    const [dangling] = sqlite.pragma('foreign_key_check') as { table: string }[]
    if (dangling) return { ...nothing, damage: `a row of ${dangling.table} refers to one that is not there` }
    return { damage: null, ...read(sqlite) }
  } catch (error) {
    return { ...nothing, damage: toMessage(error) }
  } finally {
    sqlite?.close()
  }
}

function read(sqlite: Sqlite.Database): Omit<Inspected, 'damage'> {
  const column = (query: string): string[] => sqlite.prepare(query).pluck().all().map(String)
  const tables = column(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`,
  )
  const count = (table: string) => Number(sqlite.prepare(`select count(*) from "${table}"`).pluck().get())
  const has = (table: string) => tables.includes(table)
  const meta = (name: string) =>
    has('meta') ? (column(`select value from meta where name = '${name}'`)[0] ?? null) : null
  const head = has('audit')
    ? sqlite.prepare('select seq, hash from audit order by seq desc limit 1').get()
    : undefined
  return {
    rows: Object.fromEntries(tables.map((table) => [table, count(table)])),
    migrations: has('kysely_migration') ? column('select name from kysely_migration order by name') : [],
    appVersion: meta('app_version'),
    keyCheck: meta('vault_key_check'),
    auditHead: toHead(head),
  }
}

function toHead(row: unknown): Inspected['auditHead'] {
  if (typeof row !== 'object' || row === null || !('seq' in row) || !('hash' in row)) return null
  const { seq, hash } = row
  return { seq: Number(seq), hash: Buffer.isBuffer(hash) ? hash.toString('hex') : String(hash) }
}
