import { useMessages } from '../lib/messages.ts'
import { formatWeekday } from '../lib/format.ts'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { readCron } from '../../contract/cron.ts'
import { type CronShape, minuteSteps, shapeOf, textOf } from './cron-shape.ts'

interface CronFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  /** Say what is wrong also of what was not touched yet. */
  readonly isChecked: boolean
}

const kinds = ['minutes', 'hour', 'day', 'week', 'month'] as const
/** Monday first, as calendars of most of the world have it. */
const weekdays = [1, 2, 3, 4, 5, 6, 0] as const

/** A cron expression, chosen by fields or written; each follows the other. */
export function CronField({ value, onChange, isChecked }: CronFieldProps) {
  const t = useMessages('schedules')
  const shape = shapeOf(value)
  const { problem } = readCron(value)
  const put = (next: CronShape) => onChange(textOf(next))
  return (
    <div className="grid gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t.howOften}>
          <Select
            value={shape?.every ?? 'custom'}
            onChange={(event) => {
              const kind = kinds.find((one) => one === event.target.value)
              if (kind) put(shapeFor(kind, shape))
            }}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t.frequencies[kind]}
              </option>
            ))}
            <option value="custom" disabled={shape !== null}>
              {t.frequencies.custom}
            </option>
          </Select>
        </Field>
        {shape?.every === 'minutes' && (
          <Field label={t.everySoMany}>
            <Select
              value={String(shape.step)}
              onChange={(event) => put({ every: 'minutes', step: Number(event.target.value) })}
            >
              {minuteSteps.map((step) => (
                <option key={step} value={step}>
                  {t.minutes(step)}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {shape?.every === 'hour' && (
          <Field label={t.minuteOfHour}>
            <Input
              type="number"
              min={0}
              max={59}
              value={shape.minute}
              onChange={(event) => put({ every: 'hour', minute: within(event.target.value, 0, 59) })}
            />
          </Field>
        )}
        {shape?.every === 'month' && (
          <Field label={t.dayOfMonth} {...(shape.day > 28 && { hint: t.shortMonths })}>
            <Input
              type="number"
              min={1}
              max={31}
              value={shape.day}
              onChange={(event) => put({ ...shape, day: within(event.target.value, 1, 31) })}
            />
          </Field>
        )}
        {(shape?.every === 'day' || shape?.every === 'week' || shape?.every === 'month') && (
          <Field label={t.time}>
            <Input
              type="time"
              value={shape.time}
              onChange={(event) =>
                event.target.value && put({ ...shape, time: event.target.value.slice(0, 5) })
              }
            />
          </Field>
        )}
      </div>
      {shape?.every === 'week' && (
        <fieldset>
          <legend className="mb-1.5 font-medium">{t.onDays}</legend>
          <div className="flex flex-wrap gap-1.5">
            {weekdays.map((day) => {
              const isOn = shape.weekdays.includes(day)
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={isOn}
                  className="h-9 min-w-12 rounded-md border border-border px-2.5 text-sm hover:border-input aria-pressed:border-foreground aria-pressed:bg-muted aria-pressed:font-medium pointer-coarse:h-11"
                  onClick={() => {
                    const next = isOn
                      ? shape.weekdays.filter((other) => other !== day)
                      : [...shape.weekdays, day].sort((a, b) => a - b)
                    // Without a day it would not be weekly.
                    if (next.length > 0 && next.length < 7) put({ ...shape, weekdays: next })
                    else if (next.length === 7) put({ every: 'day', time: shape.time })
                  }}
                >
                  {formatWeekday(day)}
                </button>
              )
            })}
          </div>
        </fieldset>
      )}
      <Field
        label={t.cron}
        hint={t.cronHint}
        error={problem && (isChecked || value !== '') ? t.cronProblem(problem) : undefined}
      >
        <Input
          mono
          spellCheck={false}
          autoCapitalize="none"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </Field>
    </div>
  )
}

const within = (text: string, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(Number(text)) || least))

/** What is said already stays, as far as the new kind has a place for it. */
function shapeFor(kind: CronShape['every'], before: CronShape | null): CronShape {
  const time = before && 'time' in before ? before.time : '07:00'
  switch (kind) {
    case 'minutes':
      return { every: 'minutes', step: 15 }
    case 'hour':
      return { every: 'hour', minute: 0 }
    case 'day':
      return { every: 'day', time }
    case 'week':
      return { every: 'week', time, weekdays: [1] }
    case 'month':
      return { every: 'month', time, day: 1 }
  }
}
