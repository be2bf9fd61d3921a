import { systemClock } from '../server/lib/clock.ts'
import { answered, createCostFloor, usualUse } from './cost-floor.ts'
import { databaseBeside } from './database.ts'

/**
 * Pays for calls of a model in a process of its own: `node ledger-child.ts FOLDER spend COUNT`, all at once, then prints
 * how many were denied; `… hold COUNT` hears no answer to any; `… hang` reserves one call, prints its id, and is never
 * heard of again.
 */
const [folder = '', what = 'spend', count = '10'] = process.argv.slice(2)
const db = databaseBeside(folder)
const floor = await createCostFloor({ db, clock: systemClock })

if (what === 'hang') {
  const call = floor.call()
  await floor.ledger.reserve(call)
  process.stdout.write(`${call.id}\n`)
  // Until it is killed.
  setInterval(() => {}, 1_000_000)
} else {
  const outcomes = await Promise.all(
    Array.from({ length: Number(count) }, async () => {
      const call = floor.call()
      if ((await floor.ledger.reserve(call)).kind === 'denied') return 'denied'
      // Some answers never come, so that amounts stay held beside those that are settled.
      if (what === 'hold' || call.id.charCodeAt(29) % 4 === 0) await floor.ledger.hold(call.id, 'timed out')
      else await floor.ledger.settle(call.id, usualUse, answered)
      return 'paid'
    }),
  )
  process.stdout.write(`${outcomes.filter((one) => one === 'denied').length}\n`)
  await db.close()
}
