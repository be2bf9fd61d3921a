import { randomBytes } from 'node:crypto'
import type { ChannelId, ScheduleId } from '../../contract/ids.ts'
import type { ChannelSettings, Notice } from '../../contract/notifications.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import type { Wishes } from '../schedules/wishes.ts'
import type { Vault } from '../vault/vault.ts'
import { placeOf } from './places.ts'
import type { NotificationStore, StoredChannel } from './store.ts'

interface ScheduleChannelTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly vault: Pick<Vault, 'seal' | 'open'>
  readonly audit: Audit
  readonly clock: Clock
  readonly newId: NewId
  /** What schedules say of their own about who is told. */
  readonly wishes: () => Promise<readonly Wishes[]>
  /** The channels are others now. */
  readonly changed: () => Promise<void>
}

/**
 * Addresses that documents of schedules name become channels of their own, which belong to their schedule and go with it:
 * so they have the outbox, the attempts, the quiet hours and the list of messages that every channel has.
 */
export function createScheduleChannels(tools: ScheduleChannelTools) {
  const { db, store, vault, audit, clock, newId, wishes, changed } = tools

  const sealedAt = (id: ChannelId) => ({ table: 'channel', column: 'secrets', id }) as const
  const urlOf = ({ id, secrets }: StoredChannel): string | null => {
    if (secrets === null) return null
    const { url } = JSON.parse(vault.open(sealedAt(id), secrets).reveal()) as { url?: string }
    return url ?? null
  }

  /** Makes the channels that are wanted and removes those that are not any more. Returns what is wanted. */
  async function settle(): Promise<readonly Wishes[]> {
    const wanted = await wishes()
    const known = (await store.channels()).filter(({ scheduleId }) => scheduleId !== null)
    const isWanted = (channel: StoredChannel) =>
      wanted.some(
        ({ scheduleId, addresses }) =>
          scheduleId === channel.scheduleId && addresses.includes(urlOf(channel) ?? ''),
      )
    const gone = known.filter((channel) => !isWanted(channel))
    const missing = wanted.flatMap((one) =>
      one.addresses
        .filter(
          (url) => !known.some((channel) => channel.scheduleId === one.scheduleId && urlOf(channel) === url),
        )
        .map((url) => ({ url, ...one })),
    )
    if (gone.length === 0 && missing.length === 0) return wanted
    await db.write(async (tx) => {
      for (const { id, name, kind } of gone) {
        await store.removeChannel(tx, id)
        await audit.append(tx, {
          actor: serverActor,
          action: 'channel.removed',
          target: id,
          detail: { name, kind },
        })
      }
      for (const { scheduleId, scheduleName, url } of missing) await add(tx, scheduleId, scheduleName, url)
    })
    await changed()
    return wanted
  }

  async function add(tx: Tx, scheduleId: ScheduleId, scheduleName: string, url: string): Promise<void> {
    const id = newId('chn')
    const settings = settingsFor(url)
    const secrets = {
      url,
      ...(settings.kind === 'webhook' && { secret: `whsec_${randomBytes(32).toString('base64')}` }),
    }
    const place = placeOf(settings, secrets)
    const name = freeName(
      `${scheduleName.slice(0, 60)} → ${place ?? ''}`.slice(0, 95),
      await store.channels(tx),
    )
    await store.putChannel(tx, {
      id,
      name,
      kind: settings.kind,
      enabled: true,
      fallbackId: null,
      settings,
      secrets: vault.seal(sealedAt(id), JSON.stringify(secrets)),
      secretNames: Object.keys(secrets).toSorted(),
      place,
      scheduleId,
      updatedAt: clock.now().toISOString(),
    })
    const detail = { name, settings, scheduleId }
    await audit.append(tx, { actor: serverActor, action: 'channel.created', target: id, detail })
  }

  /** The channels that a schedule wants to tell something by. */
  async function channelsOf(tx: Tx, notice: Notice, wanted: readonly Wishes[]): Promise<ChannelId[]> {
    if (wanted.length === 0) return []
    const scheduleId = notice.scheduleId ?? (await store.scheduleOf(tx, notice.executionId))
    const mine = wanted.find((one) => one.scheduleId === scheduleId)
    if (!mine?.kinds.has(notice.kind)) return []
    const names = new Set(mine.channels.map((name) => name.toLowerCase()))
    return (await store.channels(tx)).flatMap((channel) =>
      channel.scheduleId === scheduleId || names.has(channel.name.toLowerCase()) ? [channel.id] : [],
    )
  }

  return { settle, channelsOf }
}
export type ScheduleChannels = ReturnType<typeof createScheduleChannels>

/** Two of the big ones take a shape of their own; everybody else gets ours, signed. */
function settingsFor(url: string): Extract<ChannelSettings, { kind: 'discord' | 'slack' | 'webhook' }> {
  const { hostname } = new URL(url)
  if (/(^|\.)discord(app)?\.com$/.test(hostname)) return { kind: 'discord' }
  return hostname === 'hooks.slack.com' ? { kind: 'slack' } : { kind: 'webhook' }
}

function freeName(wanted: string, others: readonly Pick<StoredChannel, 'name'>[]): string {
  const taken = new Set(others.map(({ name }) => name.toLowerCase()))
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`
    if (!taken.has(name.toLowerCase())) return name
  }
}
