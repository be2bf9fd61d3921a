import { useQuery } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { KeyPanel } from '../nodes/key-panel.tsx'
import { keyQuery } from '../nodes/key-queries.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'

/** The SSH key of the node; only for those who may see credentials. */
export function KeyCard({ id }: { readonly id: NodeId }) {
  const t = useMessages('keys')
  const maySee = useCan('credential.read')
  const { data, isError, error, refetch } = useQuery({ ...keyQuery(id), enabled: maySee })
  if (!maySee) return null
  return (
    <Card aria-label={t.title}>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent>
        {data ? (
          <KeyPanel nodeKey={data} />
        ) : isError ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} isCompact />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </CardContent>
    </Card>
  )
}
