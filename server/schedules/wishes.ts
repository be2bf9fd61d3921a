import * as z from 'zod'
import type { ScheduleId } from '../../contract/ids.ts'
import { type NoticeKind, noticeKind } from '../../contract/notifications.ts'

/** Who wants to hear of what a schedule starts. */
export interface Wishes {
  readonly scheduleId: ScheduleId
  readonly scheduleName: string
  /** Addresses that are posted to. */
  readonly addresses: readonly string[]
  /** Names of channels. */
  readonly channels: readonly string[]
  readonly kinds: ReadonlySet<NoticeKind>
}

/** What is told of where a document does not say it. */
const usualKinds: readonly NoticeKind[] = [
  'run.succeeded',
  'run.failed',
  'finding.new',
  'finding.worse',
  'finding.recovered',
  'schedule.overdue',
]

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([])
const address = z.url({ protocol: /^https?$/ }).max(500)
const shape = z.object({
  webhook: oneOrMore,
  webhooks: oneOrMore,
  channel: oneOrMore,
  channels: oneOrMore,
  on: oneOrMore,
})

/** Reads what a document says under `notifications`; what it says besides comes out as `unknown`, in words. */
export function readWishes(
  schedule: { readonly id: ScheduleId; readonly name: string },
  given: Readonly<Record<string, unknown>>,
): Wishes & { readonly unknown: readonly string[] } {
  const parsed = shape.parse(given)
  const written = [...parsed.webhook, ...parsed.webhooks]
  const addresses = written.filter((one) => address.safeParse(one).success)
  const kinds = parsed.on.filter((one): one is NoticeKind => noticeKind.safeParse(one).success)
  const unknown = [
    ...Object.keys(given).filter((name) => !Object.hasOwn(shape.shape, name)),
    // The address itself stays out of what is told.
    ...(addresses.length < written.length ? ['webhook'] : []),
    ...parsed.on.filter((one) => !noticeKind.safeParse(one).success).map((one) => `on: ${one}`),
  ]
  return {
    scheduleId: schedule.id,
    scheduleName: schedule.name,
    addresses: [...new Set(addresses)],
    channels: [...parsed.channel, ...parsed.channels],
    kinds: new Set(kinds.length > 0 ? kinds : usualKinds),
    unknown,
  }
}
