import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Coins } from 'lucide-react'
import type { CostSuggestion, Spending } from '../../contract/costs.ts'
import { can } from '../../contract/permissions.ts'
import { useCan, useUser } from '../account/use-session.ts'
import { formatDay, formatMoney, formatNumber, formatPercent } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button, buttonLook } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { CallTable } from './calls.tsx'
import { ChartCard } from './chart-card.tsx'
import { setBudget, spendingQuery, unknownCallsQuery, useCostChange } from './queries.ts'

/** Where the money went, what was saved, and what could be better. */
export function SpendingTab({ days }: { readonly days: number }) {
  const spending = useQuery(spendingQuery(days))
  if (spending.isPending) {
    return (
      <Card>
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  if (spending.isError) {
    return (
      <ErrorPanel
        error={spending.error}
        onRetry={() => void spending.refetch()}
        isRetrying={spending.isFetching}
      />
    )
  }
  return <SpendingView spending={spending.data} />
}

function SpendingView({ spending }: { readonly spending: Spending }) {
  const t = useMessages('costs')
  const { days, byAgent, byNode, byModel, totalNanoUsd, calls, suggestions, savings } = spending
  const shares = [
    {
      title: t.byAgent,
      column: t.agent,
      amounts: byAgent.map((one) => ({ ...one, key: one.agentId ?? '', name: one.agentId ?? t.noAgent })),
    },
    {
      title: t.byNode,
      column: t.byNode,
      amounts: byNode.map((one) => ({
        ...one,
        key: one.nodeId ?? '',
        name: one.nodeName ?? (one.nodeId === null ? t.noNode : t.goneNode),
      })),
    },
    {
      title: t.byModel,
      column: t.model,
      amounts: byModel.map((one) => ({ ...one, key: `${one.driver} ${one.model}`, name: one.model })),
    },
  ]
  const dearest = days.reduce((most, one) => (one.nanoUsd > most.nanoUsd ? one : most))
  return (
    <div className="space-y-4">
      {suggestions.length > 0 && <Suggestions suggestions={suggestions} />}
      {calls === 0 ? (
        <Card>
          <EmptyState icon={Coins} title={t.none} text={t.noneText} guide="let-claude-explain" />
        </Card>
      ) : (
        <>
          <ChartCard
            title={t.byDay}
            column={t.day}
            says={t.byDaySays(
              formatMoney(totalNanoUsd),
              formatNumber(days.length),
              formatMoney(dearest.nanoUsd),
              formatDay(dearest.day),
            )}
            amounts={days.map(({ day, nanoUsd }) => ({ key: day, name: formatDay(day), nanoUsd }))}
          />
          <div className="grid gap-4 lg:grid-cols-2">
            {shares.map(({ title, column, amounts }) => (
              <ChartCard
                key={title}
                lying
                title={title}
                column={column}
                says={t.shareSays(
                  amounts[0]?.name ?? '',
                  formatPercent(totalNanoUsd === 0 ? 0 : ((amounts[0]?.nanoUsd ?? 0) / totalNanoUsd) * 100),
                )}
                amounts={amounts.slice(0, 10)}
              />
            ))}
            <Savings savings={savings} />
          </div>
        </>
      )}
      {calls === 0 && savings.length > 0 && <Savings savings={savings} />}
    </div>
  )
}

function Savings({ savings }: Pick<Spending, 'savings'>) {
  const t = useMessages('costs')
  const runs = savings.reduce((sum, one) => sum + one.runs, 0)
  const amount = savings.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)
  return (
    <Card aria-label={t.savings}>
      <CardHeader>
        <CardTitle>{t.savings}</CardTitle>
      </CardHeader>
      <p className="px-4 pb-3 text-sm text-muted-foreground text-pretty">
        {runs === 0 ? t.savingsNone : t.savingsSay(formatNumber(runs), formatMoney(amount))}
      </p>
      {savings.length > 0 && (
        <Table label={t.savings}>
          <TableHead>
            <Th>{t.why}</Th>
            <Th align="right">{t.runs}</Th>
            <Th align="right">{t.amount}</Th>
          </TableHead>
          <TableBody>
            {savings.map((one) => (
              <Row key={one.reason}>
                <Td>{t.reason[one.reason]}</Td>
                <Td align="right">{formatNumber(one.runs)}</Td>
                <Td align="right">{formatMoney(one.nanoUsd)}</Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  )
}

function Suggestions({ suggestions }: Pick<Spending, 'suggestions'>) {
  const t = useMessages('costs')
  const hasUnknown = suggestions.some(({ kind }) => kind === 'bills-unknown')
  return (
    <Card aria-label={t.suggestions}>
      <CardHeader>
        <CardTitle>{t.suggestions}</CardTitle>
      </CardHeader>
      <ul className="divide-y divide-border border-t border-border">
        {suggestions.map((one) => (
          <Suggestion key={`${one.kind} ${one.subject}`} suggestion={one} />
        ))}
      </ul>
      {hasUnknown && <UnknownCalls />}
    </Card>
  )
}

function Suggestion({ suggestion }: { readonly suggestion: CostSuggestion }) {
  const t = useMessages('costs')
  const user = useUser()
  const apply = useCostChange(setBudget, t.applied)
  const { kind, subject, nanoUsd, percent, apply: change } = suggestion
  const maySetUp = useCan('ai.write')
  const mayApply = change !== null && user !== undefined && user !== null && can(user.role, 'budget.write')
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2.5">
      <p className="min-w-0 flex-1 basis-64 text-pretty foreign">
        {t.suggestion[kind](subject ?? '', formatMoney(nanoUsd ?? 0), formatPercent(percent ?? 0))}
      </p>
      {mayApply && (
        <Button
          size="sm"
          variant="secondary"
          isLoading={apply.isPending}
          onClick={() => apply.mutate(change)}
        >
          {t.apply}
        </Button>
      )}
      {kind === 'cheaper-model' && maySetUp && (
        <Link
          to="/settings"
          search={{ tab: 'ai' }}
          className={buttonLook({ size: 'sm', variant: 'secondary' })}
        >
          {t.chooseModel}
        </Link>
      )}
    </li>
  )
}

function UnknownCalls() {
  const t = useMessages('costs')
  const calls = useQuery(unknownCallsQuery)
  if (!calls.data || calls.data.items.length === 0) return null
  return (
    <div className="border-t border-border">
      <h3 className="px-4 pt-3 pb-1 font-medium">{t.unknownCalls}</h3>
      <CallTable calls={calls.data.items} />
    </div>
  )
}
