import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/** Where the databases of releases lie, each as SQL. */
export const releaseFolder = join(import.meta.dirname, 'releases')

/** The master key of all of them, as a key file holds it. It guards nothing: what it seals was made up for the tests. */
export const releaseKeyText = createHash('sha256').update('key of the databases of releases').digest('base64')

/** The versions there is a database of, oldest first. */
export const releases = (): string[] =>
  readdirSync(releaseFolder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

/** Puts the database of a release into a data folder. */
export function layDownRelease(version: string, folder: string): void {
  const db = new Sqlite(join(folder, 'core.db'))
  db.pragma('auto_vacuum = INCREMENTAL')
  db.pragma('journal_mode = WAL')
  db.exec(readFileSync(join(releaseFolder, `${version}.sql`), 'utf8'))
  db.close()
}
