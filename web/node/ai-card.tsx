import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { NodeAiSetup } from '../../contract/ai.ts'
import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { aiQuery } from '../costs/queries.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'

/** What of this node may go to a model; nothing to choose while none is asked. */
export function AiCard({ node: { id } }: { readonly node: Node }) {
  const t = useMessages('ai')
  const queries = useQueryClient()
  const state = useQuery(aiQuery)
  // A switch shows at once what was chosen.
  const [chosen, setChosen] = useState<NodeAiSetup | null>(null)
  const save = useMutation({
    mutationFn: (body: NodeAiSetup) => api.ai.setUpNode({ params: { id }, body }),
    onSettled: () => setChosen(null),
    onSuccess: (saved) => {
      queries.setQueryData(aiQuery.queryKey, saved)
      tellSuccess(t.nodeSaved)
    },
    onError: tellFailure,
  })
  if (state.isPending) return null
  if (state.isError) {
    return <ErrorPanel error={state.error} isCompact onRetry={() => void state.refetch()} />
  }
  const { driver, nodesOff, explain } = state.data.setup
  if (driver === 'none') return null
  const now = { isOff: nodesOff.includes(id), sendsRawLogs: explain.rawLogNodes.includes(id) }
  const shown = chosen ?? now
  const choose = (wanted: NodeAiSetup) => {
    setChosen(wanted)
    save.mutate(wanted)
  }
  return (
    <Card aria-label={t.node}>
      <CardHeader>
        <CardTitle>{t.node}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4 pt-2">
        <Switch
          label={t.nodeOff}
          hint={t.nodeOffHint}
          checked={shown.isOff}
          disabled={save.isPending}
          onChange={({ target }) => choose({ ...now, isOff: target.checked })}
        />
        <Switch
          label={t.nodeRaw}
          hint={t.nodeRawHint}
          checked={shown.sendsRawLogs}
          disabled={save.isPending || shown.isOff}
          onChange={({ target }) => choose({ ...now, sendsRawLogs: target.checked })}
        />
      </CardContent>
    </Card>
  )
}
