import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { Budget } from '../../contract/costs.ts'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { agentsQuery } from '../agents/queries.ts'
import { api } from '../lib/api.ts'
import { formatDateTime, formatMoney } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Meter } from '../ui/meter.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { readUsd, toUsd } from './amounts.ts'
import { budgetsQuery, setBudget, useCostChange } from './queries.ts'

/** The limits, how much of each is used, and how to change them. */
export function LimitsTab() {
  const t = useMessages('costs')
  const user = useUser()
  const budgets = useQuery(budgetsQuery)
  const setZone = useCostChange(api.costs.setZone, t.saved)
  const [edited, setEdited] = useState<Budget | 'agent' | null>(null)
  if (budgets.isPending) {
    return (
      <Card>
        <SkeletonRows rows={5} />
      </Card>
    )
  }
  if (budgets.isError) {
    return (
      <ErrorPanel
        error={budgets.error}
        onRetry={() => void budgets.refetch()}
        isRetrying={budgets.isFetching}
      />
    )
  }
  const mayChange = user !== undefined && user !== null && can(user.role, 'budget.write')
  const { zone, items } = budgets.data
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <Card aria-label={t.limits}>
      <CardHeader
        actions={
          mayChange && (
            <Button size="sm" variant="secondary" onClick={() => setEdited('agent')}>
              {t.addAgent}
            </Button>
          )
        }
      >
        <CardTitle>{t.limits}</CardTitle>
      </CardHeader>
      <p className="px-4 pb-3 text-sm text-muted-foreground text-pretty">
        {t.limitsText} {t.notices}
      </p>
      <ul className="divide-y divide-border border-y border-border">
        {items.map((budget) => (
          <LimitLine
            key={`${budget.limit} ${budget.agentId}`}
            budget={budget}
            onChange={mayChange ? () => setEdited(budget) : undefined}
          />
        ))}
      </ul>
      <CardContent className="flex flex-wrap items-center justify-between gap-3 pt-3">
        <p className="text-sm">
          <span className="text-muted-foreground">{t.zone}</span> <span className="font-medium">{zone}</span>
        </p>
        {mayChange && own !== zone && (
          <Button
            size="sm"
            variant="secondary"
            isLoading={setZone.isPending}
            onClick={() => setZone.mutate({ body: { zone: own } })}
          >
            {t.zoneUse(own)}
          </Button>
        )}
      </CardContent>
      {edited !== null && (
        <EditLimit budget={edited === 'agent' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </Card>
  )
}

function useLimitName(): (limit: Budget['limit'], agentId: string | null) => string {
  const t = useMessages('costs')
  return (limit, agentId) => (limit === 'agent' ? t.limit.agent(agentId ?? '') : t.limit[limit])
}

interface LimitLineProps {
  readonly budget: Budget
  readonly onChange: (() => void) | undefined
}

function LimitLine({ budget, onChange }: LimitLineProps) {
  const t = useMessages('costs')
  const { limit, agentId, limitNanoUsd, usedNanoUsd, heldNanoUsd, isDefault, resetsAt } = budget
  const name = useLimitName()(limit, agentId)
  const amount = limitNanoUsd === null ? t.noLimit : formatMoney(limitNanoUsd)
  const percent =
    usedNanoUsd === null || limitNanoUsd === null
      ? 0
      : limitNanoUsd === 0
        ? 100
        : (usedNanoUsd / limitNanoUsd) * 100
  return (
    <li className="flex items-center gap-4 px-4 py-3">
      <div className="min-w-0 flex-1">
        {usedNanoUsd === null ? (
          <p className="flex justify-between gap-3 text-sm">
            <span className="text-muted-foreground">{name}</span>
            <span className="tabular-nums">{amount}</span>
          </p>
        ) : (
          <Meter
            label={name}
            percent={percent}
            failAt={100}
            figure={`${formatMoney(usedNanoUsd)} ${limitNanoUsd === null ? `(${amount})` : t.of(amount)}`}
          />
        )}
        <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted-foreground">
          {isDefault && <Badge>{t.isDefault}</Badge>}
          {usedNanoUsd === null ? t.unused : resetsAt && t.resets(formatDateTime(resetsAt))}
          {heldNanoUsd !== null && heldNanoUsd > 0 && <span>{t.held(formatMoney(heldNanoUsd))}</span>}
        </p>
      </div>
      {onChange && (
        <Button size="sm" variant="secondary" aria-label={`${t.change}: ${name}`} onClick={onChange}>
          {t.change}
        </Button>
      )}
    </li>
  )
}

interface EditLimitProps {
  /** Null for a new one of an agent. */
  readonly budget: Budget | null
  readonly onClose: () => void
}

function EditLimit({ budget, onClose }: EditLimitProps) {
  const t = useMessages('costs')
  const formId = useId()
  const agents = useQuery({ ...agentsQuery, enabled: budget === null })
  const [text, setText] = useState(
    budget === null || budget.limitNanoUsd === null ? '' : toUsd(budget.limitNanoUsd),
  )
  const [agentId, setAgentId] = useState('')
  const [isChecked, setChecked] = useState(false)
  const save = useCostChange(setBudget, t.saved)
  const limitNanoUsd = text.trim() === '' ? null : readUsd(text)
  const isWrong = text.trim() !== '' && limitNanoUsd === null
  const about = {
    limit: budget?.limit ?? ('agent' as const),
    agentId: budget === null ? agentId || null : budget.agentId,
  }
  const name = useLimitName()(about.limit, about.agentId)

  const put = (change: { limitNanoUsd?: number | null }) =>
    save.mutate({ ...about, ...change }, { onSuccess: onClose })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (!isWrong && (budget !== null || agentId !== '')) put({ limitNanoUsd })
  }
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={budget === null ? t.addAgent : t.editTitle(name)}
      footer={
        <>
          {budget !== null && !budget.isDefault && (
            <Button variant="ghost" className="me-auto" isLoading={save.isPending} onClick={() => put({})}>
              {t.toDefault}
            </Button>
          )}
          <DialogClose>
            <Button variant="secondary">{t.cancel}</Button>
          </DialogClose>
          <Button type="submit" form={formId} isLoading={save.isPending}>
            {t.save}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="space-y-4">
        {budget === null && (
          <Field label={t.agent} required error={isChecked && agentId === '' ? t.agent : undefined}>
            <Select value={agentId} onChange={(event) => setAgentId(event.target.value)}>
              <option value="" />
              {agents.data?.items.map(({ manifest: { id, title } }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Field
          label={t.limitField}
          hint={t.limitHint}
          error={isChecked && isWrong ? t.limitWrong : undefined}
        >
          <Input inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}
