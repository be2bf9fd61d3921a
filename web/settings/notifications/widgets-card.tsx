import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useCan } from '../../account/use-session.ts'
import { api, downloadUrl } from '../../lib/api.ts'
import { basePath } from '../../lib/base.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { metricsTokenQuery } from '../queries.ts'
import { ShownOnce } from '../../ui/shown-once.tsx'

/** What other programs read: metrics, and everything at a glance. */
export function WidgetsCard() {
  const t = useMessages('notifications')
  const queries = useQueryClient()
  const mayChange = useCan('settings.write')
  const state = useQuery(metricsTokenQuery)
  const [made, setMade] = useState<string | null>(null)
  const [isAsked, setAsked] = useState(false)
  const refresh = () => queries.invalidateQueries({ queryKey: metricsTokenQuery.queryKey })
  const make = useMutation({
    mutationFn: () => api.metricsToken.create({ body: {} }),
    onSuccess: ({ token }) => setMade(token),
    onError: tellFailure,
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: () => api.metricsToken.remove(),
    onSuccess: () => {
      setAsked(false)
      tellSuccess(t.metricsRemoved)
    },
    onSettled: refresh,
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.widgets}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.widgetsText}</p>
      </CardHeader>
      <CardContent className="space-y-4 pt-1">
        {state.isPending && <SkeletonRows rows={1} />}
        {state.isError && <ErrorPanel error={state.error} onRetry={() => void state.refetch()} isCompact />}
        {state.isSuccess && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <code className="text-sm">{basePath}/metrics</code>
            {state.data.isOn && <Badge tone="ok">{t.metrics}</Badge>}
            <span className="min-w-0 flex-1 text-sm text-muted-foreground">
              {state.data.isOn ? t.metricsOn : t.metricsOff}{' '}
              {state.data.madeAt && <RelativeTime at={state.data.madeAt} />}
            </span>
            {mayChange && (
              <span className="flex gap-2">
                <Button
                  size="sm"
                  variant="secondary"
                  isLoading={make.isPending}
                  onClick={() => make.mutate()}
                >
                  {state.data.isOn ? t.metricsRenew : t.metricsMake}
                </Button>
                {state.data.isOn && (
                  <Button size="sm" variant="ghost" onClick={() => setAsked(true)}>
                    {t.metricsRemove}
                  </Button>
                )}
              </span>
            )}
          </div>
        )}
        <div className="space-y-1.5">
          <p className="text-sm text-muted-foreground text-pretty">{t.summary}</p>
          <code className="block text-sm wrap-anywhere">
            {location.origin}
            {downloadUrl('/summary')}
          </code>
        </div>
      </CardContent>
      {made !== null && (
        <ShownOnce title={t.metricsTitle} text={t.metricsOnce} done={t.copied} onClose={() => setMade(null)}>
          <CodeBlock code={made} label={t.token} wrap />
        </ShownOnce>
      )}
      <ConfirmDialog
        open={isAsked}
        onOpenChange={setAsked}
        title={t.metricsRemoveTitle}
        description={t.metricsRemoveText}
        confirmLabel={t.metricsRemove}
        isPending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  )
}
