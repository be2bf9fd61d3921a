import {
  type Channel,
  type ChannelChange,
  channelSecrets,
  type ChannelSettings,
  type NotificationRules,
} from '../../contract/notifications.ts'
import type { ChannelId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import { boundTo, placeOf } from './places.ts'
import type { NotificationStore, StoredChannel } from './store.ts'

interface ChannelTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly vault: Pick<Vault, 'seal' | 'open'>
  readonly audit: Audit
  readonly clock: Clock
  readonly newId: NewId
  /** The rules without a channel that is gone, or with a route for the first one. */
  readonly reroute: (tx: Tx, change: (rules: NotificationRules) => NotificationRules) => Promise<void>
}

type Secrets = Readonly<Record<string, string>>

/** A channel with its secrets, as it is used. */
export interface OpenChannel {
  readonly settings: ChannelSettings
  readonly secrets: Secrets
}

const sealedAt = (id: ChannelId): SealedPlace => ({ table: 'channel', column: 'secrets', id })

/** The channels and what is sealed of them. */
export function createChannels({ db, store, vault, audit, clock, newId, reroute }: ChannelTools) {
  const openSecrets = ({ id, secrets }: StoredChannel): Secrets =>
    secrets === null ? {} : (JSON.parse(vault.open(sealedAt(id), secrets).reveal()) as Secrets)

  /** Throws `vault.damaged`. */
  const open = (channel: StoredChannel): OpenChannel => ({
    settings: channel.settings,
    secrets: openSecrets(channel),
  })

  /** A channel as it would be after a change. Throws `channel.not_found` and `channel.secret_missing`. */
  async function draft(id: ChannelId | null, wanted: ChannelChange): Promise<OpenChannel> {
    const before = id === null ? null : await find(id)
    return { settings: wanted.settings, secrets: merge(before, wanted) }
  }

  /** The secrets that hold from now on. Those of before only count for the place they were entered for. */
  function merge(before: StoredChannel | null, { settings, secrets }: ChannelChange): Secrets {
    const mayKeep = before !== null && boundTo(before.settings) === boundTo(settings)
    const kept = mayKeep ? openSecrets(before) : {}
    const given = Object.fromEntries(
      Object.entries({ ...kept, ...secrets }).filter((entry): entry is [string, string] => entry[1] !== null),
    )
    const parsed = channelSecrets[settings.kind].safeParse(given)
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => ({
        path: ['secrets', ...path].join('.'),
        message,
      }))
      const isMissing = parsed.error.issues.some(
        ({ code, input }) => code === 'invalid_type' && input === undefined,
      )
      const lost = before !== null && !mayKeep && before.secretNames.length > 0
      throw fail(isMissing || lost ? 'channel.secret_missing' : 'request.invalid', {
        detail: issues
          .map(({ path, message }) => `${path}: ${message}`)
          .join('; ')
          .slice(0, 300),
        issues,
      })
    }
    // A password that is optional, but that a login of before had: it is asked for, not silently left away.
    if (before !== null && !mayKeep) needSame(before, parsed.data)
    return parsed.data as Secrets
  }

  function needSame(before: StoredChannel, now: object): void {
    if (before.kind === 'web-push') return
    const lost = before.secretNames.filter(
      (name) => name in channelSecrets[before.kind].shape && !(name in now),
    )
    if (lost.length === 0) return
    throw fail('channel.secret_missing', {
      detail: `It goes to another place now, so what was stored is not sent there: ${lost.join(', ')}.`,
      issues: lost.map((name) => ({ path: `secrets.${name}`, message: 'Enter it again' })),
    })
  }

  async function find(id: ChannelId, reader?: Tx): Promise<StoredChannel> {
    const found = await store.findChannel(id, reader)
    if (!found) throw fail('channel.not_found')
    return found
  }

  async function add(wanted: ChannelChange, actor: Actor): Promise<ChannelId> {
    const id = newId('chn')
    const isFirst = (await store.channels()).length === 0
    await db.write(async (tx) => {
      await write(tx, id, null, wanted)
      await audit.append(tx, { actor, action: 'channel.created', target: id, detail: detailOf(wanted) })
      if (isFirst) await reroute(tx, (rules) => withFirst(rules, id, wanted.settings.kind))
    })
    return id
  }

  async function change(id: ChannelId, wanted: ChannelChange, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const before = await find(id, tx)
      if (before.kind !== wanted.settings.kind) {
        throw fail('request.invalid', {
          issues: [{ path: 'settings.kind', message: 'The kind of a channel stays' }],
        })
      }
      await write(tx, id, before, wanted)
      const detail = { ...detailOf(wanted), newSecrets: Object.keys(wanted.secrets) }
      await audit.append(tx, { actor, action: 'channel.changed', target: id, detail })
    })
  }

  async function write(tx: Tx, id: ChannelId, before: StoredChannel | null, wanted: ChannelChange) {
    const others = (await store.channels(tx)).filter((one) => one.id !== id)
    if (others.some(({ name }) => name.toLowerCase() === wanted.name.toLowerCase())) {
      throw fail('channel.name_taken')
    }
    checkFallback(id, wanted.fallbackId, others)
    const secrets = merge(before, wanted)
    await store.putChannel(tx, {
      id,
      name: wanted.name,
      kind: wanted.settings.kind,
      enabled: wanted.enabled,
      fallbackId: wanted.fallbackId,
      settings: wanted.settings,
      secrets: Object.keys(secrets).length === 0 ? null : vault.seal(sealedAt(id), JSON.stringify(secrets)),
      secretNames: Object.keys(secrets).toSorted(),
      place: placeOf(wanted.settings, secrets),
      scheduleId: before?.scheduleId ?? null,
      updatedAt: clock.now().toISOString(),
    })
  }

  async function remove(id: ChannelId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const { name, kind } = await find(id, tx)
      await store.removeChannel(tx, id)
      await reroute(tx, (rules) => without(rules, id))
      await audit.append(tx, { actor, action: 'channel.removed', target: id, detail: { name, kind } })
    })
  }

  async function list(): Promise<Channel[]> {
    const waiting = await store.waitingByChannel()
    return (await store.channels()).map(
      ({ secrets: _, secretNames, kind: __, scheduleId: ___, ...channel }) => ({
        ...channel,
        secrets: [...secretNames],
        waiting: waiting.get(channel.id) ?? 0,
      }),
    )
  }

  return { open, draft, find, add, change, remove, list }
}
export type Channels = ReturnType<typeof createChannels>

/** The trail tells what a channel is and where it goes as far as that is no secret. */
const detailOf = ({ name, enabled, fallbackId, settings }: ChannelChange) => ({
  name,
  enabled,
  fallbackId,
  settings,
})

/** Throws `channel.not_found` and `channel.fallback_loop`. */
function checkFallback(
  id: ChannelId,
  fallbackId: ChannelId | null,
  others: readonly Pick<StoredChannel, 'id' | 'fallbackId'>[],
): void {
  for (let next = fallbackId, steps = 0; next !== null; steps++) {
    if (next === id || steps > others.length) throw fail('channel.fallback_loop')
    const found = others.find((one) => one.id === next)
    if (!found) throw fail('channel.not_found')
    next = found.fallbackId
  }
}

/** What most people want of their first channel. */
function withFirst(
  rules: NotificationRules,
  id: ChannelId,
  kind: ChannelSettings['kind'],
): NotificationRules {
  if (rules.routes.length > 0) return rules
  const route =
    kind === 'ping'
      ? { kinds: ['run.started', 'run.succeeded', 'run.failed'] as const, least: 'info' as const }
      : {
          kinds: [
            'finding.new',
            'finding.worse',
            'finding.recovered',
            'schedule.overdue',
            'approval.needed',
            'budget.reached',
            'trigger.refused',
            'backup.failed',
            'run.failed',
          ] as const,
          least: 'warning' as const,
        }
  return {
    ...rules,
    routes: [{ ...route, kinds: [...route.kinds], targets: [], agents: [], channelIds: [id] }],
  }
}

function without(rules: NotificationRules, id: ChannelId): NotificationRules {
  const others = (ids: readonly ChannelId[]) => ids.filter((one) => one !== id)
  return {
    ...rules,
    routes: rules.routes
      .map((route) => ({ ...route, channelIds: others(route.channelIds) }))
      .filter(({ channelIds }) => channelIds.length > 0),
    report: { ...rules.report, channelIds: others(rules.report.channelIds) },
  }
}
