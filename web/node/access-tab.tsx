import { useQuery } from '@tanstack/react-query'
import { ShieldQuestionMark } from 'lucide-react'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import type { useDoctor } from '../nodes/doctor-queries.ts'
import { accessQuery } from '../nodes/enrolment-query.ts'
import { AccessFactsCard } from './access-facts-card.tsx'
import { GradeCard } from './grade-card.tsx'
import { GrantsCard } from './grants-card.tsx'
import { PrepareCard } from './prepare-card.tsx'

interface AccessTabProps {
  readonly node: Node
  readonly doctor: ReturnType<typeof useDoctor>
  readonly onOpenConnection: () => void
}

/** What the node lets us do, how little that is, which agents may run there, and the block that makes it less. */
export function AccessTab({ node, doctor, onOpenConnection }: AccessTabProps) {
  const t = useMessages('nodes').access
  const access = useQuery(accessQuery(node.id))
  if (!access.data) {
    return access.isError ? (
      <ErrorPanel error={access.error} onRetry={() => void access.refetch()} />
    ) : (
      <AccessSkeleton />
    )
  }
  const { facts, grade, agents } = access.data
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <div className="grid min-w-0 grid-cols-1 gap-4">
        {grade ? (
          <GradeCard access={access.data} ask={<Ask nodeId={node.id} doctor={doctor} word={t.again} />} />
        ) : (
          <Card>
            <EmptyState
              icon={ShieldQuestionMark}
              title={t.never}
              text={t.neverText}
              action={<Ask nodeId={node.id} doctor={doctor} word={t.ask} />}
            />
          </Card>
        )}
        <AskTrouble doctor={doctor} onOpenConnection={onOpenConnection} />
        <PrepareCard
          node={node}
          title={t.tighten}
          seenFrom={facts?.seenFrom ?? null}
          isOpen={grade !== null && grade !== 'A'}
        />
      </div>
      <div className="grid min-w-0 grid-cols-1 gap-4">
        <GrantsCard
          // What others granted meanwhile is shown, not overwritten.
          key={JSON.stringify(node.allowedAgents)}
          node={node}
          agents={agents}
          hasGate={facts?.bundles !== null && facts?.bundles !== undefined}
        />
        {facts && <AccessFactsCard facts={facts} />}
      </div>
    </div>
  )
}

interface AskProps extends Pick<AccessTabProps, 'doctor'> {
  readonly nodeId: NodeId
  readonly word: string
}

function Ask({ nodeId, doctor: { test }, word }: AskProps) {
  const mayTest = useCan('node.test', nodeId)
  if (!mayTest) return null
  return (
    <Button size="sm" variant="secondary" isLoading={test.isPending} onClick={() => test.mutate()}>
      {word}
    </Button>
  )
}

/** The last test came no further than the connection, or was refused. */
function AskTrouble({ doctor: { test }, onOpenConnection }: Omit<AccessTabProps, 'node'>) {
  const t = useMessages('nodes').access
  if (test.isError) return <ErrorPanel error={test.error} isCompact />
  if (!test.data || test.data.ok) return null
  return (
    <Card role="alert" className="flex flex-wrap items-center justify-between gap-3 p-4">
      <p className="text-status-fail">{t.failed}</p>
      <Button size="sm" variant="secondary" onClick={onOpenConnection}>
        {t.toConnection}
      </Button>
    </Card>
  )
}

function AccessSkeleton() {
  return (
    <Loading className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <Card className="flex gap-4 p-4">
        <Skeleton className="size-16" />
        <div className="grid flex-1 gap-2">
          <Skeleton className="h-6 w-2/3" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      </Card>
      <Card className="grid gap-3 p-4">
        <Skeleton className="h-5 w-40" />
        <Skeleton className="h-9" />
        <Skeleton className="h-9" />
      </Card>
    </Loading>
  )
}
