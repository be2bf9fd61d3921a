import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../lib/api.ts'
import { sessionQuery } from './queries.ts'

/** Signs out and forgets what was on screen, even where the server does not answer. */
export function useSignOut(): () => void {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationFn: () => api.session.logout({}),
    onSettled: async () => {
      sessionStorage.clear()
      queries.setQueryData(sessionQuery.queryKey, null)
      await navigate({ to: '/login' })
      // Not before: what still shows would ask again.
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, null)
    },
  })
  return () => mutate()
}
