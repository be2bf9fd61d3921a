import type { Ai } from '../ai/ai.ts'
import type { Audit } from '../audit/audit.ts'
import type { Checkpoints } from '../audit/checkpoints.ts'
import type { Auth } from '../auth/auth.ts'
import type { OpenDatabase } from '../db/open.ts'
import { sweepDatabase } from '../db/retention.ts'
import type { Logs } from '../executions/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Rotations } from '../nodes/rotations.ts'
import type { Settings } from '../settings/settings.ts'

/** Sockets of sessions that ran out close within this time, milliseconds. */
const sessionsEveryMs = 60_000
/** What a server that is killed has not written down of the audit trail is an hour at most, milliseconds. */
const checkpointAfterMs = 60_000
const checkpointEveryMs = 3_600_000
/** Old records wait until a start has settled; then they are looked for every six hours, milliseconds. */
const recordsAfterMs = 10 * 60_000
const recordsEveryMs = 6 * 3_600_000
/** SSH keys that are due, and rotations that wait for their time, milliseconds. */
const keysEveryMs = 60_000
const dayMs = 86_400_000
const mebibyte = 1_048_576

interface HousekeepingTools {
  readonly db: OpenDatabase
  readonly logs: Logs
  readonly audit: Audit
  readonly checkpoints: Checkpoints
  readonly auth: Auth
  readonly rotations: Rotations
  readonly ai: Pick<Ai, 'removeBefore'>
  readonly notifications: Pick<Notifications, 'removeBefore'>
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
}

/** Ends sessions that ran out, renews SSH keys, writes checkpoints of the audit trail, and removes records that are older than the settings say. */
export function createHousekeeping(tools: HousekeepingTools) {
  const { db, logs, audit, checkpoints, auth, rotations, ai, notifications, settings, clock, logger } = tools
  const leaving = new AbortController()
  const callOffs = new Map<string, () => void>()
  const rounds = new Map<string, Promise<void>>()
  let hasStarted = false

  /** Executions with their reports, logs, metrics, and the audit trail. */
  async function removeOldRecords(): Promise<void> {
    const { retentionDays, logsMaxMib, auditRetentionDays, commandRetentionDays } = settings.get()
    const before = daysAgo(retentionDays)
    const { removed: oldLogs } = await logs.sweepRetention({ before, maxBytes: logsMaxMib * mebibyte })
    const auditLines = await audit.removeBefore(daysAgo(auditRetentionDays))
    const commandLines = await audit.removeCommandsBefore(daysAgo(commandRetentionDays))
    const exchanges = await ai.removeBefore(before)
    const messages = await notifications.removeBefore(before)
    const removed = await sweepDatabase({ db, signal: leaving.signal }, before)
    logger.info(
      { ...removed, logs: oldLogs, exchanges, messages, auditLines, commandLines },
      'old records removed',
    )
  }

  const daysAgo = (days: number) => new Date(clock.now().getTime() - days * dayMs)

  /** Does a piece of work after a time, and then again and again; the next round waits for the one before. */
  function repeat(name: string, work: () => Promise<unknown>, firstMs: number, everyMs: number): void {
    const wait = (ms: number) =>
      callOffs.set(
        name,
        clock.after(ms, () => void rounds.set(name, round())),
      )
    const round = async () => {
      await work().catch((error: unknown) => logger.error({ err: error, work: name }, 'housekeeping failed'))
      if (!leaving.signal.aborted) wait(everyMs)
    }
    wait(firstMs)
  }

  function start(): void {
    hasStarted = true
    repeat('sessions', auth.endOldSessions, sessionsEveryMs, sessionsEveryMs)
    repeat('key rotation', rotations.tick, keysEveryMs, keysEveryMs)
    repeat('checkpoint', checkpoints.write, checkpointAfterMs, checkpointEveryMs)
    repeat('records', removeOldRecords, recordsAfterMs, recordsEveryMs)
  }

  /** Ends what is under way between two steps. */
  async function stop(): Promise<void> {
    leaving.abort()
    for (const callOff of callOffs.values()) callOff()
    await Promise.all(rounds.values())
    // Whoever only opened the data folder, for a command, adds nothing of their own.
    if (!hasStarted) return
    await checkpoints
      .write()
      .catch((error: unknown) => logger.error({ err: error }, 'audit checkpoint not written'))
  }

  return { start, stop, removeOldRecords }
}
