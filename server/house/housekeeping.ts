import type { Audit } from '../audit/audit.ts'
import type { Auth } from '../auth/auth.ts'
import type { OpenDatabase } from '../db/open.ts'
import { sweepDatabase } from '../db/retention.ts'
import type { Logs } from '../executions/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Settings } from '../settings/settings.ts'

/** The first round waits until a start has settled; then one every six hours, milliseconds. */
const firstAfterMs = 10 * 60_000
const everyMs = 6 * 3_600_000
const dayMs = 86_400_000
const mebibyte = 1_048_576

interface HousekeepingTools {
  readonly db: OpenDatabase
  readonly logs: Logs
  readonly audit: Audit
  readonly auth: Auth
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
}

/** Removes what is older than the settings say: executions with their reports, logs, metrics, and the audit trail. */
export function createHousekeeping({ db, logs, audit, auth, settings, clock, logger }: HousekeepingTools) {
  const leaving = new AbortController()
  let callOff: () => void = () => {}
  let round: Promise<void> = Promise.resolve()

  async function tidy(): Promise<void> {
    const { retentionDays, logsMaxMib, auditRetentionDays } = settings.get()
    const before = daysAgo(retentionDays)
    const logsRemoved = await logs.sweepRetention({ before, maxBytes: logsMaxMib * mebibyte })
    const auditLines = await audit.removeBefore(daysAgo(auditRetentionDays))
    await auth.endOldSessions()
    const removed = await sweepDatabase({ db, signal: leaving.signal }, before)
    logger.info({ ...removed, logs: logsRemoved.removed, auditLines }, 'old records removed')
  }

  const daysAgo = (days: number) => new Date(clock.now().getTime() - days * dayMs)

  function start(afterMs = firstAfterMs): void {
    callOff = clock.after(afterMs, () => {
      round = tidy()
        .catch((error: unknown) => logger.error({ err: error }, 'old records not removed'))
        .finally(() => {
          if (!leaving.signal.aborted) start(everyMs)
        })
    })
  }

  async function stop(): Promise<void> {
    callOff()
    leaving.abort()
    await round
  }

  return { start, stop, tidy }
}
