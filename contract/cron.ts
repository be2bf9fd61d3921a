import { dayMin, type Minute, minuteMs } from './zone-clock.ts'

/** A cron expression as it is understood: what each field lets through, in order. */
export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** Where both are limited, one of them is enough; this is how cron has always been. */
  readonly isEitherDay: boolean
  /** Runs in every hour there is, so it follows the time that passes; all others follow the wall. */
  readonly isEveryHour: boolean
}

export const cronFields = ['minute', 'hour', 'day', 'month', 'weekday'] as const
export type CronField = (typeof cronFields)[number]

/** Why a text is no cron expression, and where: `at` counts characters. */
export interface CronProblem {
  readonly kind: 'fields' | 'seconds' | 'unknown' | 'range' | 'backwards' | 'step' | 'never'
  readonly field: CronField | null
  /** The piece that is wrong. */
  readonly text: string
  readonly at: number
}

export type CronReading =
  | { readonly cron: Cron; readonly problem: null }
  | { readonly cron: null; readonly problem: CronProblem }

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface FieldRule {
  readonly least: number
  readonly most: number
  readonly names: readonly string[]
}

/** Weekdays go up to 7, which is Sunday as well as 0. */
export const cronRanges: Readonly<Record<CronField, FieldRule>> = {
  minute: { least: 0, most: 59, names: [] },
  hour: { least: 0, most: 23, names: [] },
  day: { least: 1, most: 31, names: [] },
  month: { least: 1, most: 12, names: monthNames },
  weekday: { least: 0, most: 7, names: weekdayNames },
}

const shorthands: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** The most days that a month can have. */
const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

class Wrong extends Error {
  readonly problem: CronProblem
  constructor(problem: CronProblem) {
    super(problem.kind)
    this.problem = problem
  }
}

/**
 * Reads five fields, `minute hour day month weekday`: numbers, names (`MON`, `jan`), lists, ranges and steps, or one of
 * `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`. An expression that never comes true is a mistake as well.
 */
export function readCron(text: string): CronReading {
  const known = readings.get(text)
  if (known) return known
  const reading = read(text)
  if (readings.size >= mostReadings) readings.clear()
  readings.set(text, reading)
  return reading
}

/** The same few expressions are asked for again and again. */
const readings = new Map<string, CronReading>()
const mostReadings = 1_000

function read(text: string): CronReading {
  try {
    return { cron: parse(text), problem: null }
  } catch (error) {
    if (error instanceof Wrong) return { cron: null, problem: error.problem }
    throw error
  }
}

function parse(text: string): Cron {
  const whole = shorthands[text.trim().toLowerCase()] ?? text
  const pieces = [...whole.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: match.index }))
  if (pieces.length !== 5) {
    const kind = pieces.length === 6 ? 'seconds' : 'fields'
    throw new Wrong({ kind, field: null, text: whole.trim(), at: 0 })
  }
  const [minutes, hours, days, months, weekdays] = cronFields.map((field, index) => {
    const piece = pieces[index] ?? { text: '', at: 0 }
    return parseField(field, piece.text, piece.at)
  }) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>]
  if (weekdays.delete(7)) weekdays.add(0)
  const isAny = (index: number) => pieces[index]?.text.startsWith('*') ?? false
  const isEitherDay = !isAny(2) && !isAny(4)
  const isPossible = [...months].some((month) =>
    [...days].some((day) => day <= (monthLengths[month - 1] ?? 0)),
  )
  if (!isPossible && !isEitherDay) {
    const piece = pieces[2] ?? { text: '', at: 0 }
    throw new Wrong({ kind: 'never', field: 'day', ...piece })
  }
  const sorted = (set: ReadonlySet<number>) => [...set].sort((one, other) => one - other)
  return {
    minutes: sorted(minutes),
    hours: sorted(hours),
    days,
    months,
    weekdays,
    isEitherDay,
    isEveryHour: hours.size === 24,
  }
}

function parseField(field: CronField, text: string, at: number): Set<number> {
  const found = new Set<number>()
  let place = at
  for (const part of text.split(',')) {
    for (const value of parsePart(field, part, place)) found.add(value)
    place += part.length + 1
  }
  return found
}

/** `*`, `5`, `1-5`, and the latter two with a step: every fourth of an hour, every other hour from 8 to 18. */
function parsePart(field: CronField, part: string, at: number): number[] {
  const { least, most } = cronRanges[field]
  const wrong = (kind: CronProblem['kind']) => new Wrong({ kind, field, text: part, at })
  const [range = '', stepText, ...more] = part.split('/')
  if (more.length > 0) throw wrong('unknown')
  const step = stepText === undefined ? 1 : Number(stepText)
  if (stepText !== undefined && !/^\d{1,2}$/.test(stepText)) throw wrong('step')
  if (step < 1) throw wrong('step')
  const [first, last] = range === '*' ? [least, most] : ends(range)
  if (last < first) throw wrong('backwards')
  const values: number[] = []
  for (let value = first; value <= last; value += step) values.push(value)
  return values

  function ends(text: string): [number, number] {
    const [from = '', to, ...rest] = text.split('-')
    if (rest.length > 0) throw wrong('unknown')
    const begin = valueOf(from)
    if (to === undefined) {
      // `5/15` means different things to different crons.
      if (stepText !== undefined) throw wrong('step')
      return [begin, begin]
    }
    const end = valueOf(to)
    // A week may end on Sunday, which is written 0 or SUN.
    return [begin, field === 'weekday' && end === 0 && begin > 0 ? 7 : end]
  }

  function valueOf(text: string): number {
    const named = cronRanges[field].names.indexOf(text.toLowerCase())
    if (named >= 0) return named + (field === 'month' ? 1 : 0)
    if (!/^\d{1,4}$/.test(text)) throw wrong('unknown')
    const value = Number(text)
    if (value < least || value > most) throw wrong('range')
    return value
  }
}

/** What is wrong with an expression, in a sentence. */
export function toCronProblemText({ kind, field, text }: CronProblem): string {
  const range = field === null ? '' : `${cronRanges[field].least}–${cronRanges[field].most}`
  switch (kind) {
    case 'fields':
      return 'Five fields are expected: minute hour day month weekday.'
    case 'seconds':
      return 'There are six fields; seconds are not known here. Leave the first one out.'
    case 'unknown':
      return `“${text}” is not understood in the field ${field}.`
    case 'range':
      return `“${text}” is outside of ${range} in the field ${field}.`
    case 'backwards':
      return `“${text}” runs backwards in the field ${field}.`
    case 'step':
      return `The step of “${text}” is not understood; write */15 or 0-59/15.`
    case 'never':
      return 'This day never comes.'
  }
}

/** The minutes on the wall that an expression names, from one on and before another, in order. */
export function* wallMinutesOf(cron: Cron, from: Minute, before: Minute): Generator<Minute> {
  let day = Math.floor(from / dayMin)
  const lastDay = Math.floor((before - 1) / dayMin)
  while (day <= lastDay) {
    const date = new Date(day * dayMin * minuteMs)
    const month = date.getUTCMonth()
    if (!cron.months.has(month + 1)) {
      day = Date.UTC(date.getUTCFullYear(), month + 1, 1) / (dayMin * minuteMs)
      continue
    }
    if (isDayOf(cron, date)) {
      for (const hour of cron.hours) {
        for (const minute of cron.minutes) {
          const wall = day * dayMin + hour * 60 + minute
          if (wall >= before) return
          if (wall >= from) yield wall
        }
      }
    }
    day += 1
  }
}

function isDayOf({ days, weekdays, isEitherDay }: Cron, date: Date): boolean {
  const isDay = days.has(date.getUTCDate())
  const isWeekday = weekdays.has(date.getUTCDay())
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday
}
