import { timingSafeEqual } from 'node:crypto'
import type { Audit } from '../audit/audit.ts'
import { hashOfToken, newTokenText } from '../auth/token-text.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { Secret } from '../lib/secret.ts'

interface Kept {
  /** SHA-256, hex. */
  readonly hash: string
  readonly madeAt: string
}

const row = 'metrics_token'

/** The one token that opens /metrics, and nothing else. There is none, and no /metrics, until somebody makes it. */
export async function createMetricsToken({
  db,
  audit,
  clock,
}: {
  readonly db: Database
  readonly audit: Audit
  readonly clock: Clock
}) {
  const stored = await db.read.selectFrom('meta').select('value').where('name', '=', row).executeTakeFirst()
  let kept = stored ? (JSON.parse(stored.value) as Kept) : null

  /** Makes one in place of the one before. */
  async function make(actor: Actor): Promise<Secret> {
    const text = `carl_metrics_${newTokenText()}`
    const made = { hash: hashOfToken(text), madeAt: clock.now().toISOString() }
    const value = JSON.stringify(made)
    await db.write(async (tx) => {
      await tx
        .insertInto('meta')
        .values({ name: row, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
      await audit.append(tx, { actor, action: 'metrics.switched-on', target: null, detail: {} })
    })
    kept = made
    return new Secret(text)
  }

  async function remove(actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      await tx.deleteFrom('meta').where('name', '=', row).execute()
      await audit.append(tx, { actor, action: 'metrics.switched-off', target: null, detail: {} })
    })
    kept = null
  }

  return {
    make,
    remove,
    state: () => ({ isOn: kept !== null, madeAt: kept?.madeAt ?? null }),
    isOn: (): boolean => kept !== null,
    /** Compares in a time that does not depend on where they differ. */
    isIt: (text: string): boolean =>
      kept !== null && timingSafeEqual(Buffer.from(hashOfToken(text), 'hex'), Buffer.from(kept.hash, 'hex')),
  }
}
export type MetricsToken = Awaited<ReturnType<typeof createMetricsToken>>
