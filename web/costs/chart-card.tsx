import { ChartColumn, Table2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { IconButton } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import type { Amount } from './bars.tsx'

const Bars = lazy(async () => ({ default: (await import('./bars.tsx')).Bars }))

interface ChartCardProps {
  readonly title: string
  /** What the picture says, in a sentence. */
  readonly says: string
  /** What a row is about. */
  readonly column: string
  readonly amounts: readonly (Amount & { readonly calls?: number })[]
  readonly lying?: boolean
}

/** A chart with the sentence that it says, and with the same figures as a table. */
export function ChartCard({ title, says, column, amounts, lying = false }: ChartCardProps) {
  const t = useMessages('costs')
  const [isTable, setTable] = useState(false)
  const hasCalls = amounts.some(({ calls }) => calls !== undefined)
  return (
    <Card aria-label={title}>
      <CardHeader
        actions={
          <IconButton
            size="sm"
            icon={isTable ? ChartColumn : Table2}
            label={`${title}: ${isTable ? t.showChart : t.showTable}`}
            onClick={() => setTable(!isTable)}
          />
        }
      >
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <p className="px-4 pb-3 text-sm text-muted-foreground text-pretty foreign">{says}</p>
      {isTable ? (
        <Table label={title}>
          <TableHead>
            <Th>{column}</Th>
            {hasCalls && <Th align="right">{t.calls}</Th>}
            <Th align="right">{t.amount}</Th>
          </TableHead>
          <TableBody>
            {amounts.map(({ key, name, nanoUsd, calls }) => (
              <Row key={key}>
                <Td>
                  <span className="foreign">{name}</span>
                </Td>
                {hasCalls && <Td align="right">{formatNumber(calls ?? 0)}</Td>}
                <Td align="right">{formatMoney(nanoUsd)}</Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      ) : (
        <CardContent>
          <Suspense fallback={<Skeleton className="h-40 w-full" />}>
            <Bars amounts={amounts} lying={lying} />
          </Suspense>
        </CardContent>
      )}
    </Card>
  )
}
