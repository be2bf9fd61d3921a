import type { ChannelId } from '../../contract/ids.ts'
import type { NotificationRules } from '../../contract/notifications.ts'
import type { TargetNode } from '../../contract/target-terms.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import type { Wishes } from '../schedules/wishes.ts'
import { nextAfter } from './attempts.ts'
import type { Channels } from './channels.ts'
import type { Attempt, Deliver } from './deliver.ts'
import { compose } from './message.ts'
import { channelsFor, holdingOf, isForPrograms, isRepeat } from './routing.ts'
import type { ScheduleChannels } from './schedule-channels.ts'
import type { NotificationStore, StoredChannel, StoredDelivery } from './store.ts'

interface DispatchTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly channels: Pick<Channels, 'open'>
  readonly scheduleChannels: ScheduleChannels
  readonly deliver: Deliver
  readonly rules: () => NotificationRules
  /** Every node, for the targets of a route. */
  readonly nodes: () => Promise<readonly TargetNode[]>
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

/** A notice is looked for so soon after somebody wrote one: its transaction has to end first. */
const soonMs = 500
/** And in any case so often, milliseconds: a hint may come before its transaction is durable. */
const latestMs = 60_000

/**
 * Takes notices on their way: fresh ones to the channels that hear of them, where they are held; what is due of a channel
 * into one message; the message out, again and again until it is sent or given up. Each step is one transaction, so a
 * server that ends anywhere goes on from there. A message that was sent just before the end may come twice, with the same
 * id.
 */
export function createDispatch(tools: DispatchTools) {
  const { db, store, channels, scheduleChannels, deliver, rules, nodes, clock, newId, logger } = tools
  const leaving = new AbortController()
  /** Channels that are sent to now; one that is slow keeps nobody else waiting. */
  const sending = new Map<ChannelId, Promise<void>>()
  let round: Promise<void> | null = null
  let isWanted = false
  let callOff: () => void = () => {}

  /** Looks soon. */
  function wake(ms = soonMs): void {
    if (leaving.signal.aborted) return
    callOff()
    callOff = clock.after(ms, look)
  }

  function look(): void {
    if (leaving.signal.aborted) return
    isWanted = true
    round ??= go().finally(() => {
      round = null
      if (isWanted) look()
    })
  }

  async function go(): Promise<void> {
    isWanted = false
    try {
      await pass()
    } catch (error) {
      logger.error({ err: error }, 'notifications failed')
    }
    const due = await store.nextDue().catch(() => null)
    const ms = due === null ? latestMs : Date.parse(due) - clock.now().getTime()
    wake(Math.min(latestMs, Math.max(soonMs, ms)))
  }

  /** One pass over everything; what is sent goes on by itself. */
  async function pass(): Promise<void> {
    await routeFresh()
    await gather()
    await sendDue()
  }

  async function routeFresh(): Promise<void> {
    const wishes = await scheduleChannels.settle()
    for (;;) {
      const known = await nodes()
      const count = await db.write((tx) => routeSome(tx, known, wishes))
      if (count === 0) return
    }
  }

  async function routeSome(tx: Tx, known: readonly TargetNode[], wishes: readonly Wishes[]): Promise<number> {
    const fresh = await store.freshNotices(tx)
    if (fresh.length === 0) return 0
    const byId = new Map((await store.channels(tx)).map((channel) => [channel.id, channel]))
    const now = clock.now()
    for (const notice of fresh) {
      const ids = new Set([
        ...channelsFor(notice, rules(), known),
        ...(await scheduleChannels.channelsOf(tx, notice, wishes)),
      ])
      const wanted = [...ids].flatMap((id) => {
        const channel = byId.get(id)
        return channel?.enabled ? [channel] : []
      })
      if (wanted.length === 0) {
        await store.settleNotice(tx, notice.id, 'nowhere')
        continue
      }
      if (isRepeat(notice, await store.lastTold(tx, notice.key), rules())) {
        await store.settleNotice(tx, notice.id, 'repeat')
        continue
      }
      for (const { id, kind } of wanted) {
        const { dueAt, why } = holdingOf(notice, kind, rules(), now)
        await store.hold(tx, { channelId: id, noticeId: notice.id, dueAt: dueAt.toISOString(), why })
      }
      await store.settleNotice(tx, notice.id, 'routed')
    }
    return fresh.length
  }

  /** Makes messages of what is due; behind one that could not be sent yet, everything waits and becomes one. */
  async function gather(): Promise<void> {
    const now = clock.now().toISOString()
    for (const id of await store.channelsDue(now)) {
      await db.write(async (tx) => {
        const channel = await store.findChannel(id, tx)
        if (!channel) return
        const notices = await store.takeHeld(tx, id, now)
        const reports = notices.filter(({ kind }) => kind === 'report.morning')
        const others = notices.filter(({ kind }) => kind !== 'report.morning')
        const together = isForPrograms(channel.kind) ? others.map((one) => [one]) : [others]
        for (const some of [...together, ...reports.map((one) => [one])]) {
          if (some.length === 0) continue
          const message = compose(newId('dlv'), now, some, rules())
          await store.addDelivery(tx, { message, channelId: id, notices: some.length, insteadOf: null })
        }
      })
    }
  }

  async function sendDue(): Promise<void> {
    const due = await store.deliveriesDue(clock.now().toISOString())
    const byChannel = Map.groupBy(due, ({ channelId }) => channelId)
    for (const [channelId, deliveries] of byChannel) {
      if (sending.has(channelId)) continue
      const lane = sendAll(channelId, deliveries)
        .catch((error: unknown) => logger.error({ err: error, channelId }, 'message not sent'))
        .finally(() => {
          sending.delete(channelId)
          wake()
        })
      sending.set(channelId, lane)
    }
  }

  async function sendAll(channelId: ChannelId, deliveries: readonly StoredDelivery[]): Promise<void> {
    for (const delivery of deliveries) {
      const channel = await store.findChannel(channelId)
      if (!channel || leaving.signal.aborted) return
      const attempt = await attemptTo(channel, delivery)
      if (leaving.signal.aborted && attempt.kind === 'failed') return
      await db.write((tx) => settle(tx, channel, delivery, attempt))
      // The next one would fare the same; it waits for its own time.
      if (attempt.kind === 'failed' && attempt.mayRetry) return
    }
  }

  async function attemptTo(channel: StoredChannel, { message }: StoredDelivery): Promise<Attempt> {
    return deliver(channels.open(channel), message, leaving.signal)
  }

  async function settle(
    tx: Tx,
    channel: StoredChannel,
    { id, attempts: before, message, notices }: StoredDelivery,
    attempt: Attempt,
  ): Promise<void> {
    const now = clock.now()
    const attempts = before + 1
    if (attempt.kind === 'sent') {
      const sentAt = now.toISOString()
      await store.noteDelivery(tx, id, { state: 'sent', attempts, sentAt, problem: null })
      await store.noteChannel(tx, channel.id, { sentAt })
      return
    }
    const { problem, mayRetry, retryAfterMs } = attempt
    const fallback = channel.fallbackId === null ? undefined : await store.findChannel(channel.fallbackId, tx)
    const hasFallback = fallback?.enabled === true
    const next = nextAfter({ attempts, mayRetry, hasFallback, retryAfterMs })
    logger.warn({ channelId: channel.id, code: problem.code, attempts, next: next.kind }, 'message not taken')
    await store.noteChannel(tx, channel.id, { problem })
    switch (next.kind) {
      case 'wait': {
        const nextAt = new Date(now.getTime() + next.ms).toISOString()
        return store.noteDelivery(tx, id, { state: 'waiting', attempts, nextAt, problem })
      }
      case 'hand-over': {
        if (!fallback) throw new Error('nobody to hand over to')
        const again = { ...message, id: newId('dlv'), at: now.toISOString() }
        await store.addDelivery(tx, { message: again, channelId: fallback.id, notices, insteadOf: id })
        return store.noteDelivery(tx, id, { state: 'handed-over', attempts, problem })
      }
      case 'give-up':
        return store.noteDelivery(tx, id, { state: 'failed', attempts, problem })
    }
  }

  /** Lets go of what is under way: it is tried again after the next start. */
  async function stop(): Promise<void> {
    leaving.abort(new Error('the server stops'))
    callOff()
    await round
    await Promise.all(sending.values())
  }

  /** Resolves when everything that is due now is done, for whoever wants to see it. */
  async function settled(): Promise<void> {
    for (;;) {
      await (round ?? Promise.resolve())
      if (sending.size === 0 && round === null) return
      await Promise.all(sending.values())
    }
  }

  return { wake, look, settled, stop }
}
export type Dispatch = ReturnType<typeof createDispatch>
