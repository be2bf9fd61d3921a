import type { NotificationRules } from '../../contract/notifications.ts'
import { dayOf } from '../costs/calendar.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notices } from '../notices/notices.ts'
import { type MorningFacts, toMorningReport } from './morning.ts'
import type { NotificationStore } from './store.ts'
import { nextTimeOfDay } from './times.ts'

/** Under this name stands when the next one is due. */
const nextName = 'next-report'
/** A report that could not be made in time still comes so much later, milliseconds. */
const lateMs = 6 * 3_600_000
const againMs = 60_000
const dayMs = 86_400_000

interface MorningReportTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly notices: Pick<Notices, 'put'>
  readonly rules: () => NotificationRules
  readonly morning: (since: Date) => Promise<MorningFacts>
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the server stops. */
  readonly signal: AbortSignal
}

/** The report that comes each morning at a time of the wall clock: once, also over a restart. */
export function createMorningReport(tools: MorningReportTools) {
  const { db, store, notices, rules, morning, clock, logger, signal } = tools
  let callOff: () => void = () => {}

  const nextAfter = ({ report, zone }: NotificationRules, now: Date): string =>
    nextTimeOfDay(now, report.at, zone).toISOString()

  /** Writes down when the next one is due by these rules. */
  async function putNext(tx: Tx, given: NotificationRules, now: Date): Promise<void> {
    await store.putSetup(tx, nextName, nextAfter(given, now), now.toISOString())
  }

  /** Waits for the next report; what a stopped server missed comes late, or not at all after some hours. */
  function plan(atLeastMs = 0): void {
    callOff()
    if (!rules().report.isOn || signal.aborted) return
    void store.setup(nextName).then((planned) => {
      if (signal.aborted) return
      const now = clock.now()
      const ms = Date.parse(planned ?? nextAfter(rules(), now)) - now.getTime()
      // A timer cannot wait for longer than this, and a clock that is set may not be waited for.
      const wait = Math.min(Math.max(ms, atLeastMs), 3_600_000)
      callOff = clock.after(wait, () => void makeIfDue().then((isDone) => plan(isDone ? 0 : againMs)))
    })
  }

  /** False when it has to be tried again. */
  async function makeIfDue(): Promise<boolean> {
    try {
      const now = clock.now()
      const planned = await store.setup(nextName)
      if (planned === null || planned > now.toISOString() || !rules().report.isOn) return true
      const isWorthIt = now.getTime() - Date.parse(planned) <= lateMs
      const facts = isWorthIt ? await factsOf(now) : null
      await db.write(async (tx) => {
        // In one transaction, so that no restart makes two of one or none.
        if ((await store.setup(nextName, tx)) !== planned) return
        await putNext(tx, rules(), now)
        if (facts) await notices.put(tx, toMorningReport(dayOf(now, rules().zone), facts))
      })
      return true
    } catch (error) {
      logger.error({ err: error }, 'morning report not made')
      return false
    }
  }

  /** Makes the report at once. Resolves with how many channels get it. */
  async function make(): Promise<number> {
    const now = clock.now()
    const made = toMorningReport(now.toISOString(), await factsOf(now))
    await db.write((tx) => notices.put(tx, made))
    return new Set(rules().report.channelIds).size
  }

  const factsOf = (now: Date): Promise<MorningFacts> => morning(new Date(now.getTime() - dayMs))

  async function start(): Promise<void> {
    const now = clock.now()
    if (rules().report.isOn && (await store.setup(nextName)) === null) {
      await db.write((tx) => putNext(tx, rules(), now))
    }
    plan()
  }

  return {
    /** When the next one is due; null while none was planned. */
    nextAt: () => store.setup(nextName),
    putNext,
    plan: () => plan(),
    make,
    start,
    stop: () => callOff(),
  }
}
