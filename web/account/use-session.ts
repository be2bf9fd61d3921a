import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../contract/accounts.ts'
import { can, type Permission } from '../../contract/permissions.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import { sessionQuery } from './queries.ts'

/** Who is signed in. Only for what lies behind the sign-in, where somebody always is. */
export function useUser(): Me | null {
  return useQuery(sessionQuery).data ?? null
}

/**
 * Whether whoever is signed in may do a thing: what they may not, is shown as such and not offered. With the id of what
 * it would be done with, nobody may where that is a sample.
 */
export function useCan(permission: Permission, id?: string): boolean {
  const user = useUser()
  return user !== null && can(user.role, permission) && !(id && isSampleId(id))
}
