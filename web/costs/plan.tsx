import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentsQuery } from '../agents/queries.ts'
import { formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { cronRunsInAMonth, planMonth } from './amounts.ts'
import { estimateQuery, summaryQuery } from './queries.ts'

const rates = ['24', '4', '1', '0.142857', 'cron'] as const

/** What a schedule that does not exist yet would cost. */
export function PlanTab() {
  const t = useMessages('costs')
  const agents = useQuery(agentsQuery)
  const summary = useQuery(summaryQuery)
  const [chosen, setChosen] = useState('')
  const [nodes, setNodes] = useState('10')
  const [rate, setRate] = useState<(typeof rates)[number]>('24')
  const [cron, setCron] = useState('0 */8 * * *')
  const [share, setShare] = useState('1.4')
  const agentId = chosen || (agents.data?.items[0]?.manifest.id ?? '')
  const estimate = useQuery({ ...estimateQuery(agentId), enabled: agentId !== '' })
  const cronRuns = rate === 'cron' ? cronRunsInAMonth(cron, new Date()) : null
  const runsPerDay = rate === 'cron' ? (cronRuns ?? 0) / 30 : Number(rate)
  const figures = { nodes: numberOf(nodes), runsPerDay, askPercent: numberOf(share) }
  const plan = estimate.data && planMonth({ ...figures, ...estimate.data })
  const limit = summary.data?.monthlyLimitNanoUsd ?? null
  return (
    <Card aria-label={t.plan}>
      <CardHeader>
        <CardTitle>{t.plan}</CardTitle>
      </CardHeader>
      <CardContent className="space-y-4">
        <p className="text-sm text-muted-foreground text-pretty">{t.planText}</p>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t.agent}>
            <Select value={agentId} onChange={(event) => setChosen(event.target.value)}>
              {agents.data?.items.map(({ manifest: { id, title } }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t.planNodes}>
            <Input inputMode="numeric" value={nodes} onChange={(event) => setNodes(event.target.value)} />
          </Field>
          <Field label={t.planEvery}>
            <Select value={rate} onChange={(event) => setRate(event.target.value as (typeof rates)[number])}>
              {rates.map((one) => (
                <option key={one} value={one}>
                  {t.every[one]}
                </option>
              ))}
            </Select>
          </Field>
          {rate === 'cron' && (
            <Field
              label={t.planCron}
              hint={t.planCronHint}
              error={cronRuns === null ? t.planCronWrong : undefined}
            >
              <Input mono spellCheck={false} value={cron} onChange={(event) => setCron(event.target.value)} />
            </Field>
          )}
          <Field label={t.planShare} hint={t.planShareHint}>
            <Input inputMode="decimal" value={share} onChange={(event) => setShare(event.target.value)} />
          </Field>
        </div>
        {estimate.isError && (
          <ErrorPanel error={estimate.error} onRetry={() => void estimate.refetch()} isCompact />
        )}
        {estimate.data && plan && (
          <p aria-live="polite" className="rounded-md bg-muted px-4 py-3 font-medium text-pretty">
            {estimate.data.isAiOn
              ? t.planSays(
                  formatNumber(plan.runs),
                  formatNumber(plan.calls),
                  formatMoney(plan.likelyNanoUsd),
                  formatMoney(plan.mostNanoUsd),
                )
              : t.planOff}
            {limit !== null && plan.likelyNanoUsd > limit && (
              <span className="mt-1 block text-status-missed">{t.planOver(formatMoney(limit))}</span>
            )}
          </p>
        )}
      </CardContent>
    </Card>
  )
}

/** Nothing for what is no number, or too large to be meant. */
function numberOf(text: string): number {
  const value = Number(text.trim().replace(',', '.'))
  return Number.isFinite(value) && value >= 0 && value <= 100_000 ? value : 0
}
