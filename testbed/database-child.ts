import { openDatabase } from '../server/db/open.ts'
import { isAppError } from '../server/lib/errors.ts'
import { systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'

/**
 * A server on a data folder, for tests that end it without warning: `node database-child.ts FOLDER`. Prints `open`
 * once it holds the folder, or `refused CODE DETAIL`; then a number for each transaction it was told is durable.
 */
const folder = process.argv[2] ?? ''
try {
  const db = await openDatabase({
    folder,
    clock: systemClock,
    logger: createLogger('silent'),
    allowNetworkStorage: true,
    appVersion: '0.0.0-test',
  })
  process.stdout.write('open\n')
  for (let number = 1; ; number++) {
    await db.write((tx) =>
      tx
        .insertInto('meta')
        .values({ name: `row ${number}`, value: 'x' })
        .execute(),
    )
    process.stdout.write(`${number}\n`)
    await new Promise((resolve) => setImmediate(resolve))
  }
} catch (error) {
  process.stdout.write(
    isAppError(error) ? `refused ${error.code} ${error.problem.detail}\n` : `broke ${String(error)}\n`,
  )
}
