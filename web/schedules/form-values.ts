import { readCron } from '../../contract/cron.ts'
import { type Blackout, type Weekday, weekdayWords } from '../../contract/occurrences.ts'
import type { Schedule, ScheduleSpec } from '../../contract/schedules.ts'
import { isZone, readWallText } from '../../contract/zone-clock.ts'
import { type Selection, termsOf, toSelection } from '../executions/selection.ts'

/** A schedule as it stands in a form: all that was typed, right or not. */
export interface FormValues {
  readonly name: string
  readonly agentId: string
  readonly selection: Selection
  readonly options: Readonly<Record<string, unknown>>
  readonly dryRun: boolean
  readonly kind: ScheduleSpec['timing']['kind']
  readonly cron: string
  readonly everyMinutes: string
  /** Where an interval begins; kept, because it is not asked for. */
  readonly from: string
  readonly onceAt: string
  readonly zone: string
  readonly policy: ScheduleSpec['catchUp']['policy']
  readonly withinHours: string
  readonly most: string
  readonly overlap: ScheduleSpec['overlap']
  readonly jitterMinutes: string
  readonly blackouts: readonly Blackout[]
}

export type FormField =
  | 'name'
  | 'agentId'
  | 'selection'
  | 'cron'
  | 'everyMinutes'
  | 'onceAt'
  | 'zone'
  | 'withinHours'
  | 'most'
  | 'jitterMinutes'
  | 'blackouts'

/** What a new form holds, or that of a schedule that is changed. */
export function toFormValues(
  given: Partial<Schedule>,
  around: { readonly zone: string; readonly now: string },
): FormValues {
  const { timing, catchUp } = given
  return {
    name: given.name ?? '',
    agentId: given.agentId ?? '',
    selection: toSelection(given.targets),
    options: given.options ?? {},
    dryRun: given.dryRun ?? false,
    kind: timing?.kind ?? 'cron',
    cron: timing?.kind === 'cron' ? timing.cron : '0 7 * * *',
    everyMinutes: timing?.kind === 'interval' ? String(timing.everyMinutes) : '60',
    from: timing?.kind === 'interval' ? timing.from : around.now,
    onceAt: timing?.kind === 'once' ? timing.at : '',
    zone: given.zone ?? around.zone,
    policy: catchUp?.policy ?? 'once',
    withinHours: String(catchUp?.withinHours ?? 24),
    most: String(catchUp?.most ?? 5),
    overlap: given.overlap ?? 'skip',
    jitterMinutes: String((given.jitterS ?? 0) / 60),
    blackouts: given.blackouts ?? [],
  }
}

const isWhole = (text: string, least: number, most: number): boolean =>
  /^\d{1,7}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most

const isLength = (text: string): boolean => {
  const minutes = Number(text)
  return text.trim() !== '' && minutes >= 0 && minutes <= 60
}

/** The fields that cannot be sent as they are. */
export function wrongFields(values: FormValues): Set<FormField> {
  const { kind, blackouts } = values
  const checks: Readonly<Record<FormField, boolean>> = {
    name: values.name.trim() !== '',
    agentId: values.agentId !== '',
    selection: termsOf(values.selection).length > 0,
    cron: kind !== 'cron' || readCron(values.cron).problem === null,
    everyMinutes: kind !== 'interval' || isWhole(values.everyMinutes, 1, 366 * 1_440),
    onceAt: kind !== 'once' || readWallText(values.onceAt) !== null,
    zone: isZone(values.zone),
    withinHours: isWhole(values.withinHours, 1, 24 * 31),
    most: isWhole(values.most, 1, 100),
    jitterMinutes: isLength(values.jitterMinutes),
    blackouts: blackouts.every(({ from, to }) => from !== '' && to !== '' && from !== to),
  }
  return new Set((Object.keys(checks) as FormField[]).filter((field) => !checks[field]))
}

/** What is wrong in a form, and whether somebody has tried to send it: before that nothing is held against anybody. */
export interface Checked {
  readonly wrong: ReadonlySet<FormField>
  readonly isChecked: boolean
}

/** What each part of the form is given. */
export interface FieldsProps {
  readonly values: FormValues
  readonly put: (changed: Partial<FormValues>) => void
  readonly checked: Checked
}

export const isWrong = ({ wrong, isChecked }: Checked, field: FormField): boolean =>
  isChecked && wrong.has(field)

/** What a field says of itself. */
export const errorOf = (checked: Checked, field: FormField, text: string): string | undefined =>
  isWrong(checked, field) ? text : undefined

/** When it runs, of values whose timing is right. */
export const toTiming = ({ kind, cron, everyMinutes, from, onceAt }: FormValues): ScheduleSpec['timing'] =>
  kind === 'cron'
    ? { kind, cron }
    : kind === 'interval'
      ? { kind, everyMinutes: Number(everyMinutes), from }
      : { kind, at: onceAt }

/** The fields of other times. */
export function fromTiming(timing: ScheduleSpec['timing']): Partial<FormValues> {
  switch (timing.kind) {
    case 'cron':
      return { cron: timing.cron }
    case 'interval':
      return { everyMinutes: String(timing.everyMinutes), from: timing.from }
    case 'once':
      return { onceAt: timing.at }
  }
}

/** Monday first, as calendars of most of the world have it. */
export const weekdaysInOrder: readonly Weekday[] = [...weekdayWords.slice(1), 'sun']

/** The days of a blackout with one of them turned round. None are all, so the last one stays. */
export function toggledDay(days: readonly Weekday[], day: Weekday): Weekday[] {
  const on = days.length === 0 ? weekdaysInOrder : days
  const next = weekdaysInOrder.filter((one) => (one === day ? !on.includes(one) : on.includes(one)))
  if (next.length === 0) return [...days]
  return next.length === weekdaysInOrder.length ? [] : next
}

/** What is sent. Fields that the form does not ask for are left as they are. */
export function toSpec(
  values: FormValues,
): Omit<ScheduleSpec, 'paused' | 'notifications' | 'estimatedCost' | 'timeoutS'> {
  return {
    name: values.name.trim(),
    timing: toTiming(values),
    zone: values.zone,
    jitterS: Math.round(Number(values.jitterMinutes) * 60),
    blackouts: values.blackouts.map(({ days, from, to }) => ({ days: [...days], from, to })),
    agentId: values.agentId,
    targets: termsOf(values.selection),
    options: { ...values.options },
    dryRun: values.dryRun,
    catchUp: {
      policy: values.policy,
      withinHours: Number(values.withinHours),
      most: Number(values.most),
    },
    overlap: values.overlap,
  }
}
