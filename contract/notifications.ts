import * as z from 'zod'
import { severity } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { problem } from './errors.ts'
import { agentId, channelId, deliveryId, executionId, nodeId, noticeId, scheduleId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'

// What people hear of

/**
 * What a notice is about. Whoever makes one writes it in the transaction of what it tells, by `notices.put(tx, …)`; so
 * none is lost, and none tells of what was undone.
 */
export const noticeKinds = [
  'finding.new',
  'finding.worse',
  'finding.recovered',
  /** A schedule did not run when it should have. */
  'schedule.overdue',
  /** A plan waits for somebody to approve it. */
  'approval.needed',
  'budget.reached',
  /** Something happened that a trigger waits for, and what it starts could not be started. */
  'trigger.refused',
  /** No backup of the server itself was made, a copy did not arrive, or a restore drill failed. */
  'backup.failed',
  'run.started',
  'run.succeeded',
  'run.failed',
  /** The morning report: all nodes at a glance. */
  'report.morning',
] as const
export const noticeKind = z.enum(noticeKinds)
export type NoticeKind = z.infer<typeof noticeKind>

/** A page of the dashboard. A link in a message opens one, and does nothing by itself. */
const page = z
  .string()
  .max(300)
  .regex(/^\/(?!\/)[\w\-./?=&%~]*$/, 'A path of the dashboard')

/** Languages that messages can come in. */
export const messageLanguage = z.enum(['en', 'de'])
export type MessageLanguage = z.infer<typeof messageLanguage>

/**
 * A sentence of ours with what stands in it, put into words only when a message is made: by then it is known in which
 * language. Which sentences there are, `server/notices/texts/` says.
 */
export const phrase = z.strictObject({
  say: z.string().max(100),
  facts: z.record(z.string().max(40), z.union([z.string().max(2_000), z.number(), z.null()])),
})
export type Phrase = z.infer<typeof phrase>

/** What a feature says when something happened that people may have to hear of. */
export const noticeDraft = z.object({
  kind: noticeKind,
  severity,
  /** The same thing has the same key: `nod_…/system-health/disk.full:/var`, `schedule/…`. Told again only after a while. */
  key: z.string().min(1).max(600),
  /**
   * One sentence without a full stop: ours, or what a node said, which is the same in every language. Whoever shows it
   * makes it harmless.
   */
  title: z.union([z.string().max(2_000), phrase]),
  /** More of it, in plain text; line by line where some of it is ours. */
  detail: z
    .union([z.string().max(8_000), z.array(z.union([z.string().max(2_000), phrase])).max(100)])
    .nullable(),
  nodeId: nodeId.nullable(),
  nodeName: z.string().max(200).nullable(),
  agentId: agentId.nullable(),
  /** What it comes from: whoever a schedule wants to be told hears of what it started. */
  executionId: executionId.optional(),
  scheduleId: scheduleId.optional(),
  page,
})
export type NoticeDraft = z.infer<typeof noticeDraft>

export const notice = noticeDraft.extend({ id: noticeId, at: instant }).meta({ id: 'Notice' })
export type Notice = z.infer<typeof notice>

// Where they go

export const channelKinds = [
  'webhook',
  'email',
  'discord',
  'slack',
  'telegram',
  'ntfy',
  'gotify',
  'pushover',
  'apprise',
  'web-push',
  'mqtt',
  'ping',
] as const
export const channelKind = z.enum(channelKinds)
export type ChannelKind = z.infer<typeof channelKind>

const address = z
  .url({ protocol: /^https?$/, error: 'An address like https://ntfy.home.lan' })
  .max(500)
  .refine((text) => !/[#@]/.test(text), 'An address without name, password and #')
const server = address
  .refine((text) => !text.includes('?'), 'An address without ?')
  .overwrite((text) => text.replace(/\/+$/, ''))
const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|[0-9a-f:.]+)$/, 'A host name or an IP address')
const port = z.number().int().min(1).max(65_535)
const mailbox = z.email('An address like anna@example.com').max(254)
/** What goes into a header or a path: visible characters of ASCII. */
const token = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'Letters, digits and signs, no spaces')
/** One word of a topic or a path. */
const word = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, 'Letters, digits, - and _')

/** What is shown of a channel. All that opens something is among its secrets. */
export const channelSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook') }),
  z.strictObject({
    kind: z.literal('email'),
    host,
    port: port.default(587),
    /** `starttls` and `tls` refuse to go on unencrypted. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    username: z.string().trim().max(254).default(''),
    from: mailbox,
    to: z.array(mailbox).min(1).max(20),
  }),
  z.strictObject({ kind: z.literal('discord') }),
  z.strictObject({ kind: z.literal('slack') }),
  z.strictObject({
    kind: z.literal('telegram'),
    server: server.default('https://api.telegram.org'),
    chatId: z
      .string()
      .trim()
      .regex(/^(?:-?\d{1,20}|@[A-Za-z0-9_]{4,64})$/, 'A number like -1001234567, or @channel'),
  }),
  z.strictObject({ kind: z.literal('ntfy'), server: server.default('https://ntfy.sh'), topic: word }),
  z.strictObject({ kind: z.literal('gotify'), server }),
  z.strictObject({ kind: z.literal('pushover'), server: server.default('https://api.pushover.net') }),
  z.strictObject({
    kind: z.literal('apprise'),
    server,
    tag: z
      .string()
      .trim()
      .max(100)
      .regex(/^[A-Za-z0-9_, -]*$/)
      .default(''),
  }),
  z.strictObject({ kind: z.literal('web-push') }),
  z.strictObject({
    kind: z.literal('mqtt'),
    host,
    port: port.default(1_883),
    security: z.enum(['tls', 'none']).default('none'),
    username: z.string().trim().max(254).default(''),
    topic: word.default('carl'),
    /** Whether Home Assistant is told of each node as a device. */
    discovery: z.boolean().default(true),
    discoveryPrefix: word.default('homeassistant'),
  }),
  z.strictObject({
    kind: z.literal('ping'),
    flavour: z.enum(['healthchecks', 'uptime-kuma']).default('healthchecks'),
  }),
])
export type ChannelSettings = z.infer<typeof channelSettings>
export type SettingsOf<Kind extends ChannelKind> = Extract<ChannelSettings, { kind: Kind }>

/** What is sealed of each kind. An address that lets whoever knows it post is a secret as a whole. */
export const channelSecrets = {
  webhook: z.strictObject({
    url: address,
    /** At least 16 characters; `whsec_…` is read as base64. */
    secret: token.min(16),
  }),
  email: z.strictObject({ password: z.string().min(1).max(1_000).optional() }),
  discord: z.strictObject({ url: address }),
  slack: z.strictObject({ url: address }),
  telegram: z.strictObject({ token: token.regex(/^\d+:[\w-]+$/, 'A token like 123456:ABC-DEF') }),
  ntfy: z.strictObject({ token: token.optional() }),
  gotify: z.strictObject({ token }),
  pushover: z.strictObject({ token, user: token }),
  apprise: z.strictObject({ configKey: word }),
  'web-push': z.strictObject({}),
  mqtt: z.strictObject({ password: z.string().min(1).max(1_000).optional() }),
  ping: z.strictObject({ url: address }),
} as const satisfies Record<ChannelKind, z.ZodType>
export type SecretsOf<Kind extends ChannelKind> = z.infer<(typeof channelSecrets)[Kind]>

export const channelChange = z.strictObject({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  /** Takes over what this one could not send after three attempts. */
  fallbackId: channelId.nullable().default(null),
  settings: channelSettings,
  /** By name. Of a channel that is there, those left out stay, unless it goes to another place now; null takes one away. */
  secrets: z.record(z.string().max(40), z.string().max(2_000).nullable()).default({}),
})
export type ChannelChange = z.infer<typeof channelChange>

export const channel = z
  .object({
    id: channelId,
    name: z.string(),
    enabled: z.boolean(),
    fallbackId: channelId.nullable(),
    settings: channelSettings,
    /** Names of the secrets that are stored. */
    secrets: z.array(z.string()),
    /** The host it goes to; null for web push, which goes wherever browsers say. */
    place: z.string().nullable(),
    lastSentAt: instant.nullable(),
    /** What went wrong last, until something is sent again. */
    lastProblem: problem.nullable(),
    /** Messages that wait to be sent or sent again. */
    waiting: z.number(),
    updatedAt: instant,
  })
  .meta({ id: 'Channel' })
export type Channel = z.infer<typeof channel>

// What goes where, and when

/** A clock's time, `07:30`. */
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'A time like 07:30')

export const notificationRoute = z.strictObject({
  kinds: z.array(noticeKind).min(1).max(noticeKinds.length),
  /** Nothing milder than this. Recovery counts as what it was before. */
  least: severity,
  /** Which nodes, as in a run: names, globs, `tag:…`. None stands for all, and for what is about no node. */
  targets: z.array(z.string().trim().min(1).max(200)).max(50).default([]),
  /** None stands for all. */
  agents: z.array(agentId).max(50).default([]),
  channelIds: z.array(channelId).min(1).max(50),
})
export type NotificationRoute = z.infer<typeof notificationRoute>

export const notificationRules = z.strictObject({
  /** Each that fits counts; a channel hears of a thing once. */
  routes: z.array(notificationRoute).max(50).default([]),
  /** What messages are written in. What nodes and agents say stays as it is. */
  language: messageLanguage.default('en'),
  /** The zone that the times are meant in. */
  zone: z.string().min(1).max(100).default('UTC'),
  /** From one time to the other, messages are held; then one message sums them up. */
  quiet: z
    .strictObject({
      isOn: z.boolean().default(false),
      from: timeOfDay.default('22:00'),
      to: timeOfDay.default('07:00'),
      /** What is critical comes at once. */
      exceptCritical: z.boolean().default(true),
    })
    .prefault({}),
  report: z
    .strictObject({
      isOn: z.boolean().default(false),
      at: timeOfDay.default('07:30'),
      channelIds: z.array(channelId).max(50).default([]),
    })
    .prefault({}),
  /** What happens within so many seconds goes out as one message. */
  groupSeconds: z.number().int().min(0).max(3_600).default(60),
  /** The same of the same thing is told again only after so many minutes; 0 for always. */
  repeatAfterMinutes: z.number().int().min(0).max(10_080).default(60),
})
export type NotificationRules = z.infer<typeof notificationRules>

// What became of it

/**
 * The life of one message to one channel: `waiting` to be sent, or to be sent again; then `sent`, `failed` for good, or
 * `handed-over` to the channel that stands in.
 */
export const deliveryState = z.enum(['waiting', 'sent', 'failed', 'handed-over'])
export type DeliveryState = z.infer<typeof deliveryState>

export const delivery = z
  .object({
    id: deliveryId,
    at: instant,
    channelId,
    channelName: z.string(),
    channelKind,
    state: deliveryState,
    /** What it says on top. */
    title: z.string(),
    /** How many notices are in it. */
    notices: z.number(),
    attempts: z.number(),
    nextAt: instant.nullable(),
    sentAt: instant.nullable(),
    problem: problem.nullable(),
    /** Of a stand-in: the message it took over. */
    insteadOf: deliveryId.nullable(),
  })
  .meta({ id: 'Delivery' })
export type Delivery = z.infer<typeof delivery>

/** Notices that are not in a message yet. */
export const heldNotices = z.object({
  channelId,
  channelName: z.string(),
  notices: z.number(),
  dueAt: instant,
  /** Gathered with what else happens now, held over quiet hours, or behind a message that cannot be sent. */
  why: z.enum(['gathering', 'quiet', 'behind']),
})
export type HeldNotices = z.infer<typeof heldNotices>

/** What came of a message that was only meant to see whether one arrives. */
export const channelTrial = z
  .object({ isSent: z.boolean(), problem: problem.nullable(), durationMs: z.number() })
  .meta({ id: 'ChannelTrial' })
export type ChannelTrial = z.infer<typeof channelTrial>

/** What a browser gives for being woken: RFC 8030 and 8291. */
export const pushSubscription = z.strictObject({
  endpoint: z.url({ protocol: /^https$/ }).max(1_000),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[\w-]{80,100}$/),
    auth: z.string().regex(/^[\w-]{20,30}$/),
  }),
})
export type PushSubscription = z.infer<typeof pushSubscription>

const params = z.object({ id: channelId })

export const notificationsApi = defineApi({
  notifications: {
    get: {
      method: 'GET',
      path: '/notifications',
      summary: 'Show the channels, and what goes where and when',
      permission: 'notification.read',
      reply: z.object({
        channels: z.array(channel),
        rules: notificationRules,
        /** Browsers that are woken by web push. */
        browsers: z.number(),
        /** Whether messages can link to the dashboard: the server knows its address (PUBLIC_URL). */
        canLink: z.boolean(),
        nextReportAt: instant.nullable(),
      }),
    },
    addChannel: {
      method: 'POST',
      path: '/notifications/channels',
      summary: 'Add a channel; the first one gets a route for all that needs somebody',
      permission: 'notification.write',
      stepUp: true,
      body: channelChange,
      reply: channel,
      status: 201,
      errors: ['channel.name_taken', 'channel.secret_missing', 'channel.fallback_loop', 'channel.not_found'],
    },
    changeChannel: {
      method: 'PUT',
      path: '/notifications/channels/:id',
      summary: 'Change a channel',
      permission: 'notification.write',
      stepUp: true,
      params,
      body: channelChange,
      reply: channel,
      errors: ['channel.not_found', 'channel.name_taken', 'channel.secret_missing', 'channel.fallback_loop'],
    },
    removeChannel: {
      method: 'DELETE',
      path: '/notifications/channels/:id',
      summary: 'Remove a channel with what waits for it',
      permission: 'notification.write',
      stepUp: true,
      params,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['channel.not_found'],
    },
    testChannel: {
      method: 'POST',
      path: '/notifications/channels/:id/test',
      summary: 'Send a test message by a channel',
      permission: 'notification.write',
      params,
      body: z.strictObject({}),
      reply: channelTrial,
      errors: ['channel.not_found'],
    },
    tryChannel: {
      method: 'POST',
      path: '/notifications/try',
      summary: 'Send a test message by a channel as it would be, before it is saved',
      permission: 'notification.write',
      stepUp: true,
      body: z.strictObject({
        /** The channel whose stored secrets count. */
        id: channelId.nullable().default(null),
        channel: channelChange,
      }),
      reply: channelTrial,
      errors: ['channel.not_found', 'channel.secret_missing'],
    },
    setRules: {
      method: 'PUT',
      path: '/notifications/rules',
      summary: 'Say what goes where, when it is quiet, and when the morning report comes',
      permission: 'notification.write',
      stepUp: true,
      body: notificationRules,
      reply: notificationRules,
      errors: ['channel.not_found'],
    },
    report: {
      method: 'POST',
      path: '/notifications/report',
      summary: 'Send the morning report now',
      permission: 'notification.write',
      body: z.strictObject({}),
      reply: z.object({ channels: z.number() }),
    },
    deliveries: {
      method: 'GET',
      path: '/notifications/deliveries',
      summary: 'List messages and what became of them, newest first',
      permission: 'notification.read',
      query: pageQuery.extend({ channelId: channelId.optional(), state: deliveryState.optional() }),
      reply: pageOf(delivery).extend({ held: z.array(heldNotices) }),
    },
    sendAgain: {
      method: 'POST',
      path: '/notifications/deliveries/:id/send',
      summary: 'Send a message again, or at once if it waits',
      permission: 'notification.write',
      params: z.object({ id: deliveryId }),
      body: z.strictObject({}),
      reply: delivery,
      errors: ['delivery.not_found'],
    },
    pushKey: {
      method: 'GET',
      path: '/notifications/push',
      summary: 'Show the key that a browser needs to be woken, and whether this server uses web push',
      permission: 'account.read',
      reply: z.object({ isOn: z.boolean(), publicKey: z.string().nullable() }),
    },
    subscribe: {
      method: 'POST',
      path: '/notifications/push',
      summary: 'Have this browser woken',
      permission: 'account.write',
      body: pushSubscription,
      reply: z.object({ browsers: z.number() }),
      status: 201,
      errors: ['channel.not_found'],
    },
    unsubscribe: {
      method: 'DELETE',
      path: '/notifications/push',
      summary: 'Wake your browsers no more',
      permission: 'account.write',
      reply: z.object({ removed: z.number() }),
    },
  },
})
