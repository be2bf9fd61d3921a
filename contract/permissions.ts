import * as z from 'zod'

/** In order, each with all that the ones before may do. */
export const roles = ['viewer', 'operator', 'admin'] as const
export const role = z.enum(roles)
export type Role = z.infer<typeof role>

/**
 * Who may do what, as one table read by server, socket and screens. Each permission names the roles that hold it;
 * a permission that is not here does not exist, and a route without one does not mount.
 */
export const permissions = {
  'account.read': ['viewer', 'operator', 'admin'],
  'account.write': ['viewer', 'operator', 'admin'],
  'live.open': ['viewer', 'operator', 'admin'],
  'user.read': ['admin'],
  'user.write': ['admin'],
  'provider.read': ['admin'],
  'provider.write': ['admin'],
  'agent.read': ['viewer', 'operator', 'admin'],
  'agent.write': ['admin'],
  'node.read': ['viewer', 'operator', 'admin'],
  'node.test': ['operator', 'admin'],
  'node.write': ['admin'],
  'credential.read': ['admin'],
  'credential.write': ['admin'],
  'master-key.read': ['admin'],
  'master-key.rotate': ['admin'],
  'master-key.reveal': ['admin'],
  'execution.read': ['viewer', 'operator', 'admin'],
  'execution.start': ['operator', 'admin'],
  'execution.cancel': ['operator', 'admin'],
  'plan.read': ['viewer', 'operator', 'admin'],
  'plan.approve': ['operator', 'admin'],
  'plan.approve-destructive': ['admin'],
  'policy.write': ['admin'],
  'schedule.read': ['viewer', 'operator', 'admin'],
  'schedule.write': ['operator', 'admin'],
  'finding.read': ['viewer', 'operator', 'admin'],
  'finding.write': ['operator', 'admin'],
  'search.read': ['viewer', 'operator', 'admin'],
  'repository.read': ['viewer', 'operator', 'admin'],
  'repository.write': ['admin'],
  'own-backup.read': ['admin'],
  'own-backup.write': ['admin'],
  'cost.read': ['viewer', 'operator', 'admin'],
  'ai.read': ['operator', 'admin'],
  'ai.write': ['admin'],
  'budget.write': ['admin'],
  'audit.read': ['admin'],
  'notification.read': ['operator', 'admin'],
  'notification.write': ['admin'],
  'outgoing.read': ['admin'],
  'settings.read': ['viewer', 'operator', 'admin'],
  'settings.write': ['admin'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof permissions

/**
 * What only a person may do who is signed in. A token that leaks must neither make further ones, nor lock its owner out,
 * nor show the master key or close the server with another one, nor approve a change of a node.
 */
const sessionOnly: ReadonlySet<Permission> = new Set([
  'account.write',
  'user.write',
  'provider.write',
  'master-key.rotate',
  'master-key.reveal',
  'plan.approve',
  'plan.approve-destructive',
  'policy.write',
])

/** What a token can be limited to: all that its role may do about these, and nothing else. */
export const scopes = [
  'agent',
  'node',
  'credential',
  'execution',
  'plan',
  'schedule',
  'finding',
  'repository',
  'own-backup',
  'cost',
  'ai',
  'budget',
  'notification',
  'audit',
  'settings',
] as const
export const scope = z.enum(scopes)
export type Scope = z.infer<typeof scope>

/** Says whether a permission is within what a token is limited to; null is no limit. Whose token it is, it may always ask. */
export function isInScope(permission: Permission, limits: readonly Scope[] | null): boolean {
  if (limits === null || permission === 'account.read' || permission === 'live.open') return true
  return limits.some((limit) => permission.startsWith(`${limit}.`))
}

/** What somebody may do who must add a second factor first. */
const withoutFactor: ReadonlySet<Permission> = new Set(['account.read', 'account.write'])

/** Says whether a permission holds for somebody who lacks the second factor that the settings ask for. */
export const isForMissingFactor = (permission: Permission): boolean => withoutFactor.has(permission)

/** Says whether a permission holds for a token as well. */
export const isForTokens = (permission: Permission): boolean => !sessionOnly.has(permission)

/** Says whether a role holds a permission. */
export function can(who: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(who)
}
