import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, FlaskConical, Link as LinkIcon, RotateCcw, Square } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { activeStates, type Execution, isFinal } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { useCan } from '../account/use-session.ts'
import { agentQuery } from '../agents/queries.ts'
import { callsQuery } from '../costs/queries.ts'
import { api, codeOf, downloadUrl } from '../lib/api.ts'
import { useConnection } from '../lib/connection.ts'
import { formatDuration, formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { nodeQuery } from '../nodes/queries.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { copyText } from '../ui/copy-text.ts'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { Elapsed } from './elapsed.tsx'
import { executionsQuery } from './list-queries.ts'
import { executionQuery, storyQuery } from './queries.ts'

export interface HeadProps {
  readonly execution: Execution
  /** Whether there is a report to take along. */
  readonly hasReport: boolean
}

/** What, where, by whom, how long and how it stands, with what can be done about it. */
export function Head({ execution, hasReport }: HeadProps) {
  const t = useMessages('execution')
  const { state, outcome, nodeName, agentId, nodeId, agentVersion, dryRun } = execution
  const agent = useQuery(agentQuery(agentId))
  const node = useQuery(nodeQuery(nodeId))
  const batch = useQuery({
    ...executionsQuery({ batchId: execution.batchId ?? undefined, limit: 2 }),
    enabled: execution.batchId !== null,
  })
  // Also what runs on one node alone is a batch, of one.
  const isOneOfMany = (batch.data?.items.length ?? 0) > 1
  const isAgentGone = codeOf(agent.error) === 'agent.not_found'
  const isNodeGone = codeOf(node.error) === 'node.not_found'
  const title = agent.data?.manifest.title ?? agentId
  return (
    <div>
      <PageHeader
        title={t.on(title, nodeName)}
        badge={
          <span aria-live="polite" className="flex flex-wrap items-center gap-2">
            <StatusBadge state={state} partial={outcome?.partial ?? false} variant="pill" />
            {!isFinal(state) && <LivePill id={execution.id} />}
            <SampleBadge id={execution.id} />
          </span>
        }
        actions={
          <>
            {!isFinal(state) && <Cancel execution={execution} title={title} />}
            <RunAgain execution={execution} isPossible={!isAgentGone && !isNodeGone} />
            <Export execution={execution} hasReport={hasReport} />
            <CopyLink />
          </>
        }
      />
      <dl className="-mt-2 mb-4 flex flex-wrap gap-x-6 gap-y-1.5">
        <Item label={t.agent}>
          {isAgentGone ? (
            <span className="foreign">
              {agentId} ({t.removed})
            </span>
          ) : (
            <Link to="/agents/$id" params={{ id: agentId }} className={linkLook}>
              {agentId}
            </Link>
          )}{' '}
          <span className="text-muted-foreground tabular-nums">{agentVersion}</span>
        </Item>
        <Item label={t.node}>
          {isNodeGone ? (
            <span className="foreign">
              {nodeName} ({t.removed})
            </span>
          ) : (
            <Link to="/nodes/$id" params={{ id: nodeId }} className={linkLook}>
              {nodeName}
            </Link>
          )}
        </Item>
        <Item label={t.startedBy}>
          <span className="foreign">{execution.startedBy}</span>
        </Item>
        <Item label={execution.startedAt ? t.started : t.waiting}>
          <RelativeTime at={execution.startedAt ?? execution.queuedAt} />
        </Item>
        <Duration execution={execution} />
        <Cost executionId={execution.id} />
        {execution.batchId && isOneOfMany && (
          <Item label={t.batch}>
            <Link to="/executions" search={{ batch: execution.batchId }} className={linkLook}>
              {t.seeBatch}
            </Link>
          </Item>
        )}
      </dl>
      <div className="space-y-2">
        {dryRun && (
          <Ribbon icon={<FlaskConical aria-hidden className="size-4 shrink-0" />}>{t.dryRun}</Ribbon>
        )}
        {state === 'stopping' && (
          <Ribbon icon={<Square aria-hidden className="size-4 shrink-0" />}>{t.stoppingText}</Ribbon>
        )}
        {isAgentGone && <Ribbon>{t.agentRemoved}</Ribbon>}
        {isNodeGone && <Ribbon>{t.nodeRemoved}</Ribbon>}
      </div>
    </div>
  )
}

const linkLook = 'rounded-xs underline decoration-border underline-offset-4 hover:decoration-current foreign'

function Item({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 max-w-full items-baseline gap-1.5">
      <dt className="shrink-0 text-sm text-muted-foreground">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}

function Ribbon({ icon, children }: { readonly icon?: ReactNode; readonly children: ReactNode }) {
  return (
    <p className="flex items-start gap-2.5 rounded-md border border-dashed border-input bg-muted px-3 py-2 text-pretty [&_svg]:mt-0.5">
      {icon}
      <span>{children}</span>
    </p>
  )
}

/** Whether what one sees is of this moment. */
function LivePill({ id }: { readonly id: Execution['id'] }) {
  const t = useMessages('execution')
  // As far as it has been read; whoever shows steps or lines does the reading.
  const lastSeq = useQuery({ ...storyQuery(id, false), enabled: false }).data?.lastSeq ?? 0
  const connection = useConnection(({ state }) => state)
  if (connection === 'live') {
    return (
      <Badge tone="ok" icon={<span className="size-1.5 animate-breathe rounded-full bg-status-ok" />}>
        {t.live}
      </Badge>
    )
  }
  return <Badge tone="missed">{t.resuming(formatNumber(lastSeq))}</Badge>
}

/** Nothing is shown until it is known. */
function Cost({ executionId }: { readonly executionId: ExecutionId }) {
  const t = useMessages('execution')
  const calls = useQuery(callsQuery(executionId)).data?.items
  if (!calls) return null
  const total = calls.reduce((sum, { chargedNanoUsd }) => sum + chargedNanoUsd, 0)
  return (
    <Item label={t.cost}>
      <span className="tabular-nums">{formatMoney(total)}</span>
      {calls.length === 0 && <span className="text-muted-foreground"> {t.noModel}</span>}
    </Item>
  )
}

function Duration({ execution: { startedAt, finishedAt } }: { readonly execution: Execution }) {
  const t = useMessages('execution')
  if (startedAt === null) return null
  return (
    <Item label={finishedAt === null ? t.runningFor : t.took}>
      {finishedAt === null ? (
        <Elapsed since={startedAt} />
      ) : (
        <span className="tabular-nums">
          {formatDuration(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)))}
        </span>
      )}
    </Item>
  )
}

function Cancel({ execution, title }: { readonly execution: Execution; readonly title: string }) {
  const t = useMessages('execution')
  const queries = useQueryClient()
  const mayCancel = useCan('execution.cancel')
  const [isAsking, setAsking] = useState(false)
  const { queryKey } = executionQuery(execution.id)
  const cancel = useMutation({
    mutationFn: () => api.executions.cancel({ params: { id: execution.id } }),
    onSuccess: (changed) => {
      setAsking(false)
      queries.setQueryData(queryKey, changed)
      return queries.invalidateQueries({ queryKey: ['executions'] })
    },
    onError: (error) => {
      // It ended by itself in the same moment: what one wanted is so.
      if (codeOf(error) !== 'execution.finished') return
      setAsking(false)
      void queries.invalidateQueries({ queryKey: ['executions'] })
    },
  })
  if (!mayCancel) return null
  const isStopping = execution.state === 'stopping'
  return (
    <>
      <Button variant="secondary" isLoading={isStopping || cancel.isPending} onClick={() => setAsking(true)}>
        <Square aria-hidden />
        {isStopping ? t.stopping : t.cancel}
      </Button>
      <ConfirmDialog
        open={isAsking && (activeStates as readonly string[]).includes(execution.state)}
        onOpenChange={setAsking}
        title={t.cancelTitle(title, execution.nodeName)}
        description={t.cancelText}
        confirmLabel={t.cancelConfirm}
        onConfirm={() => cancel.mutate()}
        isPending={cancel.isPending}
        {...(cancel.error ? { error: cancel.error } : {})}
      />
    </>
  )
}

interface RunAgainProps {
  readonly execution: Execution
  readonly isPossible: boolean
}

function RunAgain({ execution, isPossible }: RunAgainProps) {
  const t = useMessages('execution')
  const mayRun = useCan('execution.start', execution.id)
  if (!mayRun || !isPossible) return null
  const { agentId, nodeId, options, dryRun, timeoutS } = execution
  return (
    <Button
      variant={isFinal(execution.state) ? 'primary' : 'secondary'}
      className={isFinal(execution.state) ? undefined : 'max-sm:hidden'}
      onClick={() => askToRun({ agentId, targets: [nodeId], options, dryRun, timeoutS })}
    >
      <RotateCcw aria-hidden />
      {t.runAgain}
    </Button>
  )
}

function Export({ execution: { id }, hasReport }: HeadProps) {
  const t = useMessages('execution')
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="secondary">
          <Download aria-hidden />
          {t.export}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {hasReport &&
          (['json', 'csv', 'md'] as const).map((format) => (
            <DropdownMenuItem key={format} asChild>
              <a href={downloadUrl(`/executions/${id}/report/export?format=${format}`)} download>
                {t.exports[format]}
              </a>
            </DropdownMenuItem>
          ))}
        {!hasReport && <p className="px-2.5 py-1.5 text-sm text-muted-foreground">{t.noExport}</p>}
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <a href={downloadUrl(`/executions/${id}/log.txt`)} download>
            {t.exports.log}
          </a>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

function CopyLink() {
  const t = useMessages('execution')
  const copy = async () => {
    if (await copyText(location.href)) tellSuccess(t.linkCopied)
    else tellFailure(new Error(t.linkNotCopied))
  }
  return (
    <IconButton
      variant="secondary"
      label={t.copyLink}
      icon={LinkIcon}
      className="max-sm:flex-none!"
      onClick={() => void copy()}
    />
  )
}
