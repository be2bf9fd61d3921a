import type { Generated } from 'kysely'
import type { ChannelId, DeliveryId, NoticeId, ScheduleId, UserId } from '../../../contract/ids.ts'
import type { ChannelKind, DeliveryState } from '../../../contract/notifications.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** Where messages go, and what became of each. */
export interface NotificationTables {
  channel: {
    id: Fixed<ChannelId>
    name: string
    kind: ChannelKind
    enabled: Flag
    fallback_id: ChannelId | null
    settings: Json
    /** Sealed: JSON of all secrets by name. */
    secrets: Buffer | null
    secret_names: Json
    /** The host it goes to, for the page that lists them. */
    place: string | null
    /** Whose it is, where a document of a schedule names its address. */
    schedule_id: Fixed<ScheduleId | null>
    last_sent_at: Instant | null
    last_problem: Json | null
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  held_notice: {
    channel_id: Fixed<ChannelId>
    notice_id: Fixed<NoticeId>
    due_at: Instant
    why: 'gathering' | 'quiet'
  }
  delivery: {
    seq: Generated<number>
    id: Fixed<DeliveryId>
    at: Fixed<Instant>
    channel_id: Fixed<ChannelId>
    state: DeliveryState
    message: Fixed<Json>
    title: Fixed<string>
    notices: Fixed<number>
    attempts: number
    next_at: Instant | null
    sent_at: Instant | null
    problem: Json | null
    instead_of: Fixed<DeliveryId | null>
  }
  notification_setup: { name: Fixed<string>; value: Json; updated_at: Instant }
  push_subscription: {
    /** SHA-256 of the endpoint, hex. */
    id: Fixed<string>
    user_id: UserId
    /** Sealed: JSON. */
    subscription: Buffer
    created_at: Instant
  }
}
