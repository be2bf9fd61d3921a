import { Plus, Trash2 } from 'lucide-react'
import { weekdayWords } from '../../contract/occurrences.ts'
import { formatWeekday } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Input } from '../ui/input.tsx'
import { type FormValues, toggledDay, weekdaysInOrder } from './form-values.ts'

/** Times in which a schedule starts nothing. */
export function Blackouts({
  values: { blackouts },
  put,
  isWrong,
}: {
  readonly values: FormValues
  readonly put: (changed: Partial<FormValues>) => void
  readonly isWrong: boolean
}) {
  const t = useMessages('schedules')
  const change = (place: number, changed: Partial<FormValues['blackouts'][number]>) =>
    put({ blackouts: blackouts.map((one, index) => (index === place ? { ...one, ...changed } : one)) })
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium">{t.blackout}</legend>
      <p className="mb-2 text-sm text-muted-foreground">{t.blackoutHint}</p>
      <ul className="grid gap-2">
        {blackouts.map((blackout, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing else to be told apart by
          <li key={place} className="flex flex-wrap items-center gap-2">
            <Input
              type="time"
              aria-label={t.blackoutFrom}
              className="w-32!"
              value={blackout.from}
              onChange={(event) => change(place, { from: event.target.value.slice(0, 5) })}
            />
            <span aria-hidden>–</span>
            <Input
              type="time"
              aria-label={t.blackoutTo}
              className="w-32!"
              value={blackout.to}
              onChange={(event) => change(place, { to: event.target.value.slice(0, 5) })}
            />
            <span role="group" aria-label={t.blackoutDays} className="flex flex-wrap gap-1">
              {weekdaysInOrder.map((day) => {
                const isOn = blackout.days.length === 0 || blackout.days.includes(day)
                return (
                  <button
                    key={day}
                    type="button"
                    aria-pressed={isOn}
                    className="h-9 min-w-11 rounded-md border border-border px-2 text-sm hover:border-input aria-pressed:border-foreground aria-pressed:bg-muted aria-pressed:font-medium pointer-coarse:h-11"
                    onClick={() => change(place, { days: toggledDay(blackout.days, day) })}
                  >
                    {formatWeekday(weekdayWords.indexOf(day))}
                  </button>
                )
              })}
            </span>
            <IconButton
              label={t.blackoutRemove}
              icon={Trash2}
              onClick={() => put({ blackouts: blackouts.filter((_, index) => index !== place) })}
            />
          </li>
        ))}
      </ul>
      {isWrong && (
        <p role="alert" className="mt-1.5 text-sm font-medium text-status-fail">
          {t.blackoutWrong}
        </p>
      )}
      {blackouts.length < 20 && (
        <Button
          size="sm"
          variant="secondary"
          className="mt-2"
          onClick={() => put({ blackouts: [...blackouts, { days: [], from: '22:00', to: '06:00' }] })}
        >
          <Plus aria-hidden />
          {t.blackoutAdd}
        </Button>
      )}
    </fieldset>
  )
}
