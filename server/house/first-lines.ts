import type { Audit } from '../audit/audit.ts'
import { forgetRestored, readRestored } from '../backups/restore.ts'
import type { Database } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'

interface FirstLinesTools {
  readonly db: Database
  readonly audit: Audit
  readonly dataFolder: string
  /** Who opened a sealed server with its passphrase, and how many were wrong before; null when it was not sealed. */
  readonly unsealed: { readonly by: Actor; readonly refused: number } | null
}

/** Writes down how this start came about, where it was not an ordinary one: the audit trail was closed until now. */
export async function writeFirstLines({ db, audit, dataFolder, unsealed }: FirstLinesTools): Promise<void> {
  if (unsealed) {
    const { by: actor, refused } = unsealed
    const action = 'server.unsealed'
    await db.write((tx) => audit.append(tx, { actor, action, target: null, detail: { refused } }))
  }
  const restored = readRestored(dataFolder)
  if (restored) {
    const { source: target, createdAt, appVersion } = restored
    const line = {
      actor: serverActor,
      action: 'server.restored',
      target,
      detail: { createdAt, appVersion },
    }
    await db.write((tx) => audit.append(tx, line))
    forgetRestored(dataFolder)
  }
}
