import { mkdirSync, rmSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { RestorePreview } from '../../contract/own-backups.ts'
import { type Room, roomOf } from '../db/disk-guard.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import type { MasterKey } from '../vault/master-key.ts'
import { keyFromKit } from './kit.ts'
import { commitRestore, dropRestore, isDatabase, prepareRestore } from './restore.ts'

interface DeskTools {
  /** Throws unless the token is the one of the set-up link and there is no administrator yet. */
  readonly checkToken: (token: Secret, from: { ip: string; userAgent: string | null }) => Promise<void>
  readonly isClaimed: () => Promise<boolean>
  readonly dataFolder: string
  /** The key comes from elsewhere, so none is written into the data folder. */
  readonly hasOwnKeySource: boolean
  readonly known: readonly string[]
  readonly appVersion: string
  readonly clock: Clock
  readonly logger: Logger
  readonly room?: () => Room
}

interface Case {
  readonly ticket: string
  readonly key: MasterKey
  received: number
  preview: RestorePreview | null
}

const mebibyte = 1_048_576
/** What is left free whatever is handed over. */
const spareBytes = 256 * mebibyte

/**
 * Restores a backup into a server that nobody has claimed yet: the way of the set-up pages. Whoever has the set-up token
 * could become its administrator anyway. One restore at a time; a new one takes the place of the one before.
 */
export function createRestoreDesk(tools: DeskTools) {
  const { dataFolder, clock, logger, room = () => roomOf(dataFolder) } = tools
  const upload = join(dataFolder, 'upload.carl')
  const { promise: confirmed, resolve: confirmNow } = Promise.withResolvers<void>()
  let current: Case | null = null

  /** Throws `auth.*` and `restore.no_key`. */
  async function begin(
    { token, kit }: { token: string; kit: string },
    from: { ip: string; userAgent: string | null },
  ): Promise<{ ticket: string }> {
    await tools.checkToken(new Secret(token), from)
    const key = keyFromKit(kit)
    rmSync(upload, { force: true })
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    current = { ticket: randomBytes(32).toString('base64url'), key, received: 0, preview: null }
    return { ticket: current.ticket }
  }

  async function find(ticket: string): Promise<Case> {
    if (!current || current.ticket !== ticket || (await tools.isClaimed()))
      throw fail('restore.ticket_invalid')
    return current
  }

  /** Takes the next bytes; those that came already are not taken again, so a part may be sent twice. */
  async function take({ ticket, at, base64 }: { ticket: string; at: number; base64: string }) {
    const mine = await find(ticket)
    const bytes = Buffer.from(base64, 'base64')
    if (at !== mine.received) {
      if (at + bytes.length === mine.received) return { received: mine.received }
      throw fail('restore.ticket_invalid', { detail: `The next part begins at ${mine.received}.` })
    }
    if (room().free - bytes.length < spareBytes) throw fail('storage.full')
    const handle = await open(upload, 'a', 0o600)
    try {
      await handle.writeFile(bytes)
    } finally {
      await handle.close()
    }
    mine.received += bytes.length
    mine.preview = null
    return { received: mine.received }
  }

  async function openIt(ticket: string): Promise<RestorePreview> {
    const mine = await find(ticket)
    const size = await stat(upload).then(
      ({ size: bytes }) => bytes,
      () => 0,
    )
    // A database alone would bring its secrets without the key, and replaces no key here.
    if (size === 0 || (await isDatabase(upload))) throw fail('restore.not_a_backup')
    const { preview } = await prepareRestore({
      dataFolder,
      file: upload,
      source: 'set-up',
      key: mine.key,
      keepsKey: !tools.hasOwnKeySource,
      known: tools.known,
      appVersion: tools.appVersion,
      now: clock.now(),
    })
    mine.preview = preview
    return preview
  }

  /** The server ends itself after this and starts anew with what was opened. */
  async function confirm(ticket: string): Promise<{ restarting: true }> {
    const mine = await find(ticket)
    if (!mine.preview) throw fail('restore.ticket_invalid', { detail: 'Nothing has been opened yet.' })
    const { createdAt, appVersion } = mine.preview
    commitRestore(dataFolder, { at: clock.now().toISOString(), source: 'set-up', createdAt, appVersion })
    current = null
    rmSync(upload, { force: true })
    logger.warn({ createdAt }, 'restoring a backup')
    // The answer goes out first.
    clock.after(200, confirmNow)
    return { restarting: true }
  }

  return {
    begin,
    take,
    open: openIt,
    confirm,
    /** Resolves when the server is to start anew. */
    confirmed,
    /** Removes what was handed over and never confirmed. */
    close: (): void => {
      rmSync(upload, { force: true })
      if (current) dropRestore(dataFolder)
    },
  }
}
export type RestoreDesk = ReturnType<typeof createRestoreDesk>
