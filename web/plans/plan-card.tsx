import { Link } from '@tanstack/react-router'
import { Check, FlaskConical, X } from 'lucide-react'
import { useState } from 'react'
import type { ApprovalId } from '../../contract/ids.ts'
import type { Action, Approval, Plan } from '../../contract/plans.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import { useCan } from '../account/use-session.ts'
import { isOffline, useConnection } from '../lib/connection.ts'
import { formatBytes, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { ActionItem } from './action-item.tsx'
import { firstChoice, isOpen, roomOf } from './choice.ts'
import { ApproveDialog, RejectDialog, useCheck } from './decide.tsx'
import { Room } from './room.tsx'

interface PlanCardProps {
  readonly plan: Plan
  /** Of which execution this is shown as the result: only what it was to change. */
  readonly approvalId?: ApprovalId | null
  /** On the page of its own report, where agent and node are named already. */
  readonly isInReport?: boolean
}

/** What an agent proposes for a node, to choose from; and what was decided and done already. */
export function PlanCard({ plan, approvalId = null, isInReport = false }: PlanCardProps) {
  const t = useMessages('plans')
  const shown = approvalId ? plan.actions.filter((one) => isOf(one, approvalId, plan)) : plan.actions
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => firstChoice(plan))
  const open = approvalId ? [] : shown.filter((action) => isOpen(action, plan))
  // A choice of before says nothing of what was decided since.
  const picked = open.filter(({ aid }) => chosen.has(aid))
  const { samples } = useMessages('firstSteps')
  const mayApprove = useCan('plan.approve', plan.id)
  const choose = (aid: string, isChosen: boolean) =>
    setChosen(new Set(isChosen ? [...chosen, aid] : [...chosen].filter((one) => one !== aid)))
  const title = approvalId ? t.appliedTitle : isInReport ? t.planTitle : plan.agentTitle
  return (
    <Card aria-label={t.planLabel(plan.agentTitle, plan.nodeName)}>
      <CardHeader actions={!isInReport && <Where plan={plan} />}>
        <CardTitle>
          {title} <SampleBadge id={plan.id} />
        </CardTitle>
        <Times plan={plan} isOpen={open.length > 0} />
      </CardHeader>
      {open.length > 1 && mayApprove && (
        <div className="border-t border-border px-4 py-2.5">
          <Checkbox
            label={t.selectAll}
            checked={picked.length === open.length}
            isMixed={picked.length > 0 && picked.length < open.length}
            onChange={(event) => setChosen(new Set(event.target.checked ? open.map(({ aid }) => aid) : []))}
          />
        </div>
      )}
      <ul className="divide-y divide-border border-t border-border">
        {shown.map((action) => (
          <ActionItem
            key={action.aid}
            action={action}
            nodeId={plan.nodeId}
            {...(mayApprove &&
              open.includes(action) && {
                isChosen: chosen.has(action.aid),
                onChoose: (is: boolean) => choose(action.aid, is),
              })}
          />
        ))}
      </ul>
      <Decisions plan={plan} approvalId={approvalId} />
      {open.length > 0 && !mayApprove && (
        <p className="border-t border-border px-4 py-3 text-sm text-muted-foreground">
          {isSampleId(plan.id) ? samples.onlyShown : t.viewer}
        </p>
      )}
      {open.length > 0 && mayApprove && (
        <DecideBar plan={plan} picked={picked} all={open.length} onDone={() => setChosen(new Set())} />
      )}
    </Card>
  )
}

/** Whether an approval was about this action; a dry run is about all that it has told of. */
const isOf = (action: Action, approvalId: ApprovalId, plan: Plan): boolean =>
  action.approvalId === approvalId ||
  (plan.approvals.some(({ id, dryRun }) => id === approvalId && dryRun) &&
    action.outcome?.kind !== undefined &&
    action.state === 'waiting')

function Where({ plan }: { readonly plan: Plan }) {
  const t = useMessages('plans')
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <Link
        to="/nodes/$id"
        params={{ id: plan.nodeId }}
        className="inline-flex h-5.5 max-w-48 items-center rounded-full border border-border px-2 text-xs font-medium hover:bg-muted pointer-coarse:h-11"
      >
        <span className="truncate foreign">{plan.nodeName}</span>
      </Link>
      <Link
        to="/executions/$id"
        params={{ id: plan.executionId }}
        className="inline-flex min-h-6 items-center text-muted-foreground underline underline-offset-4 hover:text-foreground pointer-coarse:min-h-11"
      >
        {t.toReport}
      </Link>
    </div>
  )
}

function Times({ plan, isOpen }: { readonly plan: Plan; readonly isOpen: boolean }) {
  const t = useMessages('plans')
  return (
    <p className="text-sm text-muted-foreground text-pretty">
      {t.made} <RelativeTime at={plan.createdAt} />
      {isOpen && (
        <>
          {' · '}
          {t.expires} <RelativeTime at={plan.expiresAt} />
        </>
      )}
      {plan.closed !== null && ` · ${plan.closed}`}
    </p>
  )
}

/** Who decided what, and the execution it led to. */
function Decisions({ plan, approvalId }: { readonly plan: Plan; readonly approvalId: ApprovalId | null }) {
  const t = useMessages('plans')
  const shown = approvalId ? plan.approvals.filter(({ id }) => id === approvalId) : plan.approvals
  if (shown.length === 0) return null
  return (
    <ul
      aria-label={t.approvals}
      className="space-y-1.5 border-t border-border px-4 py-3 text-sm text-muted-foreground"
    >
      {shown.map((approval) => (
        <li key={approval.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Decision approval={approval} isLinked={approvalId === null} />
        </li>
      ))}
    </ul>
  )
}

function Decision({ approval, isLinked }: { readonly approval: Approval; readonly isLinked: boolean }) {
  const t = useMessages('plans')
  const { dryRun, approvedBy, secondBy, state, approvedAt, executionId, bytesFreed } = approval
  return (
    <>
      <span className="min-w-0 foreign">
        {dryRun ? t.checkedBy(approvedBy) : t.approvedBy(approvedBy)}
        {secondBy !== null && ` ${t.alsoBy(secondBy)}`}
      </span>
      <RelativeTime at={approvedAt} />
      {state === 'withdrawn' && <Badge>{t.withdrawn}</Badge>}
      {state === 'second-person' && <Badge tone="wait">{t.states['second-person']}</Badge>}
      {bytesFreed !== null && bytesFreed > 0 && <span>{t.measured(formatBytes(bytesFreed))}</span>}
      {isLinked && executionId && (
        <Link
          to="/executions/$id"
          params={{ id: executionId }}
          className="inline-flex min-h-6 items-center underline underline-offset-4 hover:text-foreground pointer-coarse:min-h-11"
        >
          {t.seeExecution}
        </Link>
      )}
    </>
  )
}

interface DecideBarProps {
  readonly plan: Plan
  readonly picked: readonly Action[]
  readonly all: number
  readonly onDone: () => void
}

/** At the lower edge, above the bar of a phone: in reach of a thumb however long the plan is. */
function DecideBar({ plan, picked, all, onDone }: DecideBarProps) {
  const t = useMessages('plans')
  const offline = useMessages('offline')
  const [asks, setAsks] = useState<'approve' | 'reject' | null>(null)
  const isAway = useConnection(isOffline)
  const mayDestroy = useCan('plan.approve-destructive')
  const check = useCheck(plan)
  const room = roomOf(picked)
  const isSecond = picked.some(({ state }) => state === 'second-person')
  const isBarred = !mayDestroy && picked.some(({ destructive }) => destructive)
  const isIdle = picked.length === 0 || isAway
  const close = () => setAsks(null)
  const done = () => {
    close()
    onDone()
  }
  return (
    <div className="sticky bottom-[calc(3.5rem+env(safe-area-inset-bottom))] z-10 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-b-lg border-t border-border bg-card px-4 py-3 md:bottom-0">
      <p aria-live="polite" className="min-w-0 flex-1 basis-full text-sm text-muted-foreground sm:basis-40">
        {picked.length === 0 ? (
          t.nothingChosen
        ) : (
          <>
            {t.selected(formatNumber(picked.length), formatNumber(all))}
            {room && (
              <>
                {' · '}
                <Room {...room} />
              </>
            )}
            {isAway && <span className="block text-status-wait">{offline.reason}</span>}
            {isBarred && <span className="block text-status-fail">{t.needsAdmin}</span>}
          </>
        )}
      </p>
      <Button
        variant="ghost"
        className="max-sm:flex-1"
        title={t.checkHint}
        disabled={isIdle}
        isLoading={check.isPending}
        onClick={() => check.mutate(picked)}
      >
        <FlaskConical aria-hidden />
        {t.check}
      </Button>
      <Button
        variant="secondary"
        className="max-sm:flex-1"
        disabled={isIdle}
        onClick={() => setAsks('reject')}
      >
        <X aria-hidden />
        {t.reject}
      </Button>
      <Button
        variant="approve"
        className="max-sm:w-full"
        disabled={isIdle || isBarred}
        onClick={() => setAsks('approve')}
      >
        <Check aria-hidden />
        {isSecond ? t.approveSecond(picked.length) : t.approve(picked.length)}
      </Button>
      {asks === 'approve' && <ApproveDialog plan={plan} chosen={picked} onClose={close} onDone={done} />}
      {asks === 'reject' && <RejectDialog plan={plan} chosen={picked} onClose={close} onDone={done} />}
    </div>
  )
}
