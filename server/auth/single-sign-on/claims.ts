import { userName } from '../../../contract/accounts.ts'
import { type Role, roles } from '../../../contract/permissions.ts'
import type { AccessRules } from '../../../contract/single-sign-on.ts'

/** What a provider says of somebody. Its values are what it likes. */
export type Claims = Readonly<Record<string, unknown>>

const mostGroups = 1_000
const longestGroup = 200

/**
 * The groups under a claim; null when it is not there. A name is taken as it stands first, for some contain dots, and then
 * as a path: Keycloak has `realm_access.roles`.
 */
export function groupsOf(claims: Claims, claim: string): string[] | null {
  const value = ownValue(claims, claim) ?? claim.split('.').reduce<unknown>(ownValue, claims)
  const listed = typeof value === 'string' ? [value] : value
  if (!Array.isArray(listed)) return null
  return listed
    .filter(
      (group): group is string => typeof group === 'string' && group !== '' && group.length <= longestGroup,
    )
    .slice(0, mostGroups)
}

const ownValue = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null && Object.hasOwn(from, name) ? (from as Claims)[name] : undefined

/** The highest role that one of the groups gives; null is no access. Groups are compared letter by letter. */
export function roleFor(
  groups: readonly string[],
  { groupRoles, otherwise }: Pick<AccessRules, 'groupRoles' | 'otherwise'>,
): Role | null {
  const given = new Set<Role>(
    groupRoles.filter(({ group }) => groups.includes(group)).map(({ role }) => role),
  )
  return roles.findLast((role) => given.has(role)) ?? otherwise
}

/** The name an account gets: what the person calls themselves there, as far as names go here. */
export function nameFrom(claims: Claims, subject: string): string {
  const email = claims.email
  const wishes = [
    claims.preferred_username,
    typeof email === 'string' ? email.split('@')[0] : undefined,
    claims.name,
    subject,
  ]
  return wishes.map(toName).find((name) => name !== '') ?? 'somebody'
}

/** Room for what tells several of one name apart. */
const longestName = 56

function toName(wish: unknown): string {
  if (typeof wish !== 'string') return ''
  const name = [
    ...wish
      .normalize('NFC')
      .trim()
      .replace(/[^\p{L}\p{N}._@-]+/gu, '.')
      .replace(/^\.+|\.+$/g, ''),
  ]
    .slice(0, longestName)
    .join('')
  return userName.safeParse(name).success ? name : ''
}

/** Claims for reading, as text; long ones are cut. */
export function toReadable(claims: Claims): { name: string; value: string }[] {
  return Object.entries(claims)
    .slice(0, 100)
    .map(([name, value]) => ({ name: name.slice(0, 200), value: cut(JSON.stringify(value) ?? '', 2_000) }))
}

const cut = (text: string, most: number): string =>
  (text.length > most ? `${text.slice(0, most)}…` : text).toWellFormed()
