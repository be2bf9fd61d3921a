import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { NodeKey } from '../../contract/keys.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { isStuck } from '../nodes/key-progress.ts'
import { RotateButton } from '../nodes/key-panel.tsx'
import { keysQuery } from '../nodes/key-queries.ts'
import { KeyStanding } from '../nodes/key-standing.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'

/** Where the key of every node is in its life, those first that somebody should look at. */
export function NodeKeys() {
  const t = useMessages('keys')
  const keys = useQuery(keysQuery)
  const items = (keys.data?.items ?? []).toSorted((a, b) => urgency(a) - urgency(b))
  return (
    <Card aria-label={t.listTitle}>
      <CardHeader>
        <CardTitle>{t.listTitle}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.listText}</p>
      </CardHeader>
      {keys.isPending && <SkeletonRows rows={3} />}
      {keys.isError && (
        <CardContent>
          <ErrorPanel error={keys.error} onRetry={() => void keys.refetch()} isCompact />
        </CardContent>
      )}
      {keys.data && items.length === 0 && (
        <CardContent>
          <p className="font-medium">{t.none}</p>
          <p className="text-muted-foreground">{t.noneText}</p>
        </CardContent>
      )}
      {items.length > 0 && (
        <Table label={t.caption} stack="wide">
          <TableHead>
            <Th>{t.node}</Th>
            <Th>{t.state}</Th>
            <Th>{t.since}</Th>
            <Th>{t.due}</Th>
            <Th align="right">{t.actions}</Th>
          </TableHead>
          <TableBody>
            {items.map((key) => (
              <KeyRow key={key.nodeId} nodeKey={key} />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  )
}

function KeyRow({ nodeKey }: { readonly nodeKey: NodeKey }) {
  const t = useMessages('keys')
  const mayWrite = useCan('credential.write')
  const { nodeId, nodeName, since, dueAt, rotation, cannotRotate } = nodeKey
  const isUnderWay = rotation !== null && rotation.endedAt === null
  const page = { to: '/nodes/$id', params: { id: nodeId }, search: { tab: 'connection' } } as const
  return (
    <Row>
      <Td>
        <Link {...page} className="inline-block max-w-64 truncate align-bottom font-medium underline foreign">
          {nodeName}
        </Link>
      </Td>
      <Td label={t.state}>
        <KeyStanding nodeKey={nodeKey} />
      </Td>
      <Td label={t.since}>{since ? <RelativeTime at={since} /> : '–'}</Td>
      <Td label={t.due}>{dueAt ? <RelativeTime at={dueAt} /> : '–'}</Td>
      <Td align="right">
        {isUnderWay || (rotation && isStuck(rotation)) ? (
          <Button size="sm" variant="secondary" asChild>
            <Link {...page} aria-label={t.openThis(nodeName)}>
              {t.open}
            </Link>
          </Button>
        ) : (
          mayWrite && cannotRotate === null && <RotateButton nodeKey={nodeKey} size="sm" />
        )}
      </Td>
    </Row>
  )
}

function urgency({ rotation, standing }: NodeKey): number {
  if (rotation && isStuck(rotation)) return 0
  if (rotation && rotation.endedAt === null) return 1
  return { overdue: 2, soon: 3, fresh: 4, off: 5, none: 6 }[standing]
}
