import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import {
  CirclePause,
  CirclePlay,
  EllipsisVertical,
  KeyRound,
  Pencil,
  Trash2,
  Zap,
  ZapOff,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { TriggerId } from '../../../contract/ids.ts'
import type { Firing, Hook, NearMiss, Trigger } from '../../../contract/triggers.ts'
import { useCan } from '../../account/use-session.ts'
import { useAgentTitle } from '../../executions/list-queries.ts'
import { type Selection, termsOf } from '../../executions/selection.ts'
import { TargetField } from '../../executions/target-field.tsx'
import { api, codeOf } from '../../lib/api.ts'
import { useBreadcrumb } from '../../lib/breadcrumb.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../../ui/dropdown-menu.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { FiringBadge } from './firing-badge.tsx'
import { HookShown } from './hook-shown.tsx'
import { firingsQuery, triggerQuery } from './queries.ts'
import { useCause, useWhen } from './words.ts'

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
        actions={<Actions trigger={trigger} />}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <History trigger={trigger} />
        <Settings trigger={trigger} />
      </div>
    </>
  )
}

function Actions({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const mayWrite = useCan('schedule.write')
  const mayRun = useCan('execution.start')
  const queries = useQueryClient()
  const [asked, setAsked] = useState<'remove' | 'fire' | 'renew' | null>(null)
  const [hook, setHook] = useState<Hook | null>(null)
  const { id, name, paused, when } = trigger
  const refresh = () => queries.invalidateQueries({ queryKey: ['schedules'] })
  const pause = useMutation({
    mutationFn: () => api.triggers.pause({ params: { id }, body: { paused: !paused } }),
    onSuccess: () => tellSuccess(paused ? t.resumed(name) : t.pausedNow(name)),
    onError: tellFailure,
    onSettled: refresh,
  })
  const renew = useMutation({
    mutationFn: () => api.triggers.renewHook({ params: { id }, body: {} }),
    onSuccess: (made) => {
      setAsked(null)
      setHook(made)
    },
  })
  return (
    <>
      {mayWrite && (
        <Button variant="secondary" isLoading={pause.isPending} onClick={() => pause.mutate()}>
          {paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
          {paused ? t.resume : t.pause}
        </Button>
      )}
      {mayRun && (
        <Button onClick={() => setAsked('fire')}>
          <Zap aria-hidden />
          {t.fireNow}
        </Button>
      )}
      {mayWrite && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <IconButton
              variant="secondary"
              label={t.more}
              icon={EllipsisVertical}
              className="max-sm:flex-none!"
            />
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            <DropdownMenuItem asChild>
              <Link to="/schedules/triggers/$id/edit" params={{ id }}>
                <Pencil aria-hidden />
                {t.edit}
              </Link>
            </DropdownMenuItem>
            {when.kind === 'webhook' && (
              <DropdownMenuItem onSelect={() => setAsked('renew')}>
                <KeyRound aria-hidden />
                {t.renewHook}
              </DropdownMenuItem>
            )}
            <DropdownMenuSeparator />
            <DropdownMenuItem danger onSelect={() => setAsked('remove')}>
              <Trash2 aria-hidden />
              {t.remove}
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      <RemoveDialog trigger={trigger} open={asked === 'remove'} onClose={() => setAsked(null)} />
      {asked === 'fire' && <FireDialog trigger={trigger} onClose={() => setAsked(null)} />}
      <ConfirmDialog
        open={asked === 'renew'}
        onOpenChange={(isOpen) => {
          renew.reset()
          if (!isOpen) setAsked(null)
        }}
        title={t.renewTitle}
        description={t.renewText}
        confirmLabel={t.renewHook}
        isPending={renew.isPending}
        error={renew.error}
        onConfirm={() => renew.mutate()}
      />
      {hook && <HookShown hook={hook} onClose={() => setHook(null)} />}
    </>
  )
}

/** Starts what it starts; asks where, if it runs on the node that something happened on. */
function FireDialog({ trigger, onClose }: { readonly trigger: Trigger; readonly onClose: () => void }) {
  const t = useMessages('triggers')
  const navigate = useNavigate()
  const titleOf = useAgentTitle()
  const [selection, setSelection] = useState<Selection>({ terms: [], draft: '' })
  const [isChecked, setChecked] = useState(false)
  const { id, name, targets, agentId } = trigger
  const terms = termsOf(selection)
  const isMissing = targets === null && terms.length === 0
  const fire = useMutation({
    mutationFn: () => api.triggers.fire({ params: { id }, body: targets === null ? { targets: terms } : {} }),
    onSuccess: ({ batchId }) => navigate({ to: '/executions', search: { batch: batchId } }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t.fireTitle(name)}
      description={t.fireText(titleOf(agentId))}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button
            isLoading={fire.isPending}
            onClick={() => {
              setChecked(true)
              if (!isMissing) fire.mutate()
            }}
          >
            {t.fireNow}
          </Button>
        </>
      }
    >
      {targets === null ? (
        <Field label={t.nodes} required error={isChecked && isMissing ? t.nodesMissing : undefined}>
          <TargetField value={selection} onChange={setSelection} />
        </Field>
      ) : (
        <p>
          {t.nodes}: <bdi className="foreign">{targets.join(', ')}</bdi>
        </p>
      )}
      {fire.isError && <ErrorPanel error={fire.error} isCompact />}
    </Dialog>
  )
}

function RemoveDialog({
  trigger: { id, name },
  open,
  onClose,
}: {
  readonly trigger: Trigger
  readonly open: boolean
  readonly onClose: () => void
}) {
  const t = useMessages('triggers')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => api.triggers.remove({ params: { id } }),
    onSuccess: async () => {
      tellSuccess(t.removed(name))
      // Left first, so that the page does not ask for what is gone.
      await navigate({ to: '/schedules/triggers' })
      queries.removeQueries({ queryKey: ['schedules', 'trigger', { params: { id } }] })
      await queries.invalidateQueries({ queryKey: ['schedules'] })
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(isOpen) => {
        remove.reset()
        if (!isOpen) onClose()
      }}
      title={t.removeTitle(name)}
      description={t.removeText}
      confirmLabel={t.remove}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  )
}

/** What it started and what it held back, newest first. */
function History({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const [cursor, setCursor] = useState<string | undefined>()
  const list = useQuery(firingsQuery(trigger.id, cursor))
  const items = list.data?.items ?? []
  return (
    <Card aria-label={t.history}>
      <CardHeader>
        <CardTitle>{t.history}</CardTitle>
      </CardHeader>
      {trigger.nearMiss && <Missed miss={trigger.nearMiss} />}
      {list.isPending ? (
        <SkeletonRows rows={5} />
      ) : list.isError ? (
        <CardContent>
          <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isCompact />
        </CardContent>
      ) : items.length === 0 ? (
        <EmptyState icon={Zap} title={t.noHistory} text={t.noHistoryText} />
      ) : (
        <ul className="divide-y divide-border border-t border-border">
          {items.map((firing) => (
            <PastFiring key={firing.id} firing={firing} />
          ))}
        </ul>
      )}
      <Pagination
        onNewer={cursor ? () => setCursor(undefined) : undefined}
        onOlder={list.data?.nextCursor ? () => setCursor(list.data?.nextCursor ?? undefined) : undefined}
        isLoading={list.isFetching}
      />
    </Card>
  )
}

/** What nearly fitted, and what left it out: the answer to “why did it not fire?”. */
function Missed({ miss: { at, field, cause } }: { readonly miss: NearMiss }) {
  const t = useMessages('triggers')
  const causeOf = useCause()
  return (
    <p className="flex items-start gap-2 px-4 pb-3 text-sm text-muted-foreground text-pretty">
      <ZapOff aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">
        {t.leftOut[field]} <span className="foreign">{causeOf(cause)}</span>, <RelativeTime at={at} />
      </span>
    </p>
  )
}

function PastFiring({ firing }: { readonly firing: Firing }) {
  const t = useMessages('triggers')
  const causeOf = useCause()
  const { at, state, reason, detail, cause, batchId, executions } = firing
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-2.5">
      <span className="shrink-0 sm:w-32">
        <FiringBadge state={state} />
      </span>
      <span className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
        <span className="block foreign">
          {cause.executionId ? (
            <Link
              to="/executions/$id"
              params={{ id: cause.executionId }}
              className="rounded-xs underline underline-offset-2 hover:text-foreground"
            >
              {causeOf(cause)}
            </Link>
          ) : (
            causeOf(cause)
          )}
        </span>
        <span className="block text-sm text-muted-foreground text-pretty foreign">
          <RelativeTime at={at} />
          {reason && ` · ${reason === 'refused' && detail ? detail : t.reasons[reason]}`}
        </span>
      </span>
      {batchId && executions.total > 0 && (
        <Link
          to="/executions"
          search={{ batch: batchId }}
          className="rounded-xs text-sm underline underline-offset-2 hover:text-foreground max-sm:ms-auto"
        >
          {executions.active > 0
            ? t.executionsRun(executions.active)
            : t.executionsDone(executions.succeeded, executions.total)}
        </Link>
      )}
    </li>
  )
}

/** How it is set, in words. */
function Settings({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const titleOf = useAgentTitle()
  const { when, agentId, targets, options, dryRun, coolDownMinutes, createdBy } = trigger
  const list = (label: string, items: readonly string[] | undefined) =>
    items && items.length > 0 ? (
      <Item label={label}>
        <span className="foreign">{items.join(', ')}</span>
      </Item>
    ) : null
  return (
    <Card aria-label={t.settings}>
      <CardHeader>
        <CardTitle>{t.settings}</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="grid gap-2 text-sm">
          {list(t.onNodes, 'nodes' in when ? when.nodes : undefined)}
          {list(t.ofAgents, 'agents' in when ? when.agents.map(titleOf) : undefined)}
          {list(t.rules, 'rules' in when ? when.rules : undefined)}
          {list(t.mounts, 'mounts' in when ? when.mounts : undefined)}
          <Item label={t.agent}>
            <Link to="/agents/$id" params={{ id: agentId }} className="underline underline-offset-2">
              {titleOf(agentId)}
            </Link>
            {dryRun && ` (${t.dryRun})`}
          </Item>
          <Item label={t.nodes}>
            {targets ? <span className="foreign">{targets.join(', ')}</span> : t.sameNode}
          </Item>
          {Object.keys(options).length > 0 && (
            <Item label={t.options}>
              <code className="block text-xs break-words whitespace-pre-wrap foreign">
                {Object.entries(options)
                  .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
                  .join('\n')}
              </code>
            </Item>
          )}
          <Item label={t.coolDownShort}>{t.minutes(coolDownMinutes, formatNumber(coolDownMinutes))}</Item>
          <Item label={t.createdBy}>
            <span className="foreign">{createdBy}</span>
          </Item>
        </dl>
      </CardContent>
    </Card>
  )
}

function Item({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
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
