import type { ScheduleId } from '../../../contract/ids.ts'
import { type Occurrence, occurrencesFrom, type Plan } from '../../../contract/occurrences.ts'
import type { ComingOccurrence } from '../../../contract/schedules.ts'
import { dayMin, minuteMs } from '../../../contract/zone-clock.ts'
import { fail } from '../../lib/errors.ts'
import { planOf, toComing } from '../plan.ts'
import type { ScheduleStore } from '../store.ts'

const longestMs = 62 * dayMin * minuteMs
/** A calendar with more is cut. */
const mostInAll = 20_000
/** Runs of one schedule that a calendar shows. */
const mostOfOne = 3_000

/** Everything that ran and will run between two instants. Throws `request.invalid` for a stretch that is too long. */
export async function readCalendar(store: ScheduleStore, from: string, to: string) {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  if (end <= start || end - start > longestMs) {
    throw fail('request.invalid', { issues: [{ path: 'to', message: 'After from, at most 62 days' }] })
  }
  const past = await store.between(from, to, mostInAll + 1)
  const coming: (ComingOccurrence & { scheduleId: ScheduleId })[] = []
  let isCut = past.length > mostInAll
  const all = await store.all()
  for (const { id, spec, nextAt } of all) {
    if (nextAt === null) continue
    const room = Math.min(mostOfOne, mostInAll - coming.length)
    const ahead = upTo(planOf(spec, id), Math.max(start, Date.parse(nextAt)), end, room)
    isCut ||= ahead.isCut
    coming.push(...ahead.items.map((one) => ({ ...toComing(one), scheduleId: id })))
  }
  const inIt = new Set([...past, ...coming].map(({ scheduleId }) => scheduleId))
  return {
    past: past.slice(0, mostInAll),
    coming,
    schedules: all.filter(({ id }) => inIt.has(id)).map(({ id, name }) => ({ id, name })),
    isCut,
  }
}

function upTo(
  plan: Plan,
  from: number,
  before: number,
  most: number,
): { items: Occurrence[]; isCut: boolean } {
  const items: Occurrence[] = []
  for (const occurrence of occurrencesFrom(plan, from)) {
    if (occurrence.at >= before) break
    if (items.length === most) return { items, isCut: true }
    items.push(occurrence)
  }
  return { items, isCut: false }
}
