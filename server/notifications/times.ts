import { fail } from '../lib/errors.ts'

const minuteMs = 60_000
/** A day with a change of the clock, and some. */
const longestMinutes = 27 * 60

const formats = new Map<string, Intl.DateTimeFormat>()

/** The clock on the wall in a zone, in minutes since midnight. Throws `request.invalid` for a zone that is none. */
export function minutesOf(at: Date, zone: string): number {
  let format = formats.get(zone)
  if (!format) {
    format = formatFor(zone)
    formats.set(zone, format)
  }
  const [hour = '0', minute = '0'] = format.format(at).split(':')
  return Number(hour) * 60 + Number(minute)
}

function formatFor(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  } catch (error) {
    const issues = [{ path: 'zone', message: 'A time zone like Europe/Berlin' }]
    throw fail('request.invalid', { issues, cause: error })
  }
}

const toMinutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/**
 * When the clock of a zone shows this time next, after `at`. Where the clock is put forward over it, the first minute
 * after the gap; where it is put back, the first of the two.
 */
export function nextTimeOfDay(at: Date, time: string, zone: string): Date {
  const wanted = toMinutes(time)
  const start = Math.floor(at.getTime() / minuteMs) * minuteMs
  let before = minutesOf(new Date(start), zone)
  for (let step = 1; step <= longestMinutes; step++) {
    const when = new Date(start + step * minuteMs)
    const now = minutesOf(when, zone)
    // From 23:59 to 0:00 is one minute, and so is what a gap leaps over.
    const leap = (now - before + 1_440) % 1_440
    const ahead = (wanted - before + 1_440) % 1_440
    if (leap > 0 && leap <= 180 && ahead > 0 && ahead <= leap) return when
    before = now
  }
  throw new Error(`it is never ${time} in ${zone}`)
}

interface Quiet {
  readonly isOn: boolean
  readonly from: string
  readonly to: string
}

/** Until when it is quiet now; null when it is not. From 22:00 to 07:00 goes over midnight. */
export function quietUntil(at: Date, { isOn, from, to }: Quiet, zone: string): Date | null {
  if (!isOn || from === to) return null
  const now = minutesOf(at, zone)
  const [begin, end] = [toMinutes(from), toMinutes(to)]
  const isQuiet = begin < end ? now >= begin && now < end : now >= begin || now < end
  return isQuiet ? nextTimeOfDay(at, to, zone) : null
}
