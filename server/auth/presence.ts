import type { WebAuthnResponse } from '../../contract/second-factors.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import type { Attempts } from './attempts.ts'
import { isPassword } from './passwords.ts'
import { signedInUserId } from './person.ts'
import type { FactorChecks } from './second-factors/checks.ts'
import type { Proven, Sessions } from './sessions.ts'
import { type Account, type AuthStore, toNameKey } from './store.ts'

interface PresenceTools {
  db: Database
  store: AuthStore
  checks: FactorChecks
  sessions: Sessions
  audit: Audit
  byName: Attempts
}

export type Proof =
  | { readonly way: 'totp'; readonly code: string }
  | { readonly way: 'passkey'; readonly token: string; readonly response: WebAuthnResponse }
  | { readonly way: 'password'; readonly password: Secret }

/**
 * Proofs that whoever is signed in is there right now, by the strongest they have. What is hard to undo asks for one:
 * an open browser alone, or a stolen cookie, is not enough for it.
 */
export function createPresence({ db, store, checks, sessions, audit, byName }: PresenceTools) {
  /** What one of one's own passkeys has to sign. */
  const ask = (actor: Actor, host: string | null) => checks.askPasskey(signedInUserId(actor), host)

  /** Throws what the way of proving refuses with, and `auth.password_not_enough` when there is a stronger one. */
  async function prove(proof: Proof, actor: Actor, host: string | null): Promise<Proven> {
    const account = await store.user(signedInUserId(actor))
    const { sessionId } = actor
    if (!account || sessionId === null) throw fail('auth.required')
    try {
      const use = await check(proof, account, host)
      const proven = await db.write(async (tx) => {
        await use(tx)
        const detail = { way: proof.way }
        await audit.append(tx, { actor, action: 'presence.proven', target: account.id, detail })
        return sessions.prove(tx, sessionId)
      })
      checks.forgetCodes(account.id)
      return proven
    } catch (error) {
      if (isAppError(error) && isRefusal.has(error.code)) await noteRefusal(proof.way, account, actor)
      throw error
    }
  }

  /** Checks what can be checked outside of a transaction; what it returns uses the proof up inside of one. */
  async function check(
    proof: Proof,
    account: Account,
    host: string | null,
  ): Promise<(tx: Tx) => Promise<void>> {
    if (proof.way === 'totp') {
      checks.countCode(account.id)
      return (tx) => checks.useCode(tx, account.id, proof)
    }
    if (proof.way === 'passkey') {
      const use = await checks.checkPasskey(proof, host)
      if (use.passkey.userId !== account.id) throw fail('auth.passkey_refused')
      return (tx) => checks.usePasskey(tx, use)
    }
    if ((await checks.waysOf(account.id)).length > 0) throw fail('auth.password_not_enough')
    const key = toNameKey(account.name)
    byName.count(key)
    if (!(await isPassword(proof.password.reveal(), account.passwordHash))) {
      throw fail('auth.wrong_credentials', { detail: 'The password is wrong.' })
    }
    byName.forget(key)
    return async () => undefined
  }

  async function noteRefusal(way: Proof['way'], { name }: Account, actor: Actor): Promise<void> {
    const detail = { way, known: true }
    await db.write((tx) => audit.append(tx, { actor, action: 'presence.refused', target: name, detail }))
  }

  return { ask, prove }
}
export type Presence = ReturnType<typeof createPresence>

const isRefusal: ReadonlySet<string> = new Set([
  'auth.wrong_code',
  'auth.wrong_credentials',
  'auth.passkey_refused',
])
