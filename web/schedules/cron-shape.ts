import { readCron } from '../../contract/cron.ts'

/** What most schedules say, so that it can be chosen instead of written. */
export type CronShape =
  | { readonly every: 'minutes'; readonly step: number }
  | { readonly every: 'hour'; readonly minute: number }
  | { readonly every: 'day'; readonly time: string }
  | { readonly every: 'week'; readonly time: string; readonly weekdays: readonly number[] }
  | { readonly every: 'month'; readonly time: string; readonly day: number }

export const minuteSteps = [1, 5, 10, 15, 20, 30] as const

const pad = (value: number): string => String(value).padStart(2, '0')

/** The shape of an expression; null for one that says more than these can. */
export function shapeOf(text: string): CronShape | null {
  const { cron } = readCron(text)
  if (!cron) return null
  const { minutes, hours, days, months, weekdays, isEveryHour } = cron
  const isAnyDay = days.size === 31
  const isAnyWeekday = weekdays.size === 7
  if (months.size < 12) return null
  const [minute] = minutes
  if (minute === undefined) return null
  if (isEveryHour) {
    if (!isAnyDay || !isAnyWeekday) return null
    if (minutes.length === 1) return { every: 'hour', minute }
    const step = minuteSteps.find(
      (one) => minutes.length === 60 / one && minutes.every((value, index) => value === index * one),
    )
    return step ? { every: 'minutes', step } : null
  }
  const [hour] = hours
  if (minutes.length !== 1 || hours.length !== 1 || hour === undefined) return null
  const time = `${pad(hour)}:${pad(minute)}`
  if (isAnyDay && isAnyWeekday) return { every: 'day', time }
  if (isAnyDay) return { every: 'week', time, weekdays: [...weekdays].sort((a, b) => a - b) }
  const [day] = days
  if (isAnyWeekday && days.size === 1 && day !== undefined) return { every: 'month', time, day }
  return null
}

/** The expression of a shape. */
export function textOf(shape: CronShape): string {
  switch (shape.every) {
    case 'minutes':
      return shape.step === 1 ? '* * * * *' : `*/${shape.step} * * * *`
    case 'hour':
      return `${shape.minute} * * * *`
    case 'day':
      return `${clock(shape.time)} * * *`
    case 'week':
      return `${clock(shape.time)} * * ${shape.weekdays.length === 0 ? '1' : shape.weekdays.join(',')}`
    case 'month':
      return `${clock(shape.time)} ${shape.day} * *`
  }
}

const clock = (time: string): string => `${Number(time.slice(3, 5))} ${Number(time.slice(0, 2))}`
