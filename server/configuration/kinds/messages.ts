import * as z from 'zod'
import {
  channelChange,
  channelSecrets,
  notificationRoute,
  notificationRules,
} from '../../../contract/notifications.ts'
import { backupRules, type PlaceSettings, placeSettings } from '../../../contract/own-backups.ts'
import type { Backups } from '../../backups/backups.ts'
import { fail } from '../../lib/errors.ts'
import type { Notifications } from '../../notifications/notifications.ts'
import { asKind, type Work } from '../kind.ts'
import { naming } from '../names.ts'
import { needLent } from '../secrets.ts'

/** What leaves the server: messages to people, and copies of itself. */

const name = z.string().trim().min(1).max(100)
const channelShape = z.strictObject({
  name,
  enabled: z.boolean().default(true),
  /** The channel that takes over what this one cannot send, by name. */
  fallback: name.nullable().default(null),
  settings: channelChange.shape.settings,
  /** Names of the secrets that are stored. */
  secrets: z.array(z.string().max(40)).max(10).default([]),
})
type ChannelSaid = z.infer<typeof channelShape>

export const channelKind = (notifications: Notifications) => {
  const channels = notifications.ownChannels

  /** Those that came along. Throws `configuration.secret_missing` for what is neither here nor there. */
  async function secretsOf(said: ChannelSaid, work: Work): Promise<Record<string, string>> {
    const there = (await channels()).find((one) => one.name.toLowerCase() === said.name.toLowerCase())
    const known: readonly string[] = Object.keys(channelSecrets[said.settings.kind].shape)
    const found = said.secrets.map((secret): [string, string] | null => {
      if (!known.includes(secret))
        throw fail('request.invalid', { detail: `secrets: ${secret} is none of this kind.` })
      const from = `channel/${said.name}/${secret}`
      const lent = work.lent(from)
      if (lent !== undefined) return [secret, lent]
      return there?.secrets.includes(secret) ? null : [secret, needLent(work, from)]
    })
    return Object.fromEntries(found.filter((one) => one !== null))
  }

  return asKind<ChannelSaid>({
    kind: 'channel',
    permission: 'notification.write',
    stepUp: true,
    shape: channelShape,
    nameOf: (said) => said.name,
    async list() {
      const all = await channels()
      const known = naming('channel', all)
      return all
        .map(({ name: called, enabled, fallbackId, settings, secrets }) => ({
          name: called,
          enabled,
          fallback: known.nameOf(fallbackId),
          settings,
          secrets: secrets.toSorted(),
        }))
        .toSorted((one, other) => one.name.localeCompare(other.name))
    },
    needs: ({ fallback }) => (fallback === null ? [] : [{ kind: 'channel', name: fallback }]),
    check: async (said, work) => void (await secretsOf(said, work)),
    async put(said, work) {
      const all = await channels()
      const there = all.find((one) => one.name.toLowerCase() === said.name.toLowerCase())
      const wanted = {
        name: said.name,
        enabled: said.enabled,
        fallbackId: said.fallback === null ? null : naming('channel', all).idOf(said.fallback),
        settings: said.settings,
        secrets: await secretsOf(said, work),
      }
      if (there) await notifications.changeChannel(there.id, wanted, work.actor)
      else await notifications.addChannel(wanted, work.actor)
    },
  })
}

const names = z.array(name).max(50)
const { channelIds: _route, ...routeFields } = notificationRoute.shape
const report = notificationRules.shape.report
  .unwrap()
  .omit({ channelIds: true })
  .extend({ channels: names.default([]) })
const rulesShape = z.strictObject({
  ...notificationRules.shape,
  routes: z
    .array(z.strictObject({ ...routeFields, channels: names.min(1) }))
    .max(50)
    .default([]),
  report: report.prefault({}),
})
type RulesSaid = z.infer<typeof rulesShape>

export const notificationsKind = (notifications: Notifications) =>
  asKind<RulesSaid>({
    kind: 'notifications',
    permission: 'notification.write',
    stepUp: true,
    shape: rulesShape,
    nameOf: () => null,
    async list() {
      const { rules } = await notifications.state()
      const known = naming('channel', await notifications.ownChannels())
      const toNames = (ids: readonly string[]) => ids.flatMap((id) => known.nameOf(id) ?? [])
      const { channelIds, ...reported } = rules.report
      return [
        {
          ...rules,
          routes: rules.routes
            .map(({ channelIds: ids, ...route }) => ({ ...route, channels: toNames(ids) }))
            .filter(({ channels }) => channels.length > 0),
          report: { ...reported, channels: toNames(channelIds) },
        },
      ]
    },
    needs: ({ routes, report: reported }) =>
      [...routes.flatMap(({ channels }) => channels), ...reported.channels].map((one) => ({
        kind: 'channel' as const,
        name: one,
      })),
    async put({ routes, report: { channels: told, ...reported }, ...said }, { actor }) {
      const known = naming('channel', await notifications.ownChannels())
      await notifications.setRules(
        {
          ...said,
          routes: routes.map(({ channels, ...route }) => ({
            ...route,
            channelIds: channels.map(known.idOf),
          })),
          report: { ...reported, channelIds: told.map(known.idOf) },
        },
        actor,
      )
    },
  })

export const backupsKind = (backups: Backups) =>
  asKind({
    kind: 'backups',
    permission: 'own-backup.write',
    stepUp: true,
    shape: backupRules,
    nameOf: () => null,
    list: async () => [(await backups.get()).rules],
    put: async (said, { actor }) => void (await backups.setRules(said, actor)),
  })

const placeShape = z.strictObject({ settings: placeSettings })

/** A place in words, and the name that its secret has. Another setting is another place. */
function placeName(settings: PlaceSettings): string {
  switch (settings.kind) {
    case 'folder':
      return settings.path
    case 'sftp':
      return `sftp://${settings.username}@${settings.host}:${settings.port}/${settings.folder}`
    case 's3':
      return `${settings.endpoint}/${settings.bucket}/${settings.prefix}`
  }
}

export const backupPlaceKind = (backups: Backups) => {
  const secretOf = (settings: PlaceSettings, work: Work): string | null =>
    settings.kind === 'folder' ? null : needLent(work, `backup-place/${placeName(settings)}`)

  return asKind<z.infer<typeof placeShape>>({
    kind: 'backup-place',
    permission: 'own-backup.write',
    stepUp: true,
    shape: placeShape,
    nameOf: ({ settings }) => placeName(settings),
    list: async () =>
      (await backups.get()).places
        .map(({ settings }) => ({ settings }))
        .toSorted((one, other) => placeName(one.settings).localeCompare(placeName(other.settings))),
    check: async ({ settings }, work) => void secretOf(settings, work),
    async put({ settings }, work) {
      const secret = secretOf(settings, work)
      const there = (await backups.get()).places.find(
        (one) => placeName(one.settings) === placeName(settings),
      )
      await backups.addPlace({ settings, secret }, work.actor)
      // Only once the new one has been tried: nobody is left without.
      if (there) await backups.removePlace(there.id, work.actor)
    },
  })
}
