import type { Selectable } from 'kysely'
import type { PasskeyId, UserId } from '../../../contract/ids.ts'
import type { Factors, Passkey } from '../../../contract/second-factors.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Tables } from '../../db/tables.ts'

/** A passkey with what its signatures are checked against. */
export interface StoredPasskey extends Passkey {
  readonly userId: UserId
  readonly credentialId: string
  readonly publicKey: Buffer
  readonly transports: readonly string[]
  readonly counter: number
}

export interface StoredTotp {
  /** Sealed. */
  readonly secret: Buffer
  readonly lastStep: number
  readonly createdAt: string
}

type Reader = Pick<Tx, 'selectFrom'>

/** SQL for second factors. */
export function createFactorStore(db: Database) {
  async function totp(userId: UserId, from: Reader = db.read): Promise<StoredTotp | undefined> {
    const row = await from.selectFrom('totp').selectAll().where('user_id', '=', userId).executeTakeFirst()
    return row && { secret: row.secret, lastStep: row.last_step, createdAt: row.created_at }
  }

  async function insertTotp(tx: Tx, userId: UserId, { secret, lastStep, createdAt }: StoredTotp) {
    await tx
      .insertInto('totp')
      .values({ user_id: userId, secret, last_step: lastStep, created_at: createdAt })
      .execute()
  }

  /** Takes a step for good; says whether it, or a later one, was not taken before. */
  async function takeStep(tx: Tx, userId: UserId, step: number): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('totp')
      .set({ last_step: step })
      .where('user_id', '=', userId)
      .where('last_step', '<', step)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Says whether there was one. */
  async function removeTotp(tx: Tx, userId: UserId): Promise<boolean> {
    const { numDeletedRows } = await tx.deleteFrom('totp').where('user_id', '=', userId).executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** The oldest first. */
  async function passkeys(userId: UserId, from: Reader = db.read): Promise<StoredPasskey[]> {
    const rows = from.selectFrom('passkey').selectAll().where('user_id', '=', userId).orderBy('id')
    return (await rows.execute()).map(passkeyFromRow)
  }

  async function passkeyByCredential(credentialId: string): Promise<StoredPasskey | undefined> {
    const row = await db.read
      .selectFrom('passkey')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .executeTakeFirst()
    return row && passkeyFromRow(row)
  }

  async function insertPasskey(tx: Tx, passkey: StoredPasskey): Promise<void> {
    await tx
      .insertInto('passkey')
      .values({
        id: passkey.id,
        user_id: passkey.userId,
        name: passkey.name,
        host: passkey.host,
        credential_id: passkey.credentialId,
        public_key: passkey.publicKey,
        transports: JSON.stringify(passkey.transports),
        counter: passkey.counter,
        created_at: passkey.createdAt,
        last_used_at: passkey.lastUsedAt,
      })
      .execute()
  }

  /** Says whether it is still there. */
  async function recordUse(tx: Tx, id: PasskeyId, counter: number, at: string): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('passkey')
      .set({ counter, last_used_at: at })
      .where('id', '=', id)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Only one of this user; returns what was removed. */
  async function removePasskey(tx: Tx, userId: UserId, id: PasskeyId): Promise<StoredPasskey | undefined> {
    const row = await tx
      .deleteFrom('passkey')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returningAll()
      .executeTakeFirst()
    return row && passkeyFromRow(row)
  }

  async function recoveryCodesLeft(userId: UserId, from: Reader = db.read): Promise<number> {
    const { left } = await from
      .selectFrom('recovery_code')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow()
    return left
  }

  /** In place of those there are. */
  async function setRecoveryCodes(tx: Tx, userId: UserId, hashes: readonly string[]): Promise<void> {
    await tx.deleteFrom('recovery_code').where('user_id', '=', userId).execute()
    if (hashes.length === 0) return
    const rows = hashes.map((code_hash) => ({ user_id: userId, code_hash }))
    await tx.insertInto('recovery_code').values(rows).execute()
  }

  /** Uses one up; says whether it was good. */
  async function takeRecoveryCode(tx: Tx, userId: UserId, hash: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .deleteFrom('recovery_code')
      .where('user_id', '=', userId)
      .where('code_hash', '=', hash)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** What somebody has besides the password. */
  async function factors(userId: UserId, from: Reader = db.read): Promise<Omit<Factors, 'hasPassword'>> {
    const app = await totp(userId, from)
    return {
      totp: app ? { createdAt: app.createdAt } : null,
      passkeys: (await passkeys(userId, from)).map(toPasskey),
      recoveryCodesLeft: await recoveryCodesLeft(userId, from),
    }
  }

  async function hasFactor(userId: UserId, from: Reader = db.read): Promise<boolean> {
    const ofApp = from.selectFrom('totp').select('user_id').where('user_id', '=', userId)
    const ofPasskey = from.selectFrom('passkey').select('user_id').where('user_id', '=', userId)
    return (await ofApp.unionAll(ofPasskey).limit(1).executeTakeFirst()) !== undefined
  }

  /** Everything of this user; says whether there was anything. */
  async function removeAll(tx: Tx, userId: UserId): Promise<boolean> {
    const had = await hasFactor(userId, tx)
    await removeTotp(tx, userId)
    await tx.deleteFrom('passkey').where('user_id', '=', userId).execute()
    await setRecoveryCodes(tx, userId, [])
    return had
  }

  return {
    totp,
    insertTotp,
    takeStep,
    removeTotp,
    passkeys,
    passkeyByCredential,
    insertPasskey,
    recordUse,
    removePasskey,
    recoveryCodesLeft,
    setRecoveryCodes,
    takeRecoveryCode,
    factors,
    hasFactor,
    removeAll,
  }
}
export type FactorStore = ReturnType<typeof createFactorStore>

export const toPasskey = ({ id, name, host, createdAt, lastUsedAt }: StoredPasskey): Passkey => ({
  id,
  name,
  host,
  createdAt,
  lastUsedAt,
})

const passkeyFromRow = (row: Selectable<Tables['passkey']>): StoredPasskey => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  host: row.host,
  credentialId: row.credential_id,
  publicKey: row.public_key,
  transports: JSON.parse(row.transports) as string[],
  counter: row.counter,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
})
