import type { QueryClient } from '@tanstack/react-query'
import type { Me } from '../../../contract/accounts.ts'
import { sift } from './rules.ts'
import { read } from './store.ts'

const session = ['session', 'current'] as const

/**
 * Puts what is kept beside what is there, each with the time at which the server said it; nothing newer is touched, and
 * nothing of anybody else's is shown. False when there is nothing of this person's.
 */
export async function showKept(queries: QueryClient): Promise<boolean> {
  const { owner, all } = await read()
  const { stay } = sift(all, Date.now())
  const kept = stay.find(({ key }) => key[0] === session[0])?.reply as Me | null | undefined
  const user = queries.getQueryData<Me | null>(session) ?? kept
  if (!user || user.id !== owner) return false
  const cache = queries.getQueryCache()
  for (const { key, reply, at } of stay) {
    // For as long as the page is open: out of reach of the server, nothing that is let go of comes again.
    const query = cache.build(queries, { queryKey: key, gcTime: Number.POSITIVE_INFINITY })
    if (query.state.dataUpdatedAt < at) queries.setQueryData(key, reply, { updatedAt: at })
  }
  return true
}
