import { useMessages } from '../lib/messages.ts'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { Select } from '../ui/select.tsx'
import { CronField } from './cron-field.tsx'
import { errorOf, type FieldsProps, type FormValues } from './form-values.ts'

/** At which times it runs, and by which clock. */
export function WhenFields({ values, put, checked }: FieldsProps) {
  const t = useMessages('schedules')
  return (
    <>
      <RadioCards
        label={<span className="sr-only">{t.when}</span>}
        name="kind"
        columns={3}
        value={values.kind}
        options={(['cron', 'interval', 'once'] as const).map((value) => ({
          value,
          title: t.kinds[value][0],
          text: t.kinds[value][1],
        }))}
        onChange={(event) => put({ kind: event.target.value as FormValues['kind'] })}
      />
      {values.kind === 'cron' && (
        <CronField value={values.cron} onChange={(cron) => put({ cron })} isChecked={checked.isChecked} />
      )}
      {values.kind === 'interval' && (
        <Field label={t.everyMinutes} required error={errorOf(checked, 'everyMinutes', t.everyMinutesWrong)}>
          <Input
            inputMode="numeric"
            className="sm:max-w-40"
            value={values.everyMinutes}
            onChange={(event) => put({ everyMinutes: event.target.value })}
          />
        </Field>
      )}
      {values.kind === 'once' && (
        <Field label={t.onceAt} required error={errorOf(checked, 'onceAt', t.onceAtWrong)}>
          <Input
            type="datetime-local"
            className="sm:max-w-64"
            value={values.onceAt}
            onChange={(event) => put({ onceAt: event.target.value.slice(0, 16) })}
          />
        </Field>
      )}
      <ZoneField
        value={values.zone}
        onChange={(zone) => put({ zone })}
        error={checked.wrong.has('zone') ? t.zoneWrong : undefined}
      />
    </>
  )
}

function ZoneField({
  value,
  onChange,
  error,
}: {
  readonly value: string
  readonly onChange: (zone: string) => void
  readonly error: string | undefined
}) {
  const t = useMessages('schedules')
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  return (
    <Field label={t.zone} hint={t.zoneHint} error={error}>
      <Select className="sm:max-w-80" value={value} onChange={(event) => onChange(event.target.value)}>
        {!zones.includes(value) && <option value={value}>{value}</option>}
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </Select>
    </Field>
  )
}
