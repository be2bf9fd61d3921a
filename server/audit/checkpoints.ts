import { open, readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import type { Audit } from './audit.ts'
import { checkpointToLine, type ReadCheckpoints, readCheckpoints } from './checkpoint.ts'
import type { AuditKeys } from './keys.ts'

interface CheckpointTools {
  readonly audit: Audit
  readonly keys: AuditKeys
  /** Better on another disk or machine: beside the database, it falls into the same hands. */
  readonly file: string
  readonly clock: Clock
}

/** Writes down now and then how far the audit trail has come, where whoever cuts the trail cannot reach. */
export function createCheckpoints({ audit, keys, file, clock }: CheckpointTools) {
  let lastSeq = 0

  /** Adds one, unless nothing has happened since the last. */
  async function write(): Promise<void> {
    const head = await audit.head()
    if (!head || head.seq === lastSeq) return
    const line = checkpointToLine({ at: clock.now().toISOString(), ...head }, keys.checkpoints)
    const handle = await open(file, 'a', 0o600)
    try {
      await handle.appendFile(`${line}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    lastSeq = head.seq
  }

  /** Those of the file, and of a text that came from elsewhere. */
  async function read(more: string): Promise<ReadCheckpoints> {
    const own = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    return readCheckpoints(`${own}\n${more}`, keys.checkpoints)
  }

  return { write, read }
}
export type Checkpoints = ReturnType<typeof createCheckpoints>
