import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { HardDriveDownload, ShieldCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { BackupRun, OwnBackups } from '../../../contract/own-backups.ts'
import { api } from '../../lib/api.ts'
import { formatBytes, formatDuration, formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Progress } from '../../ui/progress.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { tellFailure } from '../../ui/toaster.tsx'
import { masterKeyQuery, ownBackupsQuery } from '../queries.ts'
import { KeptCard } from './kept-card.tsx'
import { PlacesCard } from './places-card.tsx'
import { RulesCard } from './rules-card.tsx'

/** How often it is looked how far a backup is, milliseconds. */
const lookEveryMs = 700

/** The backups of this server itself: what is proved, where copies go, what is kept. */
export function OwnBackupSettings() {
  const t = useMessages('ownBackups')
  const all = useQuery({
    ...ownBackupsQuery,
    refetchInterval: ({ state }) => (state.data?.run ? lookEveryMs : 60_000),
  })
  if (all.isError && !all.data) return <ErrorPanel error={all.error} onRetry={() => void all.refetch()} />
  if (!all.data) return <SkeletonRows rows={8} />
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
      <ProofCard all={all.data} />
      <PlacesCard places={all.data.places} />
      <KeptCard items={all.data.items} places={all.data.places} />
      <RulesCard key={JSON.stringify(all.data.rules)} rules={all.data.rules} />
      {all.data.snapshots.length > 0 && <SnapshotsCard all={all.data} />}
      <RestoreCard all={all.data} />
    </div>
  )
}

function ProofCard({ all }: { readonly all: OwnBackups }) {
  const t = useMessages('ownBackups')
  const { run } = all
  const queries = useQueryClient()
  const settled = {
    onError: tellFailure,
    onSettled: () => void queries.invalidateQueries({ queryKey: ownBackupsQuery.queryKey }),
  }
  const start = useMutation({ mutationFn: () => api.ownBackups.start({ body: {} }), ...settled })
  const drill = useMutation({ mutationFn: () => api.ownBackups.drill({ body: {} }), ...settled })
  const [newest] = all.items
  const proven = all.drills.find(({ isProved }) => isProved)
  const [lastDrill] = all.drills
  const failing = all.places.filter(({ problem }) => problem !== null).length
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.proof}</CardTitle>
      </CardHeader>
      <CardContent className="space-y-5 pt-1">
        <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-2 xl:grid-cols-4">
          <Fact name={t.newest} more={newest ? t.readBack : null}>
            {newest ? <RelativeTime at={newest.createdAt} /> : t.newestNone}
          </Fact>
          <Fact
            name={t.provenRestore}
            more={
              proven
                ? t.provenFacts(
                    formatBytes(proven.bytes),
                    formatNumber(proven.rows),
                    formatDuration(proven.tookMs),
                  )
                : null
            }
          >
            {proven ? <RelativeTime at={proven.at} /> : t.provenNone}
          </Fact>
          <Fact name={t.elsewhere} more={failing > 0 ? t.elsewhereFails(failing) : null} isBad={failing > 0}>
            {all.places.length > 0 ? t.elsewhereCount(all.places.length) : t.elsewhereNone}
          </Fact>
          <Fact name={t.next} more={null}>
            {all.nextAt ? <RelativeTime at={all.nextAt} /> : t.nextNone}
          </Fact>
        </dl>
        <Warnings all={all} />
        {!run && all.last?.problem && all.last.problem.code !== 'own-backup.cancelled' && (
          <Warning title={t.failed} text={`${all.last.problem.detail} ${all.last.problem.fix}`} />
        )}
        {!run && lastDrill?.problem && (
          <Warning
            title={t.drillFailed(lastDrill.name)}
            text={`${lastDrill.problem.detail} ${lastDrill.problem.fix}`}
          />
        )}
        {run ? (
          <Running run={run} />
        ) : (
          <div className="flex flex-wrap gap-2">
            <Button variant="primary" isLoading={start.isPending} onClick={() => start.mutate()}>
              <HardDriveDownload aria-hidden />
              {t.run}
            </Button>
            <Button
              variant="secondary"
              isLoading={drill.isPending}
              disabled={all.items.length === 0}
              onClick={() => drill.mutate()}
            >
              <ShieldCheck aria-hidden />
              {t.drill}
            </Button>
          </div>
        )}
      </CardContent>
    </Card>
  )
}

interface FactProps {
  readonly name: string
  readonly more: string | null
  readonly isBad?: boolean
  readonly children: ReactNode
}

function Fact({ name, more, isBad = false, children }: FactProps) {
  return (
    <div>
      <dt className="text-sm text-muted-foreground">{name}</dt>
      <dd className="mt-0.5 text-lg font-semibold tracking-tight">{children}</dd>
      {more && (
        <dd className={isBad ? 'text-sm text-status-fail' : 'text-sm text-muted-foreground'}>{more}</dd>
      )}
    </div>
  )
}

/** What would make every backup worthless. */
function Warnings({ all }: { readonly all: OwnBackups }) {
  const t = useMessages('ownBackups')
  const key = useQuery(masterKeyQuery)
  return (
    <>
      {all.places.length === 0 && <Warning title={t.onlyHereTitle} text={t.onlyHereText} />}
      {key.data && key.data.kit?.state !== 'downloaded' && (
        <Warning
          title={t.noKitTitle}
          text={t.noKitText}
          action={
            <Button asChild size="sm" variant="secondary">
              <Link to="/settings" search={{ tab: 'master-key' }}>
                {t.takeKit}
              </Link>
            </Button>
          }
        />
      )}
    </>
  )
}

interface WarningProps {
  readonly title: string
  readonly text: string
  readonly action?: ReactNode
}

function Warning({ title, text, action }: WarningProps) {
  return (
    <div className="flex flex-wrap items-start gap-3 rounded-md border border-border bg-muted px-3 py-2.5">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-status-wait" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium wrap-anywhere">{title}</p>
        <p className="text-sm text-muted-foreground text-pretty foreign">{text}</p>
      </div>
      {action}
    </div>
  )
}

function Running({ run }: { readonly run: BackupRun }) {
  const t = useMessages('ownBackups')
  const queries = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => api.ownBackups.cancel({ body: {} }),
    onError: tellFailure,
    onSettled: () => void queries.invalidateQueries({ queryKey: ownBackupsQuery.queryKey }),
  })
  const percent = run.total > 0 ? (100 * run.done) / run.total : undefined
  const label = run.isCancelled ? t.cancelling : t.steps[run.step]
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1 space-y-2" aria-live="polite">
        <p className="flex justify-between gap-3 text-sm">
          <span>{label}</span>
          {percent !== undefined && (
            <span className="text-muted-foreground tabular-nums">{t.percent(formatNumber(percent))}</span>
          )}
        </p>
        <Progress label={label} {...(percent !== undefined && { percent })} />
      </div>
      <Button
        variant="secondary"
        disabled={run.isCancelled}
        isLoading={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        {t.cancel}
      </Button>
    </div>
  )
}

function SnapshotsCard({ all }: { readonly all: OwnBackups }) {
  const t = useMessages('ownBackups')
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.snapshots}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.snapshotsText}</p>
      </CardHeader>
      <CardContent className="pt-1">
        <ul className="space-y-1.5">
          {all.snapshots.map(({ name, createdAt, sizeBytes }) => (
            <li key={name} className="flex flex-wrap justify-between gap-x-4">
              <code className="text-sm wrap-anywhere">{name}</code>
              <span className="text-sm text-muted-foreground">
                {formatBytes(sizeBytes)}, <RelativeTime at={createdAt} />
              </span>
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  )
}

function RestoreCard({ all }: { readonly all: OwnBackups }) {
  const t = useMessages('ownBackups')
  const file = all.items.find(({ isHere }) => isHere)?.name ?? 'BACKUP.carl'
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.restore}</CardTitle>
        <p className="max-w-prose text-sm text-muted-foreground text-pretty">{t.restoreText}</p>
      </CardHeader>
      <CardContent className="pt-1">
        <CodeBlock label={t.restore} code={`carl restore --kit recovery-kit.txt ${file}`} wrap />
      </CardContent>
    </Card>
  )
}
