import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { executionId, type ExecutionId } from '../../contract/ids.ts'
import { isMissing, madeAt, namesIn, readEnd } from './log-files.ts'

/** A log as the sweep sees it. */
export interface StoredLog {
  readonly id: ExecutionId
  readonly folder: string
  /** When it ended; when it began, as long as it has not. */
  readonly at: Date
  readonly hasEnded: boolean
  readonly bytes: number
}

export interface RetentionLimits {
  /** Logs that ended before this go. */
  readonly before: Date
  /** Most that all logs together may take; the oldest go first. */
  readonly maxBytes: number
}

/** Which logs must go. Those that are being written are not among the given ones and always stay. */
export function chooseForRemoval(
  logs: readonly StoredLog[],
  { before, maxBytes }: RetentionLimits,
): StoredLog[] {
  const oldestFirst = logs.toSorted((a, b) => a.at.getTime() - b.at.getTime())
  let bytes = oldestFirst.reduce((sum, log) => sum + log.bytes, 0)
  return oldestFirst.filter((log) => {
    const goes = log.at < before || bytes > maxBytes
    if (goes) bytes -= log.bytes
    return goes
  })
}

/** All logs below a folder. */
export async function findLogs(root: string): Promise<StoredLog[]> {
  const logs: StoredLog[] = []
  for (const month of await namesIn(root)) {
    if (!/^\d{4}-\d{2}$/.test(month)) continue
    for (const name of await namesIn(join(root, month))) {
      const parsed = executionId.safeParse(name)
      if (!parsed.success) continue
      const folder = join(root, month, name)
      const end = await readEnd(folder)
      const at = end ? new Date(end.endedAt) : madeAt(parsed.data)
      logs.push({ id: parsed.data, folder, at, hasEnded: end !== null, bytes: await sizeOf(folder) })
    }
  }
  return logs
}

export async function removeLog(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  // The folder of the month goes with its last log.
  await rmdir(join(folder, '..')).catch((error: unknown) => {
    if (!isMissing(error) && !isNotEmpty(error)) throw error
  })
}

const isNotEmpty = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  try {
    for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return bytes
}
