import { useQuery } from '@tanstack/react-query'
import { Check, LockKeyhole, RefreshCw, TriangleAlert } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { KeyConcern, KeyStatus } from '../../contract/master-key.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Progress } from '../ui/progress.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { masterKeyQuery } from './queries.ts'
import { RecoveryKitCard } from './recovery-kit.tsx'
import { RotateKey } from './rotate-key.tsx'

/** While the key is being changed, its progress is asked for as often, milliseconds. */
const lookEveryMs = 1_000

/** The master key: which one it is, where it lies, its recovery kit, and how to change it. Never the key itself. */
export function MasterKeySettings() {
  const t = useMessages('masterKey')
  const mayRead = useCan('master-key.read')
  const status = useQuery({
    ...masterKeyQuery,
    enabled: mayRead,
    refetchInterval: ({ state }) => (state.data?.rotation ? lookEveryMs : false),
  })
  useToldWhenDone(status.data)
  if (!mayRead) return <EmptyState icon={LockKeyhole} title={t.title} text={t.forbidden} />
  return (
    <div className="grid gap-4">
      <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
      {status.isPending && (
        <Card>
          <SkeletonRows rows={5} />
        </Card>
      )}
      {status.isError && !status.data && (
        <ErrorPanel error={status.error} onRetry={() => void status.refetch()} />
      )}
      {status.data && (
        <>
          <KeyCard status={status.data} />
          <RecoveryKitCard status={status.data} />
          <RotationCard status={status.data} />
        </>
      )}
    </div>
  )
}

/** Whoever waits for it hears that a change is over. */
function useToldWhenDone(status: KeyStatus | undefined): void {
  const t = useMessages('masterKey').rotate
  const awaited = useRef<string | null>(null)
  useEffect(() => {
    if (!status) return
    if (status.rotation) awaited.current = status.rotation.to
    else if (awaited.current !== null) {
      if (awaited.current === status.keyId) tellSuccess(t.done(status.keyId))
      awaited.current = null
    }
  }, [status, t])
}

function KeyCard({ status }: { readonly status: KeyStatus }) {
  const t = useMessages('masterKey')
  const { keyId, source, place, concerns, changedAt } = status
  return (
    <Card aria-label={t.title}>
      <CardHeader
        actions={
          concerns.length === 0 && (
            <Badge tone="ok" icon={<Check aria-hidden />}>
              {t.fine}
            </Badge>
          )
        }
      >
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4">
        <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[10rem_1fr]">
          <Line name={t.key}>
            <code title={t.keyHint}>{keyId}</code>
          </Line>
          <Line name={t.source}>{t.sources[source]}</Line>
          <Line name={t.place}>
            <code className="text-sm break-all foreign">{place}</code>
          </Line>
          <Line name={t.changed}>{changedAt === null ? t.first : <RelativeTime at={changedAt} />}</Line>
        </dl>
        {concerns.map((concern) => (
          <Concern key={concern} concern={concern} place={place} />
        ))}
      </CardContent>
    </Card>
  )
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground max-sm:mt-1.5">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

const looks = {
  fail: { box: 'border-status-fail/35 bg-status-fail/5', icon: 'text-status-fail' },
  wait: { box: 'border-status-wait/35 bg-status-wait/5', icon: 'text-status-wait' },
} as const

function Concern({ concern, place }: { readonly concern: KeyConcern; readonly place: string }) {
  const { title, text, fix } = useMessages('masterKey').concerns[concern]
  const { box, icon } = looks[concern === 'readable-by-others' ? 'fail' : 'wait']
  return (
    <div className={`flex gap-3 rounded-lg border p-3 ${box}`}>
      <TriangleAlert aria-hidden className={`mt-0.5 size-4.5 shrink-0 ${icon}`} />
      <div className="grid min-w-0 flex-1 gap-1.5">
        <p className="font-semibold">{title}</p>
        <p className="text-pretty">{text}</p>
        {fix && <CodeBlock code={fix(place)} label={title} wrap />}
      </div>
    </div>
  )
}

function RotationCard({ status }: { readonly status: KeyStatus }) {
  const t = useMessages('masterKey').rotate
  const [isAsking, setAsking] = useState(false)
  const { rotation } = status
  return (
    <Card aria-label={t.title}>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4">
        <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
        {rotation ? (
          <div className="grid gap-2" role="status">
            <p className="flex flex-wrap justify-between gap-x-4">
              <span className="font-medium">
                {t.running}{' '}
                <span className="font-normal text-muted-foreground">
                  {t.fromTo(rotation.from, rotation.to)}
                </span>
              </span>
              <span className="text-muted-foreground tabular-nums">
                {t.progress(formatNumber(rotation.done), formatNumber(rotation.total))}
              </span>
            </p>
            <Progress label={t.running} percent={(100 * rotation.done) / Math.max(1, rotation.total)} />
            {rotation.stalled !== null && (
              <p className="text-status-fail">
                {t.stalled} <span className="foreign">{rotation.stalled}</span>
              </p>
            )}
          </div>
        ) : (
          <div>
            <Button variant="secondary" onClick={() => setAsking(true)}>
              <RefreshCw aria-hidden />
              {t.button}
            </Button>
          </div>
        )}
      </CardContent>
      {isAsking && (
        <RotateKey
          status={status}
          onClose={() => setAsking(false)}
          onBegun={() => {
            setAsking(false)
            tellSuccess(t.begun)
          }}
        />
      )}
    </Card>
  )
}
