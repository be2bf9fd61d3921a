import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../contract/accounts.ts'
import { can, type Permission } from '../../contract/permissions.ts'
import { sessionQuery } from './queries.ts'

/** Who is signed in. Only for what lies behind the sign-in, where somebody always is. */
export function useUser(): Me | null {
  return useQuery(sessionQuery).data ?? null
}

/** Whether whoever is signed in may do a thing: what they may not, is shown as such and not offered. */
export function useCan(permission: Permission): boolean {
  const user = useUser()
  return user !== null && can(user.role, permission)
}
