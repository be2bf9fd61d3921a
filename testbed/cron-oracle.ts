/**
 * Occurrences by going through every minute there is: slow, and made of nothing that the product computes them with. It
 * has its own reader of cron, its own calendar, and takes the clock of a zone from the tables of the system, hour by hour
 * and minute by minute around every jump.
 */

const minuteMs = 60_000
const hourMin = 60

/** What the wall of a zone shows in each minute of a stretch of time, in minutes since 1970. */
export interface Walls {
  readonly from: number
  readonly walls: Int32Array
}

/** Minutes are counted from 1970 in UTC; `before` does not belong to it. */
export function wallsOf(zone: string, from: number, before: number): Walls {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const shownAt = (minute: number) =>
    Date.parse(`${format.format(minute * minuteMs).replace(' ', 'T')}:00Z`) / minuteMs
  const walls = new Int32Array(before - from)
  let shown = shownAt(from)
  for (let hour = from; hour < before; hour += hourMin) {
    const end = Math.min(hour + hourMin, before)
    const next = shownAt(end)
    const isEven = next - shown === end - hour
    for (let minute = hour; minute < end; minute++) {
      walls[minute - from] = isEven ? shown + minute - hour : shownAt(minute)
    }
    shown = next
  }
  return { from, walls }
}

const names = {
  3: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' '),
  4: 'SUN MON TUE WED THU FRI SAT'.split(' '),
} as Readonly<Record<number, readonly string[]>>
const limits = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

/** Whether a value is let through by one field. */
function lets(field: string, index: number, value: number): boolean {
  const [least, most] = limits[index] as readonly [number, number]
  const read = (text: string): number => {
    const named = names[index]?.indexOf(text.toUpperCase()) ?? -1
    return named < 0 ? Number(text) : named + (index === 3 ? 1 : 0)
  }
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [first = '', last] = range.split('-')
    const low = range === '*' ? least : read(first)
    let high = range === '*' ? most : last === undefined ? low : read(last)
    if (index === 4 && high === 0 && low > 0) high = 7
    const isIn = (one: number) => one >= low && one <= high && (one - low) % Number(step) === 0
    return isIn(value) || (index === 4 && value === 0 && isIn(7))
  })
}

/** A table of what an expression lets through, so that millions of minutes can be asked. */
function tableOf(cron: string) {
  const fields = cron.split(' ')
  const table = fields.map((field, index) =>
    Array.from({ length: 60 }, (_, value) => lets(field, index, value)),
  ) as [boolean[], boolean[], boolean[], boolean[], boolean[]]
  const needsBoth = fields[2]?.startsWith('*') === true || fields[4]?.startsWith('*') === true
  const isEveryHour = table[1].slice(0, 24).every(Boolean)
  return { table, needsBoth, isEveryHour }
}

/** Howard Hinnant's days to civil date, so that no Date of the product's way is used. */
function civil(day: number): readonly [month: number, date: number] {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  return [
    shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9,
    ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  ]
}

/** Every minute (since 1970, UTC) at which an expression comes true. */
export function slowOccurrences(cron: string, { from, walls }: Walls): number[] {
  const { table, needsBoth, isEveryHour } = tableOf(cron)
  const [minutes, hours, dates, months, weekdays] = table
  const times = Uint8Array.from({ length: 1_440 }, (_, time) =>
    minutes[time % 60] && hours[Math.floor(time / 60)] ? 1 : 0,
  )
  /** The minute that was asked for before, with its day and its time of day. */
  let asked = Number.NaN
  let day = 0
  let time = 0
  let knownDay = Number.NaN
  let isDay = false
  const comesTrue = (wall: number): boolean => {
    if (wall === asked + 1) {
      time += 1
      if (time === 1_440) {
        time = 0
        day += 1
      }
    } else {
      day = Math.floor(wall / 1_440)
      time = wall - day * 1_440
    }
    asked = wall
    if (times[time] === 0) return false
    if (day !== knownDay) {
      knownDay = day
      const [month, date] = civil(day)
      const onDate = dates[date] === true
      const onWeekday = weekdays[(((day + 4) % 7) + 7) % 7] === true
      isDay = months[month] === true && (needsBoth ? onDate && onWeekday : onDate || onWeekday)
    }
    return isDay
  }

  const found: number[] = []
  /** The highest that the wall has shown, or jumped over. */
  let highest = (walls[0] ?? 0) - 1
  for (let index = 0; index < walls.length; index++) {
    const wall = walls[index] as number
    let fires = false
    if (isEveryHour) fires = comesTrue(wall)
    else {
      // What the wall has left out since the minute before comes true now, as one.
      for (let left = highest + 1; left <= wall && !fires; left++) fires = comesTrue(left)
    }
    highest = Math.max(highest, wall)
    if (fires) found.push(from + index)
  }
  return found
}
