import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { useState } from 'react'
import { type Execution, isFinal } from '../../contract/executions.ts'
import { useCan } from '../account/use-session.ts'
import { formatDuration } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { Elapsed } from './elapsed.tsx'
import { useAgentTitle, useCancel } from './list-queries.ts'
import { Result } from './result.tsx'

export interface ExecutionTableProps {
  readonly executions: readonly Execution[]
  /** On the page of a node or an agent, where the column would say the same in every row. */
  readonly without?: 'node' | 'agent'
}

/** Executions as rows that lead to their pages; cards on a phone. Those that go on can be cancelled. */
export function ExecutionTable({ executions, without }: ExecutionTableProps) {
  const t = useMessages('executions').list
  const words = useMessages('executionList')
  const titleOf = useAgentTitle()
  const mayCancel = useCan('execution.cancel')
  const [asked, setAsked] = useState<Execution | null>(null)
  return (
    <>
      <Table label={t.caption} stack className="table-fixed stacked:table-auto">
        <TableHead>
          <Th className="w-46">{t.state}</Th>
          {without !== 'agent' && <Th className="w-36">{t.agent}</Th>}
          {without !== 'node' && <Th className="@4xl:w-34">{t.node}</Th>}
          <Th className="hidden @4xl:table-cell">{t.result}</Th>
          <Th className="w-32">{t.when}</Th>
          <Th align="right" className="w-44">
            {t.duration}
          </Th>
        </TableHead>
        <TableBody>
          {executions.map((execution) => (
            <ExecutionRow
              key={execution.id}
              execution={execution}
              agent={titleOf(execution.agentId)}
              without={without}
              onCancel={mayCancel ? () => setAsked(execution) : undefined}
            />
          ))}
        </TableBody>
      </Table>
      <CancelDialog
        executions={asked ? [asked] : []}
        title={words.cancelTitle}
        onClose={() => setAsked(null)}
      />
    </>
  )
}

interface ExecutionRowProps {
  readonly execution: Execution
  readonly agent: string
  readonly without: ExecutionTableProps['without']
  readonly onCancel: (() => void) | undefined
}

function ExecutionRow({ execution, agent, without, onCancel }: ExecutionRowProps) {
  const t = useMessages('executions').list
  const words = useMessages('executionList')
  const { id, nodeId, nodeName, state, outcome, queuedAt, startedAt, finishedAt, dryRun } = execution
  const name = t.open(agent, nodeName)
  const dry = dryRun && <Badge className="ms-2 shrink-0">{t.dry}</Badge>
  const main = (
    <Link
      to="/executions/$id"
      params={{ id }}
      aria-label={name}
      // The whole row leads there; links and buttons in it lie above.
      className="block min-w-0 truncate font-medium foreign after:absolute after:inset-0 focus-visible:-outline-offset-2"
    >
      <bdi>{without === 'agent' ? nodeName : agent}</bdi>
    </Link>
  )
  const cancel = onCancel && !isFinal(state) && state !== 'stopping'
  return (
    <Row className="relative stacked:flow-root!">
      <Td className="stacked:float-end stacked:inline-flex! stacked:ps-3!">
        <StatusBadge state={state} partial={outcome?.partial ?? false} />
      </Td>
      {without !== 'agent' && (
        <Td className="stacked:justify-start!">
          <span className="flex min-w-0 items-center">
            {main}
            {dry}
          </span>
        </Td>
      )}
      {without !== 'node' && (
        <Td className={clsx('stacked:justify-start!', without !== 'agent' && 'stacked:min-h-0!')}>
          {without === 'agent' ? (
            <span className="flex min-w-0 items-center">
              {main}
              {dry}
            </span>
          ) : (
            <Link
              to="/nodes/$id"
              params={{ id: nodeId }}
              className="relative z-1 inline-block max-w-full truncate align-middle text-muted-foreground hover:text-foreground hover:underline"
            >
              <bdi>{nodeName}</bdi>
            </Link>
          )}
        </Td>
      )}
      <Td className="hidden stacked:flex stacked:min-h-0! @4xl:table-cell">
        <Result execution={execution} />
      </Td>
      <Td className="text-muted-foreground stacked:inline-flex!">
        <span className="relative z-1">
          <RelativeTime at={queuedAt} plain />
        </span>
      </Td>
      <Td align="right" className="text-muted-foreground stacked:float-end stacked:inline-flex!">
        <span className="inline-flex items-center justify-end gap-3">
          {startedAt && finishedAt ? (
            <span className="tabular-nums">
              {formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}
            </span>
          ) : startedAt ? (
            <Elapsed since={startedAt} />
          ) : (
            !cancel && '—'
          )}
          {cancel && (
            <Button
              size="sm"
              variant="secondary"
              aria-label={words.cancelThis(agent, nodeName)}
              className="relative z-1"
              onClick={onCancel}
            >
              {t.cancel}
            </Button>
          )}
        </span>
      </Td>
    </Row>
  )
}

interface CancelDialogProps {
  /** None: the dialog is closed. */
  readonly executions: readonly Execution[]
  readonly title: string
  readonly onClose: () => void
}

/** Asks once before something that runs is stopped. */
export function CancelDialog({ executions, title, onClose }: CancelDialogProps) {
  const t = useMessages('executions').list
  const words = useMessages('executionList')
  const cancel = useCancel()
  const confirm = async () => {
    await Promise.allSettled(executions.map(({ id }) => cancel.mutateAsync(id)))
    onClose()
  }
  return (
    <Dialog
      open={executions.length > 0}
      onOpenChange={(open) => !open && onClose()}
      size="sm"
      role="alertdialog"
      title={title}
      description={words.cancelText}
      footer={
        <>
          <DialogClose>
            <Button variant="secondary">{words.keep}</Button>
          </DialogClose>
          <Button variant="danger" isLoading={cancel.isPending} onClick={() => void confirm()}>
            {t.cancel}
          </Button>
        </>
      }
    />
  )
}

/** In the place of a table that is still to come. */
export function ExecutionTableSkeleton({ rows = 8 }: { readonly rows?: number }) {
  return <SkeletonRows rows={rows} />
}
