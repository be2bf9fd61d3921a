import type { Kysely, Selectable } from 'kysely'
import type { Problem } from '../../contract/errors.ts'
import type { ChannelId, DeliveryId, ExecutionId, NoticeId, ScheduleId } from '../../contract/ids.ts'
import type {
  ChannelKind,
  ChannelSettings,
  Delivery,
  DeliveryState,
  HeldNotices,
  Notice,
  NoticeKind,
} from '../../contract/notifications.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { Message } from './message.ts'

type Reader = Kysely<Tables> | Tx

/** A channel with its sealed secrets. */
export interface StoredChannel {
  readonly id: ChannelId
  readonly name: string
  readonly kind: ChannelKind
  readonly enabled: boolean
  readonly fallbackId: ChannelId | null
  readonly settings: ChannelSettings
  readonly secrets: Buffer | null
  readonly secretNames: readonly string[]
  readonly place: string | null
  /** Whose it is, where a document of a schedule names its address. */
  readonly scheduleId: ScheduleId | null
  readonly lastSentAt: string | null
  readonly lastProblem: Problem | null
  readonly updatedAt: string
}

export interface StoredDelivery {
  readonly id: DeliveryId
  readonly channelId: ChannelId
  readonly state: DeliveryState
  readonly attempts: number
  readonly message: Message
  readonly title: string
  readonly notices: number
}

interface NewDelivery {
  readonly message: Message
  readonly channelId: ChannelId
  readonly notices: number
  readonly insteadOf: DeliveryId | null
}

/** Notices that one pass takes up. */
const mostAtOnce = 500

/** SQL for channels, what waits for them, and what became of it. */
export function createNotificationStore(db: Database) {
  async function channels(reader: Reader = db.read): Promise<StoredChannel[]> {
    return (await reader.selectFrom('channel').selectAll().orderBy('name').execute()).map(channelFromRow)
  }

  async function findChannel(id: ChannelId, reader: Reader = db.read): Promise<StoredChannel | undefined> {
    const row = await reader.selectFrom('channel').selectAll().where('id', '=', id).executeTakeFirst()
    return row && channelFromRow(row)
  }

  async function putChannel(
    tx: Tx,
    channel: Omit<StoredChannel, 'lastSentAt' | 'lastProblem'>,
  ): Promise<void> {
    const columns = {
      name: channel.name,
      kind: channel.kind,
      enabled: channel.enabled ? 1 : 0,
      fallback_id: channel.fallbackId,
      settings: JSON.stringify(channel.settings),
      secrets: channel.secrets,
      secret_names: JSON.stringify(channel.secretNames),
      place: channel.place,
      // What went wrong went wrong with how it was.
      last_problem: null,
      updated_at: channel.updatedAt,
    } as const
    await tx
      .insertInto('channel')
      .values({
        id: channel.id,
        ...columns,
        schedule_id: channel.scheduleId,
        last_sent_at: null,
        created_at: channel.updatedAt,
      })
      .onConflict((row) => row.column('id').doUpdateSet(columns))
      .execute()
  }

  /** The schedule that started an execution, if one did. */
  async function scheduleOf(tx: Tx, id: ExecutionId | undefined): Promise<ScheduleId | null> {
    if (id === undefined) return null
    const row = await tx
      .selectFrom('execution')
      .innerJoin('occurrence', 'occurrence.batch_id', 'execution.batch_id')
      .select('occurrence.schedule_id')
      .where('execution.id', '=', id)
      .executeTakeFirst()
    return row?.schedule_id ?? null
  }

  async function removeChannel(tx: Tx, id: ChannelId): Promise<void> {
    await tx.updateTable('channel').set({ fallback_id: null }).where('fallback_id', '=', id).execute()
    await tx.deleteFrom('channel').where('id', '=', id).execute()
  }

  async function noteChannel(
    tx: Tx,
    id: ChannelId,
    noted: { sentAt: string } | { problem: Problem },
  ): Promise<void> {
    const columns =
      'sentAt' in noted
        ? { last_sent_at: noted.sentAt, last_problem: null }
        : { last_problem: JSON.stringify(noted.problem) }
    await tx.updateTable('channel').set(columns).where('id', '=', id).execute()
  }

  async function setup(name: string, reader: Reader = db.read): Promise<string | null> {
    const row = await reader
      .selectFrom('notification_setup')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.value ?? null
  }

  async function putSetup(tx: Tx, name: string, value: string, now: string): Promise<void> {
    await tx
      .insertInto('notification_setup')
      .values({ name, value, updated_at: now })
      .onConflict((row) => row.column('name').doUpdateSet({ value, updated_at: now }))
      .execute()
  }

  // Notices

  async function freshNotices(reader: Reader): Promise<Notice[]> {
    const rows = await reader
      .selectFrom('notice')
      .select(['id', 'at', 'body'])
      .where('state', '=', 'fresh')
      .orderBy('seq')
      .limit(mostAtOnce)
      .execute()
    return rows.map(noticeFromRow)
  }

  async function settleNotice(tx: Tx, id: NoticeId, state: 'routed' | 'repeat' | 'nowhere'): Promise<void> {
    await tx.updateTable('notice').set({ state }).where('id', '=', id).execute()
  }

  /** The last notice of a key that went somewhere. */
  async function lastTold(tx: Tx, key: string): Promise<{ kind: NoticeKind; at: string } | null> {
    const row = await tx
      .selectFrom('notice')
      .select(['kind', 'at'])
      .where('key', '=', key)
      .where('state', '=', 'routed')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ?? null
  }

  async function hold(
    tx: Tx,
    held: { channelId: ChannelId; noticeId: NoticeId; dueAt: string; why: 'gathering' | 'quiet' },
  ): Promise<void> {
    const { channelId, noticeId, dueAt, why } = held
    await tx
      .insertInto('held_notice')
      .values({ channel_id: channelId, notice_id: noticeId, due_at: dueAt, why })
      .execute()
  }

  /** What is held for channels that are on, and that have no message waiting to be sent again. */
  const heldForward = () =>
    db.read
      .selectFrom('held_notice')
      .innerJoin('channel', 'channel.id', 'held_notice.channel_id')
      .where('channel.enabled', '=', 1)
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('delivery')
              .select('delivery.id')
              .whereRef('delivery.channel_id', '=', 'held_notice.channel_id')
              .where('delivery.state', '=', 'waiting')
              .where('delivery.attempts', '>', 0),
          ),
        ),
      )

  /** Channels for which something is due, and that have no message waiting to be sent again. */
  async function channelsDue(now: string): Promise<ChannelId[]> {
    const rows = await heldForward().select('channel_id').distinct().where('due_at', '<=', now).execute()
    return rows.map(({ channel_id }) => channel_id)
  }

  /** Takes what goes into the next message of a channel: all that is due, and what is only being gathered. */
  async function takeHeld(tx: Tx, channelId: ChannelId, now: string): Promise<Notice[]> {
    const rows = await tx
      .selectFrom('held_notice')
      .innerJoin('notice', 'notice.id', 'held_notice.notice_id')
      .select(['notice.id', 'notice.at', 'notice.body'])
      .where('channel_id', '=', channelId)
      .where((is) => is.or([is('due_at', '<=', now), is('why', '=', 'gathering')]))
      .orderBy('notice.seq')
      .limit(mostAtOnce)
      .execute()
    const ids = rows.map(({ id }) => id)
    if (ids.length > 0) {
      await tx
        .deleteFrom('held_notice')
        .where('channel_id', '=', channelId)
        .where('notice_id', 'in', ids)
        .execute()
    }
    return rows.map(noticeFromRow)
  }

  /** Quiet hours are other ones now: what they held goes out at this time. */
  async function releaseQuiet(tx: Tx, dueAt: string): Promise<void> {
    await tx.updateTable('held_notice').set({ due_at: dueAt }).where('why', '=', 'quiet').execute()
  }

  // Messages

  async function addDelivery(tx: Tx, { message, channelId, notices, insteadOf }: NewDelivery): Promise<void> {
    await tx
      .insertInto('delivery')
      .values({
        id: message.id,
        at: message.at,
        channel_id: channelId,
        state: 'waiting',
        message: JSON.stringify(message),
        title: message.title,
        notices,
        attempts: 0,
        next_at: message.at,
        sent_at: null,
        problem: null,
        instead_of: insteadOf,
      })
      .execute()
  }

  /** Messages whose time has come, oldest first. */
  async function deliveriesDue(now: string): Promise<StoredDelivery[]> {
    const rows = await db.read
      .selectFrom('delivery')
      .innerJoin('channel', 'channel.id', 'delivery.channel_id')
      .selectAll('delivery')
      .where('delivery.state', '=', 'waiting')
      .where('delivery.next_at', '<=', now)
      .where('channel.enabled', '=', 1)
      .orderBy('delivery.seq')
      .limit(mostAtOnce)
      .execute()
    return rows.map(deliveryFromRow)
  }

  async function findDelivery(id: DeliveryId, reader: Reader = db.read): Promise<StoredDelivery | undefined> {
    const row = await reader.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirst()
    return row && deliveryFromRow(row)
  }

  async function noteDelivery(
    tx: Tx,
    id: DeliveryId,
    noted: {
      state: DeliveryState
      attempts?: number
      nextAt?: string | null
      sentAt?: string
      problem?: Problem | null
    },
  ): Promise<void> {
    const { state, attempts, nextAt = null, sentAt, problem } = noted
    await tx
      .updateTable('delivery')
      .set({
        state,
        next_at: nextAt,
        ...(attempts !== undefined && { attempts }),
        ...(sentAt !== undefined && { sent_at: sentAt }),
        ...(problem !== undefined && { problem: problem && JSON.stringify(problem) }),
      })
      .where('id', '=', id)
      .execute()
  }

  /** When something is due next; null when nothing waits. */
  async function nextDue(): Promise<string | null> {
    const held = await heldForward()
      .select((row) => row.fn.min('due_at').as('at'))
      .executeTakeFirst()
    const waiting = await db.read
      .selectFrom('delivery')
      .innerJoin('channel', 'channel.id', 'delivery.channel_id')
      .select((row) => row.fn.min('next_at').as('at'))
      .where('delivery.state', '=', 'waiting')
      .where('channel.enabled', '=', 1)
      .executeTakeFirst()
    const times = [held?.at, waiting?.at].filter((at) => at !== undefined && at !== null)
    return times.toSorted()[0] ?? null
  }

  async function deliveries(query: {
    before: string | null
    limit: number
    channelId: ChannelId | undefined
    state: DeliveryState | undefined
  }): Promise<Delivery[]> {
    let rows = db.read
      .selectFrom('delivery')
      .innerJoin('channel', 'channel.id', 'delivery.channel_id')
      .selectAll('delivery')
      .select(['channel.name as channel_name', 'channel.kind as channel_kind'])
      .orderBy('delivery.id', 'desc')
      .limit(query.limit)
    if (query.before !== null) rows = rows.where('delivery.id', '<', query.before as DeliveryId)
    if (query.channelId) rows = rows.where('delivery.channel_id', '=', query.channelId)
    if (query.state) rows = rows.where('delivery.state', '=', query.state)
    return (await rows.execute()).map((row) => ({
      id: row.id,
      at: row.at,
      channelId: row.channel_id,
      channelName: row.channel_name,
      channelKind: row.channel_kind,
      state: row.state,
      title: row.title,
      notices: row.notices,
      attempts: row.attempts,
      nextAt: row.next_at,
      sentAt: row.sent_at,
      problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
      insteadOf: row.instead_of,
    }))
  }

  async function held(now: string): Promise<HeldNotices[]> {
    const rows = await db.read
      .selectFrom('held_notice')
      .innerJoin('channel', 'channel.id', 'held_notice.channel_id')
      .select((row) => [
        'channel_id',
        'channel.name as channel_name',
        'why',
        row.fn.countAll<number>().as('notices'),
        row.fn.min('due_at').as('due_at'),
      ])
      .groupBy(['channel_id', 'channel.name', 'why'])
      .orderBy('channel.name')
      .execute()
    return rows.map(({ channel_id, channel_name, why, notices, due_at }) => ({
      channelId: channel_id,
      channelName: channel_name,
      notices: Number(notices),
      dueAt: due_at,
      why: due_at < now ? 'behind' : why,
    }))
  }

  async function waitingByChannel(): Promise<Map<ChannelId, number>> {
    const rows = await db.read
      .selectFrom('delivery')
      .select((row) => ['channel_id', row.fn.countAll<number>().as('count')])
      .where('state', '=', 'waiting')
      .groupBy('channel_id')
      .execute()
    return new Map(rows.map(({ channel_id, count }) => [channel_id, Number(count)]))
  }

  /** Removes what is settled and older; what still waits stays. */
  async function removeBefore(tx: Tx, before: string): Promise<number> {
    const messages = await tx
      .deleteFrom('delivery')
      .where('at', '<', before)
      .where('state', '!=', 'waiting')
      .executeTakeFirst()
    const notices = await tx
      .deleteFrom('notice')
      .where('at', '<', before)
      .where('state', '!=', 'fresh')
      .where('id', 'not in', tx.selectFrom('held_notice').select('notice_id'))
      .executeTakeFirst()
    return Number(messages.numDeletedRows) + Number(notices.numDeletedRows)
  }

  return {
    channels,
    findChannel,
    putChannel,
    scheduleOf,
    removeChannel,
    noteChannel,
    setup,
    putSetup,
    freshNotices,
    settleNotice,
    lastTold,
    hold,
    channelsDue,
    takeHeld,
    releaseQuiet,
    addDelivery,
    deliveriesDue,
    findDelivery,
    noteDelivery,
    nextDue,
    deliveries,
    held,
    waitingByChannel,
    removeBefore,
  }
}
export type NotificationStore = ReturnType<typeof createNotificationStore>

const noticeFromRow = ({ id, at, body }: { id: NoticeId; at: string; body: string }): Notice => ({
  ...(JSON.parse(body) as Omit<Notice, 'id' | 'at'>),
  id,
  at,
})

function channelFromRow(row: Selectable<Tables['channel']>): StoredChannel {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    enabled: row.enabled === 1,
    fallbackId: row.fallback_id,
    settings: JSON.parse(row.settings) as ChannelSettings,
    secrets: row.secrets,
    secretNames: JSON.parse(row.secret_names) as string[],
    scheduleId: row.schedule_id,
    place: row.place,
    lastSentAt: row.last_sent_at,
    lastProblem: row.last_problem === null ? null : (JSON.parse(row.last_problem) as Problem),
    updatedAt: row.updated_at,
  }
}

const deliveryFromRow = (row: Selectable<Tables['delivery']>): StoredDelivery => ({
  id: row.id,
  channelId: row.channel_id,
  state: row.state,
  attempts: row.attempts,
  message: JSON.parse(row.message) as Message,
  title: row.title,
  notices: row.notices,
})
