import { useMessages } from '../lib/messages.ts'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { Blackouts } from './blackouts.tsx'
import { errorOf, type FieldsProps, type FormValues, isWrong } from './form-values.ts'
import { Folded } from './section.tsx'

const moreFields = ['withinHours', 'most', 'jitterMinutes', 'blackouts'] as const

/** What becomes of a run that was missed or meets the one before, and when there is none. */
export function MoreFields({ values, put, checked }: FieldsProps) {
  const t = useMessages('schedules')
  return (
    <Folded
      title={t.moreSettings}
      hint={t.moreSettingsHint}
      isOpen={moreFields.some((field) => isWrong(checked, field))}
    >
      <RadioCards
        label={t.catchUp}
        name="policy"
        columns={3}
        value={values.policy}
        options={(['once', 'skip', 'all'] as const).map((value) => ({
          value,
          title: t.catchUps[value][0],
          text: t.catchUps[value][1],
        }))}
        onChange={(event) => put({ policy: event.target.value as FormValues['policy'] })}
      />
      {values.policy !== 'skip' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.withinHours} error={errorOf(checked, 'withinHours', t.numberWrong('1', '744'))}>
            <Input
              inputMode="numeric"
              value={values.withinHours}
              onChange={(event) => put({ withinHours: event.target.value })}
            />
          </Field>
          {values.policy === 'all' && (
            <Field label={t.most} error={errorOf(checked, 'most', t.numberWrong('1', '100'))}>
              <Input
                inputMode="numeric"
                value={values.most}
                onChange={(event) => put({ most: event.target.value })}
              />
            </Field>
          )}
        </div>
      )}
      <RadioCards
        label={t.overlap}
        name="overlap"
        columns={3}
        value={values.overlap}
        options={(['skip', 'queue', 'parallel'] as const).map((value) => ({
          value,
          title: t.overlaps[value][0],
          text: t.overlaps[value][1],
        }))}
        onChange={(event) => put({ overlap: event.target.value as FormValues['overlap'] })}
      />
      <Field
        label={t.jitterMinutes}
        hint={t.jitterHint}
        error={errorOf(checked, 'jitterMinutes', t.numberWrong('0', '60'))}
      >
        <Input
          inputMode="decimal"
          className="sm:max-w-40"
          value={values.jitterMinutes}
          onChange={(event) => put({ jitterMinutes: event.target.value })}
        />
      </Field>
      <Blackouts values={values} put={put} isWrong={isWrong(checked, 'blackouts')} />
    </Folded>
  )
}
