import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import type { NodeKey } from '../../contract/keys.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

/** Below `nodes`, so that whatever changes a node fetches them again. */
export const keysQuery = query(['nodes', 'keys'], api.keys.list, {})
export const keyQuery = (id: NodeId) => query(['nodes', 'key'], api.keys.get, { params: { id } })

/** What a person can do about the key of a node; the answer is shown at once. */
export function useKeyActions(id: NodeId) {
  const queries = useQueryClient()
  const one = { params: { id } }
  const onSuccess = (key: NodeKey) => queries.setQueryData(keyQuery(id).queryKey, key)
  const onSettled = () => queries.invalidateQueries({ queryKey: ['nodes'] })
  const told = { onSuccess, onSettled }
  return {
    rotate: useMutation({
      mutationFn: (removesUploaded: boolean) => api.keys.rotate({ ...one, body: { removesUploaded } }),
      ...told,
    }),
    confirm: useMutation({ mutationFn: () => api.keys.confirm(one), ...told }),
    cancel: useMutation({ mutationFn: () => api.keys.cancel(one), ...told }),
    forget: useMutation({ mutationFn: () => api.keys.forget(one), ...told }),
  }
}
