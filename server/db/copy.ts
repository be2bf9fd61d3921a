import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'

/** How much is copied between two looks at everything else, pages; about 1 MiB. */
const pagesAtOnce = 256

export interface CopyOptions {
  /** Hears how far it is, in pages. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/**
 * Copies a database that is in use, in small steps; what is written meanwhile through the same connection is in the
 * copy too. The copy appears under its name when it is whole and on the disk. Rejects with the reason of the signal.
 */
export async function copyDatabase(
  sqlite: Sqlite.Database,
  file: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<void> {
  const draft = `${file}.part`
  rmSync(draft, { force: true })
  try {
    signal?.throwIfAborted()
    await sqlite.backup(draft, {
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted()
        onProgress?.(totalPages - remainingPages, totalPages)
        return pagesAtOnce
      },
    })
    signal?.throwIfAborted()
    settle(draft)
    syncFile(draft)
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
    rmSync(`${draft}-journal`, { force: true })
  }
}

/** One file that is whole by itself, without a log beside it. */
function settle(file: string): void {
  const copy = new Sqlite(file)
  try {
    copy.pragma('journal_mode = DELETE')
  } finally {
    copy.close()
  }
}

/** Makes sure that what was written to a file, or into a folder, survives a power cut. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
