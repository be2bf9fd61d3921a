import { compareZone, makeCrons, telling } from '../testbed/compare-crons.ts'
import { drillImage } from '../testbed/image-drill.ts'

/**
 * What takes too long for `npm test`: every time zone, 2015 to 2040, against an oracle that goes through every minute.
 * `npm run nightly [CRONS] [SEED] [ZONE]`; the seed is printed, so that a night can be repeated. Before that the image is
 * built and run in every way that people start it; `npm run nightly image` does that alone.
 */
const drilled = await drillImage()
if (drilled !== 'held') process.stdout.write(`the image was not built: ${drilled.absent}\n`)
if (process.argv[2] === 'image') process.exit()

const years = [2015, 2040] as const
const [countText = '20', seedText = String(Date.now() % 1_000_000), ...wanted] = process.argv.slice(2)
const seed = Number(seedText)
const crons = [...telling, ...makeCrons(seed, Number(countText))]
const zones = wanted.length > 0 ? wanted : ['UTC', ...Intl.supportedValuesOf('timeZone')]
const startedAt = performance.now()

let zoneCronYears = 0
let occurrences = 0
let differences = 0
process.stdout.write(
  `${zones.length} zones × ${crons.length} expressions × ${years[1] - years[0] + 1} years, tz database ${process.versions.tz}, seed ${seed}\n`,
)
for (const [index, zone] of zones.entries()) {
  const compared = compareZone(zone, crons, years)
  zoneCronYears += compared.zoneCronYears
  occurrences += compared.occurrences
  differences += compared.differences.length
  for (const difference of compared.differences) process.stdout.write(`${difference}\n`)
  if ((index + 1) % 50 === 0) process.stdout.write(`${index + 1} of ${zones.length} zones\n`)
}
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
process.stdout.write(
  `${zoneCronYears.toLocaleString('en')} zone-cron-years compared, ${occurrences.toLocaleString('en')} occurrences, ${differences} differences (${minutes} min)\n`,
)
process.exitCode = differences > 0 ? 1 : 0
