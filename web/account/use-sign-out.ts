import { type Query, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../lib/api.ts'
import { loadOffline } from '../lib/later.ts'
import { noteSignedOut } from './leaving.ts'
import { sessionQuery, waysQuery } from './queries.ts'

/** The sign-in page has asked already how one can sign in; everything else belongs to whoever was here. */
const isPrivate = ({ queryKey: [feature] }: Query): boolean => feature !== waysQuery.queryKey[0]

/** Signs out and forgets what was on screen, even where the server does not answer. */
export function useSignOut(): () => void {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    meta: { isAlsoOffline: true },
    mutationFn: async () => {
      sessionStorage.clear()
      noteSignedOut()
      // Left first: a page that still shows would ask again, and be refused.
      await navigate({ to: '/login' })
      await queries.cancelQueries({ predicate: isPrivate })
      // Before the server is asked, which may not answer.
      await (await loadOffline()).forgetKept()
      return api.session.logout({})
    },
    onSettled: (done) => {
      // To where the proxy in front signs out; it would let them in again otherwise.
      if (done?.goTo) {
        location.assign(done.goTo)
        return
      }
      queries.removeQueries({ predicate: isPrivate })
      queries.getMutationCache().clear()
      queries.setQueryData(sessionQuery.queryKey, null)
    },
  })
  return () => mutate()
}
