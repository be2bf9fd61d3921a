import { createAttempts, networkOf } from '../auth/attempts.ts'
import { hashOfToken } from '../auth/token-text.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Occasions } from '../occasions/occasions.ts'
import type { Vault } from '../vault/vault.ts'
import { checkSignature, repetitionKey } from './signature.ts'
import type { TriggerStore } from './store.ts'

/** Calls of one trigger, and of one network whichever it calls, in a minute. */
const callsPerMinute = 30
const callsOfNetwork = 120
const minuteMs = 60_000
/** How long a call is remembered that must not come again, milliseconds. */
const rememberedMs = 7 * 86_400_000

interface HookTools {
  readonly db: Database
  readonly store: TriggerStore
  readonly vault: Vault
  readonly occasions: Pick<Occasions, 'put'>
  readonly clock: Clock
}

/** A call as it came. */
export interface HookCall {
  readonly secret: string
  readonly body: unknown
  readonly ip: string
  header(name: string): string | null
}

/**
 * Triggers that are called from elsewhere. Who knows the address may call; where calls are signed, who knows the key as
 * well. Nothing of a call is kept, and nothing of it reaches an agent.
 */
export function createHooks({ db, store, vault, occasions, clock }: HookTools) {
  const ofNetwork = createAttempts({ clock, most: callsOfNetwork, withinMs: minuteMs })
  const ofTrigger = createAttempts({ clock, most: callsPerMinute, withinMs: minuteMs })

  /**
   * Takes a call. One that came before is taken as well and starts nothing: whoever sends again was not sure.
   * Throws `trigger.not_found`, `trigger.signature_invalid` and `request.rate_limited`.
   */
  async function call({ secret, body, ip, header }: HookCall): Promise<void> {
    ofNetwork.count(networkOf(ip))
    // Found by its hash: how long that takes says nothing about the secret.
    const trigger = await store.findByHook(hashOfToken(secret))
    if (!trigger || trigger.spec.when.kind !== 'webhook' || !trigger.hookSecret)
      throw fail('trigger.not_found')
    const { id } = trigger
    const now = clock.now()
    let key = repetitionKey(header)
    if (trigger.spec.when.signed) {
      const held = vault.open({ table: 'trigger', column: 'hook_secret', id }, trigger.hookSecret).reveal()
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      key = checkSignature({ body: bytes, now, key: held, header })
      if (key === null) throw fail('trigger.signature_invalid')
    }
    ofTrigger.count(id)
    await db.write(async (tx) => {
      const at = now.toISOString()
      const forgotten = new Date(now.getTime() - rememberedMs).toISOString()
      if (key !== null && !(await store.noteCall(tx, id, key, at, forgotten))) return
      await occasions.put(tx, { kind: 'webhook', triggerId: id })
    })
  }

  return { call }
}
