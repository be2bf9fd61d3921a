import type Sqlite from 'better-sqlite3'
import type { SqliteDatabase } from 'kysely'

/** Statements kept compiled for one connection; the product has fewer that it uses often. */
const mostKept = 200
/** Longer ones are inserts of many rows at once, each with a text of its own. */
const longestKept = 8_192

/**
 * A connection that compiles a statement once and keeps it by its text. SQLite notices by itself when the schema has
 * changed underneath and compiles anew; still, what changes it is never kept and lets go of all that is.
 */
export function keepStatements(sqlite: Sqlite.Database): SqliteDatabase {
  /** The one used last comes last. */
  const kept = new Map<string, Sqlite.Statement>()

  function prepare(text: string): Sqlite.Statement {
    const known = kept.get(text)
    // Somebody goes through its rows just now.
    if (known?.busy) return sqlite.prepare(text)
    if (known) {
      kept.delete(text)
      kept.set(text, known)
      return known
    }
    const statement = sqlite.prepare(text)
    if (changesSchema.test(text)) kept.clear()
    else if (text.length <= longestKept) keep(text, statement)
    return statement
  }

  function keep(text: string, statement: Sqlite.Statement): void {
    kept.set(text, statement)
    if (kept.size <= mostKept) return
    for (const oldest of kept.keys()) return void kept.delete(oldest)
  }

  return { prepare, close: () => void sqlite.close() }
}

const changesSchema = /^\s*(create|alter|drop|pragma|attach|detach|reindex|vacuum)\b/i
