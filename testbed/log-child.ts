import type { ExecutionId } from '../contract/ids.ts'
import { createLogs } from '../server/executions/log.ts'
import { systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'

/**
 * Appends to a log without end, for tests that kill it: `node log-child.ts FOLDER EXECUTION`. Prints the number of
 * each entry once it is durable.
 */
const [folder = '', id = ''] = process.argv.slice(2)
const logs = createLogs({
  folder,
  clock: systemClock,
  logger: createLogger('silent'),
  limits: { chunkBytes: 50_000 },
})
const log = await logs.writer(id as ExecutionId)
for (;;) {
  for (let more = 0; more < 37; more++) {
    const q = log.seq + 1
    log.append({
      at: new Date().toISOString(),
      stream: 'out',
      level: 'info',
      text: `line ${q}`,
      message: null,
      q,
    })
  }
  await log.flush()
  process.stdout.write(`${log.seq}\n`)
}
