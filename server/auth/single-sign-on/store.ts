import type { AccessRules, Provider } from '../../../contract/single-sign-on.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Secret } from '../../lib/secret.ts'

/** What the vault does here; it lies above this floor. */
export interface Sealer {
  seal(place: typeof secretPlace, secret: Secret | string): Buffer
  open(place: typeof secretPlace, sealed: Buffer): Secret
}

/** The provider with its sealed secret. */
export interface StoredProvider extends Omit<Provider, 'hasSecret'> {
  readonly clientSecret: Buffer | null
}

const providerId = 'oidc'
const rulesId = 'outside'
export const secretPlace = { table: 'provider', column: 'client_secret', id: providerId } as const

const noRules: AccessRules = { groupRoles: [], otherwise: null, hidesPassword: false }

type Reader = Pick<Tx, 'selectFrom'>

/** SQL for the identity provider and for who gets in by it. */
export function createProviderStore(db: Database) {
  async function provider(from: Reader = db.read): Promise<StoredProvider | null> {
    const row = await from.selectFrom('provider').selectAll().where('id', '=', providerId).executeTakeFirst()
    if (!row) return null
    return {
      issuer: row.issuer,
      clientId: row.client_id,
      clientSecret: row.client_secret,
      scopes: JSON.parse(row.scopes) as string[],
      groupClaim: row.group_claim,
      label: row.label,
      enabled: row.enabled === 1,
      updatedAt: row.updated_at,
    }
  }

  async function put(tx: Tx, wanted: StoredProvider): Promise<void> {
    const columns = {
      issuer: wanted.issuer,
      client_id: wanted.clientId,
      client_secret: wanted.clientSecret,
      scopes: JSON.stringify(wanted.scopes),
      group_claim: wanted.groupClaim,
      label: wanted.label,
      enabled: wanted.enabled ? 1 : 0,
      updated_at: wanted.updatedAt,
    } as const
    await tx
      .insertInto('provider')
      .values({ id: providerId, ...columns })
      .onConflict((row) => row.column('id').doUpdateSet(columns))
      .execute()
  }

  async function remove(tx: Tx): Promise<void> {
    await tx.deleteFrom('provider').where('id', '=', providerId).execute()
  }

  async function rules(from: Reader = db.read): Promise<AccessRules> {
    const row = await from.selectFrom('access_rules').selectAll().where('id', '=', rulesId).executeTakeFirst()
    if (!row) return noRules
    return {
      groupRoles: JSON.parse(row.group_roles) as AccessRules['groupRoles'],
      otherwise: row.otherwise,
      hidesPassword: row.hides_password === 1,
    }
  }

  async function putRules(
    tx: Tx,
    { groupRoles, otherwise, hidesPassword }: AccessRules,
    now: string,
  ): Promise<void> {
    const columns = {
      group_roles: JSON.stringify(groupRoles),
      otherwise,
      hides_password: hidesPassword ? 1 : 0,
      updated_at: now,
    } as const
    await tx
      .insertInto('access_rules')
      .values({ id: rulesId, ...columns })
      .onConflict((row) => row.column('id').doUpdateSet(columns))
      .execute()
  }

  return { provider, put, remove, rules, putRules }
}
export type ProviderStore = ReturnType<typeof createProviderStore>
