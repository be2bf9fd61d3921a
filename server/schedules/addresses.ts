import type { ScheduleId } from '../../contract/ids.ts'
import type { ScheduleSpec } from '../../contract/schedules.ts'
import { type Actor, mayDo } from '../lib/actor.ts'
import { fail } from '../lib/errors.ts'
import { readWishes } from './wishes.ts'

type Named = Pick<ScheduleSpec, 'name' | 'notifications'>

/**
 * An address in a document becomes a channel, and this server posts there what it knows of nodes. So only who may set up
 * channels names a new one; an operator may keep those that stand there, and name channels. Throws
 * `schedule.address_needs_admin`.
 */
export function needMayName(actor: Actor, before: Named | null, wanted: Named): void {
  const known = new Set(before === null ? [] : addressesOf(before))
  const added = addressesOf(wanted).filter((one) => !known.has(one))
  if (added.length === 0 || mayDo(actor, 'notification.write')) return
  // Whoever knows the whole address can post to it.
  const hosts = [...new Set(added.map((one) => new URL(one).host))].join(', ')
  throw fail('schedule.address_needs_admin', { detail: `${wanted.name} is to tell ${hosts}.` })
}

const addressesOf = ({ name, notifications }: Named): readonly string[] =>
  notifications === null ? [] : readWishes({ id: '' as ScheduleId, name }, notifications).addresses

/** What a document says, without its addresses: whoever knows that of a webhook can post to it. */
export function maskAddresses(value: unknown): unknown {
  if (typeof value === 'string') {
    const url = URL.canParse(value) ? new URL(value) : null
    return url ? `${url.protocol}//${url.host}/▮▮▮` : value
  }
  if (Array.isArray(value)) return value.map(maskAddresses)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, maskAddresses(one)]))
  }
  return value
}
