import type { Schedule } from '../../contract/schedules.ts'
import { formatDateTimeIn, formatWall, formatWeekday } from '../lib/format.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { shapeOf } from './cron-shape.ts'

type Words = Messages['schedules']

/** When a schedule runs, in a sentence. */
export function useSentence(): (schedule: Pick<Schedule, 'timing' | 'zone'>) => string {
  const t = useMessages('schedules')
  return ({ timing }) => sentenceOf(timing, t)
}

function sentenceOf(timing: Schedule['timing'], t: Words): string {
  switch (timing.kind) {
    case 'once':
      return t.sentence.once(formatWall(timing.at))
    case 'interval':
      return t.sentence.interval(lengthOf(timing.everyMinutes, t))
    case 'cron': {
      const shape = shapeOf(timing.cron)
      switch (shape?.every) {
        case 'minutes':
          return t.sentence.minutes(shape.step)
        case 'hour':
          return t.sentence.hour(`:${String(shape.minute).padStart(2, '0')}`)
        case 'day':
          return t.sentence.day(shape.time)
        case 'week':
          return t.sentence.week(inOrder(shape.weekdays).map(formatWeekday).join(', '), shape.time)
        case 'month':
          return t.sentence.month(shape.day, shape.time)
        default:
          return timing.cron
      }
    }
  }
}

/** Monday first, as calendars of most of the world have it. */
const inOrder = (days: readonly number[]): number[] => [...days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7))

/** `90 minutes`, `2 hours`, `3 days`: the largest that comes out even. */
function lengthOf(minutes: number, t: Words): string {
  if (minutes % 1_440 === 0) return t.days(minutes / 1_440)
  if (minutes % 60 === 0) return t.hours(minutes / 60)
  return t.minutes(minutes)
}

/** An instant as the clock of a zone shows it. */
export const inZone = (at: string, zone: string): string => formatDateTimeIn(at, zone)
