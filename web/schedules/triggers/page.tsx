import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ZapOff } from 'lucide-react'
import type { TriggerId } from '../../../contract/ids.ts'
import type { Trigger } from '../../../contract/triggers.ts'
import { codeOf } from '../../lib/api.ts'
import { useBreadcrumb } from '../../lib/breadcrumb.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { TriggerActions } from './actions.tsx'
import { TriggerHistory } from './history.tsx'
import { triggerQuery } from './queries.ts'
import { RefusedNotice } from './refused-notice.tsx'
import { TriggerSettings } from './settings.tsx'
import { useWhen } from './words.ts'

/** One trigger: what it started, what it held back and why, and how it is set. */
export function TriggerPage() {
  const id = useParams({ from: '/inside/schedules/triggers/$id' }).id as TriggerId
  return <TriggerView id={id} />
}

export function TriggerView({ id }: { readonly id: TriggerId }) {
  const trigger = useQuery(triggerQuery(id))
  const code = codeOf(trigger.error)
  if (code === 'trigger.not_found' || code === 'request.invalid') return <NoSuchTrigger />
  if (trigger.data) return <LoadedTrigger key={id} trigger={trigger.data} />
  if (trigger.isError) {
    return (
      <ErrorPanel
        error={trigger.error}
        isRetrying={trigger.isFetching}
        onRetry={() => void trigger.refetch()}
      />
    )
  }
  return (
    <Card>
      <SkeletonRows rows={6} />
    </Card>
  )
}

function LoadedTrigger({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const whenOf = useWhen()
  useBreadcrumb(trigger.name)
  return (
    <>
      <PageHeader
        title={trigger.name}
        badge={<Badge {...(!trigger.paused && { tone: 'ok' })}>{trigger.paused ? t.paused : t.waits}</Badge>}
        subtitle={whenOf(trigger)}
        actions={<TriggerActions trigger={trigger} />}
      />
      <RefusedNotice trigger={trigger} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <TriggerHistory trigger={trigger} />
        <TriggerSettings trigger={trigger} />
      </div>
    </>
  )
}

function NoSuchTrigger() {
  const t = useMessages('triggers')
  return (
    <EmptyState
      icon={ZapOff}
      title={t.notFound}
      text={t.notFoundText}
      action={
        <Button asChild variant="secondary">
          <Link to="/schedules/triggers">{t.toList}</Link>
        </Button>
      }
    />
  )
}
