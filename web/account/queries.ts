import { queryOptions } from '@tanstack/react-query'
import type { Me } from '../../contract/accounts.ts'
import { api, codeOf } from '../lib/api.ts'
import { query } from '../lib/query.ts'

/** Who is signed in; null when nobody is. Kept until something says otherwise. */
export const sessionQuery = queryOptions({
  queryKey: ['session', 'current'] as const,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await api.session.current({}, { signal })
    } catch (error) {
      if (codeOf(error) === 'auth.required') return null
      throw error
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

/** What whoever is signed in can prove to be themselves with. */
export const factorsQuery = query(['account', 'factors'], api.factors.list, {})

/** Whether this server has an administrator yet. */
export const setupQuery = queryOptions({
  queryKey: ['setup', 'status'] as const,
  queryFn: ({ signal }) => api.setup.status({}, { signal }),
})

/** By what ways one can sign in. Somebody may be changing that just now. */
export const waysQuery = queryOptions({
  queryKey: ['singleSignOn', 'ways'] as const,
  queryFn: ({ signal }) => api.singleSignOn.ways({}, { signal }),
  staleTime: 0,
})
