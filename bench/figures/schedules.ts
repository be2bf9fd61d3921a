import { randomBytes } from 'node:crypto'
import { occurrencesBetween, type Plan } from '../../contract/occurrences.ts'
import { anna } from '../../testbed/node-floor.ts'
import { scheduleFloor } from '../../testbed/schedule-floor.ts'
import { median, quantile } from '../measure.ts'
import { type Figure, judge, ms, type Row } from '../report.ts'
import type { Bench } from '../stage.ts'

const atMidnight = 5_000
const inCalendar = 1_000
const nodes = 30
const dayMs = 86_400_000
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'UTC',
  'Asia/Kolkata',
  'America/Santiago',
]
const crons = ['0 7 * * *', '30 2 * * SUN', '0 3 1 * *', '*/30 * * * *', '0 */6 * * *', '15 1 * * MON-FRI']

/** What many schedules take: all at midnight, and a month of them on one page. */
export async function schedules(bench: Bench): Promise<Figure> {
  const lags: number[] = []
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    bench.say(`Making ${atMidnight} schedules…`)
    lags.push(...(await midnight(bench)))
  }
  const months: number[] = []
  for (let round = 0; round < (bench.isQuick ? 3 : 20); round++) {
    if (round % 5 === 0) await bench.quiet.wait()
    months.push(monthOf(round))
  }
  return {
    title: 'Many schedules',
    rows: [
      row(
        `Lag of ${atMidnight.toLocaleString('en')} schedules at midnight, recorded and queued`,
        lags,
        0.99,
        2_000,
      ),
      row(
        `A month of occurrences of ${inCalendar.toLocaleString('en')} schedules`,
        months.slice(1),
        0.95,
        200,
      ),
    ],
    notes: [
      `Each schedule starts one execution on one of ${nodes} nodes: a row for the occurrence, the batch, the execution and a line of the audit trail, synced to the disk. What the queue then starts is bounded by its limits.`,
      `Six kinds of expressions in six zones; the tables of zones are looked up once and kept.`,
    ],
  }
}

/** Milliseconds. Another month each time, so that nothing but the tables of zones is kept. */
function monthOf(round: number): number {
  const key = randomBytes(4).toString('hex')
  const from = Date.UTC(2026, round, 1)
  const begun = performance.now()
  for (let index = 0; index < inCalendar; index++) {
    const plan: Plan = {
      timing: { kind: 'cron', cron: crons[index % crons.length] ?? '' },
      zone: zones[Math.floor(index / crons.length) % zones.length] ?? '',
      jitterS: 0,
      blackouts: [],
      key: `${key} ${index}`,
    }
    occurrencesBetween(plan, from, from + 31 * dayMs)
  }
  return performance.now() - begun
}

/** How long after midnight each of them is recorded and queued, milliseconds. */
async function midnight(bench: Bench): Promise<number[]> {
  const floor = await scheduleFloor()
  try {
    for (let node = 0; node < nodes; node++) await floor.addNode(`node-${node}`)
    for (let first = 0; first < atMidnight; first += 1_000) {
      const text = Array.from({ length: 1_000 }, (_, index) => {
        const number = first + index
        return `- { name: s${number}, schedule: "0 0 * * *", timezone: UTC, nodes: node-${number % nodes}, agent: looks-around }`
      }).join('\n')
      await floor.schedules.apply(text, false, anna)
    }
    floor.queue.start()
    await floor.schedules.start()
    await floor.settled()
    floor.clock.jump(Date.parse('2026-03-02T00:00:00.000Z') - floor.clock.now().getTime())
    await bench.quiet.wait()
    const lags: number[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun = performance.now()
    floor.events.on('schedule.changed', 'bench', () => {
      lags.push(performance.now() - begun)
      if (lags.length === atMidnight) resolve()
    })
    floor.schedules.look()
    await promise
    return lags
  } finally {
    await floor.close()
  }
}

const row = (what: string, all: readonly number[], at: number, atMost: number): Row => ({
  what,
  carl: `p50 ${ms(median(all))}, p${at * 100} ${ms(quantile(all, at))}`,
  beside: '',
  comes: '',
  ...judge(quantile(all, at), { atMost, unit: `ms at p${at * 100}` }),
})
