import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../server/db/open.ts'
import { serverActor } from '../../server/lib/actor.ts'
import { systemClock } from '../../server/lib/clock.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { answered, createCostFloor, usualUse } from '../../testbed/cost-floor.ts'
import { fillLedger } from '../../testbed/ledger-rows.ts'
import { median, quantile } from '../measure.ts'
import { type Figure, judge, ms, type Row, times } from '../report.ts'
import type { Bench } from '../stage.ts'

const rows = 100_000

/** What it takes to pay, in a ledger that has grown for years. */
export async function costs(bench: Bench): Promise<Figure> {
  const folder = join(bench.folder, 'costs')
  mkdirSync(folder)
  const db = await openDatabase({
    folder,
    clock: systemClock,
    logger: createLogger('silent'),
    allowNetworkStorage: true,
    appVersion: '0.0.0-bench',
  })
  bench.later(db.close)
  const floor = await createCostFloor({ db, clock: systemClock })
  bench.say(`Filling a ledger with ${rows} calls…`)
  // All in this month: the worst for whoever adds up a month.
  await fillLedger(db, { count: rows, days: 1, now: systemClock.now() })
  for (const limit of ['day', 'month'] as const) {
    await floor.limits.set({ limit, agentId: null, limitNanoUsd: 1e12 }, serverActor)
  }

  const pay = async () => {
    const call = floor.call()
    const reservation = await floor.ledger.reserve(call)
    if (reservation.kind === 'denied') throw new Error('a limit came in between')
    await floor.ledger.settle(call.id, usualUse, answered)
  }
  // What the database and its disk take for two transactions in the same moment, whatever is in them.
  let written = 0
  const bare = async () => {
    for (let one = 0; one < 2; one++) {
      const name = `bench ${written++}`
      await db.write((tx) => tx.insertInto('meta').values({ name, value: 'x' }).execute())
    }
  }
  const overview = async () => void (await floor.overview.spending(30))
  const pairs: number[] = []
  const bares: number[] = []
  const overviews: number[] = []
  for (let round = 0; round < (bench.isQuick ? 2 : 8); round++) {
    await bench.quiet.wait()
    for (let call = 0; call < 100; call++) {
      pairs.push(await timed(pay))
      bares.push(await timed(bare))
    }
    for (let call = 0; call < 5; call++) overviews.push(await timed(overview))
  }
  await db.close()
  return {
    title: `Paying, with ${rows.toLocaleString('en')} calls in the ledger`,
    rows: [
      row('Reserve and settle', pairs.slice(10), 5, bares.slice(10)),
      row('Spending of thirty days by day, agent, node and model', overviews.slice(1), 500),
    ],
    notes: [
      'Reserve and settle are two transactions, each synced to the disk; every limit is looked at in both. All calls were made within the last day.',
    ],
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const figuresOf = (all: readonly number[]) => `p50 ${ms(median(all))}, p95 ${ms(quantile(all, 0.95))}`

const row = (what: string, all: readonly number[], atMost: number, bare?: readonly number[]): Row => ({
  what,
  carl: figuresOf(all),
  beside: bare ? `two bare transactions: ${figuresOf(bare)}` : '',
  comes: bare ? times(median(all) / median(bare)) : '',
  ...judge(quantile(all, 0.95), { atMost, unit: 'ms at p95' }),
})
