import type { SignInReply } from '../../../contract/accounts.ts'
import type { UserId } from '../../../contract/ids.ts'
import type { WebAuthnResponse } from '../../../contract/second-factors.ts'
import type { Tx } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import { createAttempts } from '../attempts.ts'
import { createOneTime } from '../one-time.ts'
import { checkUse, originsOf, type PasskeyChallenge, passkeyHost, requestOptions } from './passkeys.ts'
import { hashOfRecoveryCode } from './recovery-codes.ts'
import type { FactorStore, StoredPasskey } from './store.ts'
import { stepOfCode } from './totp.ts'

/** Keeps secrets for one place in the database each; see the vault. */
export interface Sealer {
  seal(place: { table: string; column: string; id: string }, secret: Secret | string): Buffer
  open(place: { table: string; column: string; id: string }, sealed: Buffer): Secret
}

interface CheckTools {
  store: FactorStore
  sealer: Sealer
  clock: Clock
}

export type FactorWay = Extract<SignInReply, { kind: 'second-factor' }>['ways'][number]

/** A passkey that signed what it was asked to; not counted as used yet. */
export interface PasskeyUse {
  readonly passkey: StoredPasskey
  readonly counter: number
}

export const totpPlace = (userId: UserId) => ({ table: 'totp', column: 'secret', id: userId })

/** A person may look for the phone, or unlock a stick, for so long. */
const answerMs = 5 * 60_000
/** Codes for one account: at 5 in 5 minutes, guessing one of the three that are good at a time takes years. */
const mostCodes = 5
const codesMs = 5 * 60_000

/** Checks second factors, whatever for. What is used up is used up in the caller's transaction. */
export function createFactorChecks({ store, sealer, clock }: CheckTools) {
  const challenges = createOneTime<PasskeyChallenge>({ clock, validMs: answerMs })
  const codes = createAttempts({ clock, most: mostCodes, withinMs: codesMs })

  /** What somebody can be asked for after the password; none when that is enough. */
  async function waysOf(userId: UserId): Promise<FactorWay[]> {
    const { totp, passkeys, recoveryCodesLeft } = await store.factors(userId)
    return [
      ...(passkeys.length > 0 ? (['passkey'] as const) : []),
      ...(totp ? (['totp'] as const) : []),
      ...(recoveryCodesLeft > 0 ? (['recovery-code'] as const) : []),
    ]
  }

  /** Uses up a code of the app, or a recovery code. Throws `auth.wrong_code`. Count the attempt before. */
  async function useCode(
    tx: Tx,
    userId: UserId,
    { way, code }: { way: 'totp' | 'recovery-code'; code: string },
  ): Promise<void> {
    const isGood =
      way === 'totp'
        ? await useTotp(tx, userId, code)
        : await store.takeRecoveryCode(tx, userId, hashOfRecoveryCode(code))
    if (!isGood) throw fail('auth.wrong_code')
  }

  async function useTotp(tx: Tx, userId: UserId, code: string): Promise<boolean> {
    const totp = await store.totp(userId, tx)
    if (!totp) return false
    const secret = sealer.open(totpPlace(userId), totp.secret)
    const step = stepOfCode(code, secret.reveal(), clock.now())
    return step !== null && store.takeStep(tx, userId, step)
  }

  /** What one of this user's passkeys has to sign; any passkey when null. */
  async function askPasskey(
    userId: UserId | null,
    host: string | null,
  ): Promise<{ token: string; options: Record<string, unknown> }> {
    const name = passkeyHost(host)
    const known = userId === null ? [] : await store.passkeys(userId)
    const { options, challenge } = await requestOptions(
      known.filter((passkey) => passkey.host === name),
      name,
    )
    return { token: challenges.issue({ challenge, host: name }).reveal(), options }
  }

  /** Checks the answer, once for each question. Throws `auth.passkey_refused` and `auth.sign_in_expired`. */
  async function checkPasskey(
    { token, response }: { token: string; response: WebAuthnResponse },
    host: string | null,
  ): Promise<PasskeyUse> {
    const challenge = challenges.take(token)
    if (!challenge) throw fail('auth.sign_in_expired')
    const passkey = await store.passkeyByCredential(response.id)
    if (!passkey || host === null) throw fail('auth.passkey_refused')
    return { passkey, counter: await checkUse(response, passkey, challenge, originsOf(host)) }
  }

  /** Throws `auth.passkey_refused` when it was removed meanwhile. */
  async function usePasskey(tx: Tx, { passkey, counter }: PasskeyUse): Promise<void> {
    const isThere = await store.recordUse(tx, passkey.id, counter, clock.now().toISOString())
    if (!isThere) throw fail('auth.passkey_refused')
  }

  return {
    waysOf,
    useCode,
    askPasskey,
    checkPasskey,
    usePasskey,
    /** Throws `request.rate_limited`. */
    countCode: (userId: UserId): void => codes.count(userId),
    forgetCodes: (userId: UserId): void => codes.forget(userId),
  }
}
export type FactorChecks = ReturnType<typeof createFactorChecks>
