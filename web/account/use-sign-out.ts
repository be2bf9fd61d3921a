import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../lib/api.ts'
import { noteSignedOut } from './leaving.ts'
import { sessionQuery, waysQuery } from './queries.ts'

/** Signs out and forgets what was on screen, even where the server does not answer. */
export function useSignOut(): () => void {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationFn: () => api.session.logout({}),
    onSettled: async (done) => {
      sessionStorage.clear()
      noteSignedOut()
      // To where the proxy in front signs out; it would let them in again otherwise.
      if (done?.goTo) {
        location.assign(done.goTo)
        return
      }
      queries.setQueryData(sessionQuery.queryKey, null)
      await navigate({ to: '/login' })
      // Not before: what still shows would ask again. The sign-in page has asked already how one can sign in.
      queries.removeQueries({ predicate: ({ queryKey: [feature] }) => feature !== waysQuery.queryKey[0] })
      queries.getMutationCache().clear()
      queries.setQueryData(sessionQuery.queryKey, null)
    },
  })
  return () => mutate()
}
