import { useQuery } from '@tanstack/react-query'
import { Coins } from 'lucide-react'
import type { AiCall, CallState } from '../../contract/costs.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import type { Tone } from '../ui/tone.ts'
import { callsQuery, useCostChange } from './queries.ts'

/** What an execution cost, down to the tokens of each call. */
export function ExecutionCost({ executionId }: { readonly executionId: ExecutionId }) {
  const t = useMessages('costs')
  const calls = useQuery(callsQuery(executionId))
  if (calls.isPending) {
    return (
      <Card>
        <SkeletonRows rows={4} />
      </Card>
    )
  }
  if (calls.isError) {
    return (
      <ErrorPanel error={calls.error} onRetry={() => void calls.refetch()} isRetrying={calls.isFetching} />
    )
  }
  const { items } = calls.data
  const total = items.reduce((sum, { chargedNanoUsd }) => sum + chargedNanoUsd, 0)
  return (
    <Card aria-label={t.callsTitle}>
      {items.length === 0 ? (
        <EmptyState icon={Coins} title={t.callsNone} text={t.callsNoneText} />
      ) : (
        <>
          <CardHeader>
            <CardTitle>{t.callsTitle}</CardTitle>
            <p className="text-sm text-muted-foreground">{t.callsSay(items.length, formatMoney(total))}</p>
          </CardHeader>
          <CallTable calls={items} />
        </>
      )}
    </Card>
  )
}

const tones: Partial<Record<CallState, Tone>> = { reserved: 'run', unknown: 'wait' }

/** Calls of models, each with its tokens; those whose bill is not known can be settled. */
export function CallTable({ calls }: { readonly calls: readonly AiCall[] }) {
  const t = useMessages('costs')
  const user = useUser()
  const resolve = useCostChange(api.costs.resolve, t.saved)
  const maySettle = user !== undefined && user !== null && can(user.role, 'budget.write')
  return (
    <Table label={t.callsTitle} stack>
      <TableHead>
        <Th>{t.model}</Th>
        <Th>{t.when}</Th>
        <Th align="right">{t.tokens}</Th>
        <Th align="right">{t.tokensOut}</Th>
        <Th align="right">{t.amount}</Th>
      </TableHead>
      <TableBody>
        {calls.map((call) => (
          <Row key={call.id}>
            <Td>
              <div className="min-w-0 py-1.5">
                <span className="font-medium foreign">{call.model}</span>
                <div className="mt-0.5 flex flex-wrap items-center gap-1.5 text-sm text-muted-foreground">
                  {t.purpose[call.purpose]}
                  <Badge {...(tones[call.state] && { tone: tones[call.state] as Tone })}>
                    {t.state[call.state]}
                  </Badge>
                  {!call.isPriceKnown && <Badge tone="wait">{t.priceGuess}</Badge>}
                  {call.mode === 'batch' && <Badge>{t.batch}</Badge>}
                  {call.billing !== 'metered' && <Badge>{call.billing === 'plan' ? t.plan_ : t.own}</Badge>}
                </div>
                {call.why !== null && <p className="text-sm text-muted-foreground foreign">{call.why}</p>}
                {call.state === 'unknown' && maySettle && (
                  <div className="mt-1.5 flex gap-2">
                    {[true, false].map((wasBilled) => (
                      <Button
                        key={String(wasBilled)}
                        size="sm"
                        variant="secondary"
                        isLoading={resolve.isPending}
                        onClick={() => resolve.mutate({ params: { id: call.id }, body: { wasBilled } })}
                      >
                        {wasBilled ? t.wasBilled : t.notBilled}
                      </Button>
                    ))}
                  </div>
                )}
              </div>
            </Td>
            <Td label={t.when} className="text-muted-foreground">
              <RelativeTime at={call.at} />
            </Td>
            <Td align="right" label={t.tokens}>
              <Tokens of={call} />
            </Td>
            <Td align="right" label={t.tokensOut}>
              {call.use ? (
                <span>
                  {formatNumber(call.use.output)}
                  {call.use.thinking > 0 && (
                    <span className="block text-sm text-muted-foreground">
                      {t.thought(formatNumber(call.use.thinking))}
                    </span>
                  )}
                </span>
              ) : (
                '–'
              )}
            </Td>
            <Td align="right" label={t.amount} className="font-medium">
              {formatMoney(call.chargedNanoUsd)}
            </Td>
          </Row>
        ))}
      </TableBody>
    </Table>
  )
}

function Tokens({ of: { use } }: { readonly of: AiCall }) {
  const t = useMessages('costs')
  if (!use) return <>–</>
  const written = use.cacheWrite5m + use.cacheWrite1h
  return (
    <span>
      {formatNumber(use.input + written + use.cacheRead)}
      {use.cacheRead > 0 && (
        <span className="block text-sm text-muted-foreground">{t.cached(formatNumber(use.cacheRead))}</span>
      )}
      {written > 0 && (
        <span className="block text-sm text-muted-foreground">{t.written(formatNumber(written))}</span>
      )}
    </span>
  )
}
