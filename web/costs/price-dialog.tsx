import { type FormEvent, useId, useState } from 'react'
import type { PriceRow } from '../../contract/costs.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { readPrice } from './amounts.ts'
import { emptyTier, isSizeGood, rates, readTiers, type TierDraft, toDraft } from './price-tiers.ts'
import { useCostChange } from './queries.ts'

/** As many as the server takes. */
const tiersMax = 5

interface PriceDialogProps {
  /** The price to begin with; null for a model that has none yet. */
  readonly from: PriceRow | null
  readonly onClose: () => void
}

/** Sets the price of a model from a day on. Nothing typed is lost when the server refuses it. */
export function PriceDialog({ from: row, onClose }: PriceDialogProps) {
  const t = useMessages('costs')
  const formId = useId()
  const [model, setModel] = useState(row?.model ?? '')
  const [from, setFrom] = useState(new Date().toISOString().slice(0, 10))
  const [batch, setBatch] = useState(String(row?.batchPercent ?? 50))
  const [tiers, setTiers] = useState<readonly TierDraft[]>(row?.tiers.map(toDraft) ?? [emptyTier])
  const [isChecked, setChecked] = useState(false)
  const save = useCostChange(api.costs.setPrice, t.saved)
  const batchPercent = /^\d{1,3}$/.test(batch) && Number(batch) <= 100 ? Number(batch) : null

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    const read = readTiers(tiers)
    if (model.trim() === '' || read === null || batchPercent === null) return
    save.mutate(
      { params: { model: model.trim() }, body: { effectiveFrom: from, batchPercent, tiers: read } },
      { onSuccess: onClose },
    )
  }
  const change = (index: number, tier: TierDraft) =>
    setTiers(tiers.map((one, at) => (at === index ? tier : one)))
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
      <form id={formId} noValidate onSubmit={submit} className="grid gap-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.model} required error={isChecked && model.trim() === '' ? t.modelWrong : undefined}>
            <Input mono spellCheck={false} value={model} onChange={(event) => setModel(event.target.value)} />
          </Field>
          <Field label={t.from} required>
            <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
          </Field>
        </div>
        {tiers.map((tier, index) => (
          <Tier
            key={index}
            tier={tier}
            isOnly={tiers.length === 1}
            isLast={index === tiers.length - 1}
            isSizeWrong={isChecked && !isSizeGood(tiers, index)}
            isChecked={isChecked}
            onChange={(changed) => change(index, changed)}
            onRemove={() => setTiers(tiers.filter((_, at) => at !== index))}
          />
        ))}
        {tiers.length < tiersMax && (
          <Button
            size="sm"
            variant="ghost"
            className="justify-self-start"
            onClick={() => setTiers([...tiers, tiers.at(-1) ?? emptyTier])}
          >
            {t.addTier}
          </Button>
        )}
        <Field label={t.batchPercent} error={isChecked && batchPercent === null ? t.percentWrong : undefined}>
          <Input inputMode="numeric" value={batch} onChange={(event) => setBatch(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}

interface TierProps {
  readonly tier: TierDraft
  readonly isOnly: boolean
  readonly isLast: boolean
  readonly isSizeWrong: boolean
  readonly isChecked: boolean
  readonly onChange: (tier: TierDraft) => void
  readonly onRemove: () => void
}

/** The rates of prompts of one size. */
function Tier({ tier, isOnly, isLast, isSizeWrong, isChecked, onChange, onRemove }: TierProps) {
  const t = useMessages('costs')
  const { upTo, texts } = tier
  const labels = {
    input: t.input,
    cacheWrite5m: t.write5m,
    cacheWrite1h: t.write1h,
    cacheRead: t.read,
    output: t.output,
  }
  return (
    <fieldset className="grid gap-4 border-t border-border pt-4 sm:grid-cols-2">
      {!isOnly && (
        <div className="flex items-end justify-between gap-3 sm:col-span-2">
          {isLast ? (
            <p className="text-sm text-muted-foreground">{t.largerPrompts}</p>
          ) : (
            <Field label={t.promptsUpTo} error={isSizeWrong ? t.sizeWrong : undefined} className="flex-1">
              <Input
                inputMode="numeric"
                value={upTo}
                onChange={(event) => onChange({ ...tier, upTo: event.target.value })}
              />
            </Field>
          )}
          <Button size="sm" variant="ghost" onClick={onRemove}>
            {t.removeTier}
          </Button>
        </div>
      )}
      {rates.map((rate) => (
        <Field
          key={rate}
          label={labels[rate]}
          required
          error={isChecked && readPrice(texts[rate]) === null ? t.priceWrong : undefined}
        >
          <Input
            inputMode="decimal"
            value={texts[rate]}
            onChange={(event) => onChange({ ...tier, texts: { ...texts, [rate]: event.target.value } })}
          />
        </Field>
      ))}
    </fieldset>
  )
}
