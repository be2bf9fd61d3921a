import { compareZone, makeCrons, telling } from '../../testbed/compare-crons.ts'
import type { Part } from './part.ts'

const years = [2015, 2040] as const

/** Every time zone, 2015 to 2040, against an oracle that goes through every minute. The seed repeats a night. */
export const zones: Part = async ({ crons: count, seed, zones: wanted, say }) => {
  const crons = [...telling, ...makeCrons(seed, count)]
  const all = wanted.length > 0 ? wanted : ['UTC', ...Intl.supportedValuesOf('timeZone')]
  let zoneCronYears = 0
  let occurrences = 0
  let differences = 0
  say(
    `${all.length} zones × ${crons.length} expressions × ${years[1] - years[0] + 1} years, tz database ${process.versions.tz}, seed ${seed}`,
  )
  for (const [index, zone] of all.entries()) {
    const compared = compareZone(zone, crons, years)
    zoneCronYears += compared.zoneCronYears
    occurrences += compared.occurrences
    differences += compared.differences.length
    for (const difference of compared.differences) say(difference)
    if ((index + 1) % 50 === 0) say(`${index + 1} of ${all.length} zones`)
  }
  say(
    `${zoneCronYears.toLocaleString('en')} zone-cron-years compared, ${occurrences.toLocaleString('en')} occurrences, ${differences} differences`,
  )
  return { failed: differences, notDone: [] }
}
