import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { PriceRow, PriceTier } from '../../contract/costs.ts'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatDay, formatNumber, formatPercent } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { PriceDialog } from './price-dialog.tsx'
import { pricesQuery, useCostChange } from './queries.ts'

/** The prices that calls are charged at, bundled ones and one's own. */
export function PricesTab() {
  const t = useMessages('costs')
  const user = useUser()
  const prices = useQuery(pricesQuery)
  const [edited, setEdited] = useState<PriceRow | 'new' | null>(null)
  const recost = useCostChange(() => api.costs.recost({}), t.saved)
  const reset = useCostChange(api.costs.resetPrice, t.saved)
  if (prices.isPending) {
    return (
      <Card>
        <SkeletonRows rows={10} />
      </Card>
    )
  }
  if (prices.isError) {
    return (
      <ErrorPanel error={prices.error} onRetry={() => void prices.refetch()} isRetrying={prices.isFetching} />
    )
  }
  const mayChange = user !== undefined && user !== null && can(user.role, 'budget.write')
  return (
    <Card aria-label={t.prices}>
      <CardHeader
        actions={
          mayChange && (
            <>
              <Button
                size="sm"
                variant="secondary"
                isLoading={recost.isPending}
                onClick={() => recost.mutate(undefined)}
              >
                {t.recost}
              </Button>
              <Button size="sm" variant="secondary" onClick={() => setEdited('new')}>
                {t.override}
              </Button>
            </>
          )
        }
      >
        <CardTitle>{t.prices}</CardTitle>
      </CardHeader>
      <p className="px-4 pb-3 text-sm text-muted-foreground text-pretty">
        {t.pricesText(formatDay(prices.data.asOf))}
      </p>
      <Table label={t.prices} stack="wide">
        <TableHead>
          <Th>{t.model}</Th>
          <Th>{t.from}</Th>
          <Th align="right">{t.input}</Th>
          <Th align="right">{t.write5m}</Th>
          <Th align="right">{t.write1h}</Th>
          <Th align="right">{t.read}</Th>
          <Th align="right">{t.output}</Th>
          <Th align="right">{t.batch}</Th>
          {mayChange && (
            <Th>
              <span className="sr-only">{t.actions}</span>
            </Th>
          )}
        </TableHead>
        <TableBody>
          {prices.data.items.flatMap((row) =>
            row.tiers.map((tier, index) => (
              <PriceLine
                key={`${row.source} ${row.model} ${row.effectiveFrom} ${index}`}
                row={row}
                tier={tier}
                mayChange={mayChange}
                onChange={mayChange && index === 0 ? () => setEdited(row) : undefined}
                onReset={
                  mayChange && row.source === 'user' && index === 0
                    ? () => reset.mutate({ params: { model: row.model } })
                    : undefined
                }
              />
            )),
          )}
        </TableBody>
      </Table>
      {edited !== null && (
        <PriceDialog from={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </Card>
  )
}

interface PriceLineProps {
  readonly row: PriceRow
  readonly tier: PriceTier
  /** Whether lines end with what can be done. */
  readonly mayChange: boolean
  readonly onChange: (() => void) | undefined
  readonly onReset: (() => void) | undefined
}

function PriceLine({ row, tier, mayChange, onChange, onReset }: PriceLineProps) {
  const t = useMessages('costs')
  const usd = (pico: number) => formatNumber(pico / 1e6, 4)
  const size =
    row.tiers.length === 1
      ? null
      : tier.upToPromptTokens === null
        ? t.above
        : t.upTo(formatNumber(tier.upToPromptTokens))
  return (
    <Row>
      <Td>
        <div className="min-w-0 py-1">
          <span className="font-medium foreign">{row.model}</span>{' '}
          <Badge>{row.source === 'user' ? t.source.user : t.source.bundled}</Badge>
          {size && <span className="block text-sm text-muted-foreground">{size}</span>}
        </div>
      </Td>
      <Td label={t.from} className="text-muted-foreground tabular-nums">
        {row.effectiveFrom}
      </Td>
      <Td align="right" label={t.input}>
        {usd(tier.input)}
      </Td>
      <Td align="right" label={t.write5m}>
        {usd(tier.cacheWrite5m)}
      </Td>
      <Td align="right" label={t.write1h}>
        {usd(tier.cacheWrite1h)}
      </Td>
      <Td align="right" label={t.read}>
        {usd(tier.cacheRead)}
      </Td>
      <Td align="right" label={t.output}>
        {usd(tier.output)}
      </Td>
      <Td align="right" label={t.batch}>
        {formatPercent(row.batchPercent)}
      </Td>
      {mayChange && (
        <Td align="right" className={onChange ? 'stacked:justify-end!' : 'stacked:hidden'}>
          {onReset && (
            <Button size="sm" variant="ghost" aria-label={`${t.reset}: ${row.model}`} onClick={onReset}>
              {t.reset}
            </Button>
          )}
          {onChange && (
            <Button size="sm" variant="ghost" aria-label={`${t.change}: ${row.model}`} onClick={onChange}>
              {t.change}
            </Button>
          )}
        </Td>
      )}
    </Row>
  )
}
