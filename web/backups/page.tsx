import { useQuery } from '@tanstack/react-query'
import { ArchiveRestore, Play, Plus } from 'lucide-react'
import { useState } from 'react'
import { type Repository, validatorId } from '../../contract/repositories.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { useNow } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { repositoriesQuery } from './queries.ts'
import { RepositoryForm } from './repository-form.tsx'
import { RepositoryTable } from './repository-table.tsx'
import { SecretForm } from './secret-form.tsx'
import { byUrgency, countProven } from './standing.ts'

/** The backups of all nodes, and when a restore of each was last proved. */
export function BackupsPage() {
  const t = useMessages('backups')
  const mayWrite = useCan('repository.write')
  const mayRun = useCan('execution.start')
  const now = useNow()
  const list = useQuery(repositoriesQuery)
  const [isAdding, setAdding] = useState(false)
  const [sealing, setSealing] = useState<Repository | null>(null)
  const items = [...(list.data?.items ?? [])].sort(byUrgency(now))
  const look = mayRun && (
    <Button variant="primary" onClick={() => askToRun({ agentId: validatorId })}>
      <Play aria-hidden />
      {t.look}
    </Button>
  )
  const add = mayWrite && (
    <Button variant="secondary" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          items.length > 0 && (
            <>
              {add}
              {look}
            </>
          )
        }
      />
      {list.isPending ? (
        <Card>
          <SkeletonRows rows={5} />
        </Card>
      ) : list.isError && items.length === 0 ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isRetrying={list.isFetching} />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState
            icon={ArchiveRestore}
            title={t.emptyTitle}
            text={t.emptyText}
            guide="prove-your-backups"
            action={
              <span className="flex flex-wrap justify-center gap-2">
                {add}
                {look}
              </span>
            }
          />
        </Card>
      ) : (
        <>
          <Proven repositories={items} now={now} />
          <Card>
            <RepositoryTable repositories={items} now={now} onSeal={setSealing} />
          </Card>
        </>
      )}
      {isAdding && <RepositoryForm onClose={() => setAdding(false)} />}
      {sealing && <SecretForm repository={sealing} onClose={() => setSealing(null)} />}
    </>
  )
}

/** The one sentence that somebody opens this page for. */
function Proven({
  repositories,
  now,
}: {
  readonly repositories: readonly Repository[]
  readonly now: number
}) {
  const t = useMessages('backups')
  const { proven, of } = countProven(repositories, now)
  if (of === 0) return null
  return (
    <p role="status" className="mb-3 text-muted-foreground">
      {proven === of ? t.allProven(formatNumber(of)) : t.someProven(formatNumber(proven), formatNumber(of))}
    </p>
  )
}
