import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { PriceRow, PriceTier } from '../../contract/costs.ts'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatDay, formatNumber, formatPercent } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { readPrice } from './amounts.ts'
import { pricesQuery, useCostChange } from './queries.ts'

/** The prices that calls are charged at, bundled ones and one's own. */
export function PricesTab() {
  const t = useMessages('costs')
  const user = useUser()
  const prices = useQuery(pricesQuery)
  const [isOpen, setOpen] = useState(false)
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
              <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
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
      <Table label={t.prices} stack>
        <TableHead>
          <Th>{t.model}</Th>
          <Th>{t.from}</Th>
          <Th align="right">{t.input}</Th>
          <Th align="right">{t.write5m}</Th>
          <Th align="right">{t.write1h}</Th>
          <Th align="right">{t.read}</Th>
          <Th align="right">{t.output}</Th>
          <Th align="right">{t.batch}</Th>
        </TableHead>
        <TableBody>
          {prices.data.items.flatMap((row) =>
            row.tiers.map((tier, index) => (
              <PriceLine
                key={`${row.source} ${row.model} ${row.effectiveFrom} ${index}`}
                row={row}
                tier={tier}
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
      {isOpen && <EditPrice onClose={() => setOpen(false)} />}
    </Card>
  )
}

interface PriceLineProps {
  readonly row: PriceRow
  readonly tier: PriceTier
  readonly onReset: (() => void) | undefined
}

function PriceLine({ row, tier, onReset }: PriceLineProps) {
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
          {onReset && (
            <Button size="sm" variant="ghost" className="-ml-2.5" onClick={onReset}>
              {t.reset}
            </Button>
          )}
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
    </Row>
  )
}

const rates = ['input', 'write5m', 'write1h', 'read', 'output'] as const
type Rate = (typeof rates)[number]

function EditPrice({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages('costs')
  const formId = useId()
  const [model, setModel] = useState('')
  const [from, setFrom] = useState(new Date().toISOString().slice(0, 10))
  const [batch, setBatch] = useState('50')
  const [texts, setTexts] = useState<Record<Rate, string>>({
    input: '',
    write5m: '',
    write1h: '',
    read: '',
    output: '',
  })
  const [isChecked, setChecked] = useState(false)
  const save = useCostChange(api.costs.setPrice, t.saved)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    const read = rates.map((rate) => readPrice(texts[rate]))
    const [input, cacheWrite5m, cacheWrite1h, cacheRead, output] = read
    const batchPercent = Number(batch)
    if (model.trim() === '' || read.includes(null) || !Number.isInteger(batchPercent)) return
    const tier = { upToPromptTokens: null, input, cacheWrite5m, cacheWrite1h, cacheRead, output } as PriceTier
    save.mutate(
      { params: { model: model.trim() }, body: { effectiveFrom: from, batchPercent, tiers: [tier] } },
      { onSuccess: onClose },
    )
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t.overrideTitle}
      description={t.overrideText}
      footer={
        <>
          <DialogClose>
            <Button variant="secondary">{t.cancel}</Button>
          </DialogClose>
          <Button type="submit" form={formId} isLoading={save.isPending}>
            {t.save}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="grid gap-4 sm:grid-cols-2">
        <Field label={t.model} required error={isChecked && model.trim() === '' ? t.model : undefined}>
          <Input mono spellCheck={false} value={model} onChange={(event) => setModel(event.target.value)} />
        </Field>
        <Field label={t.from} required>
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        {rates.map((rate) => (
          <Field
            key={rate}
            label={t[rate]}
            required
            error={isChecked && readPrice(texts[rate]) === null ? t.priceWrong : undefined}
          >
            <Input
              inputMode="decimal"
              value={texts[rate]}
              onChange={(event) => setTexts({ ...texts, [rate]: event.target.value })}
            />
          </Field>
        ))}
        <Field label={t.batchPercent}>
          <Input inputMode="numeric" value={batch} onChange={(event) => setBatch(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}
