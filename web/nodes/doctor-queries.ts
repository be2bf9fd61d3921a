import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import type { DoctorReport } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'

const reportKey = (id: NodeId) => ['doctor', id] as const

/** Runs the connection doctor. Its last report stays while one goes from page to page. */
export function useDoctor(id: NodeId) {
  const queries = useQueryClient()
  const { data: report } = useQuery<DoctorReport>({ queryKey: reportKey(id), queryFn: skipToken })
  const test = useMutation({
    mutationKey: ['doctor', id],
    mutationFn: () => api.nodes.test({ params: { id } }),
    onSuccess: (found) => {
      queries.setQueryData(reportKey(id), found)
      void queries.invalidateQueries({ queryKey: ['nodes'] })
    },
  })
  return { report, test }
}

/** Trusts the key that a test has shown, and no other. */
export function useConfirmHostKey(id: NodeId, onConfirmed: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (key: NonNullable<DoctorReport['offeredHostKey']>) =>
      api.nodes.confirmHostKey({ params: { id }, body: key }),
    onSuccess: (node) => {
      queries.setQueryData(['nodes', 'get', { params: { id } }], node)
      void queries.invalidateQueries({ queryKey: ['nodes'] })
      onConfirmed()
    },
  })
}
