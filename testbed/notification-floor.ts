import { randomBytes } from 'node:crypto'
import type { ChannelId, UserId } from '../contract/ids.ts'
import type { ChannelChange, NoticeDraft, NotificationRules } from '../contract/notifications.ts'
import { notificationRules } from '../contract/notifications.ts'
import type { TargetNode } from '../contract/target-terms.ts'
import { createAudit } from '../server/audit/audit.ts'
import { newAuditKeys } from '../server/audit/keys.ts'
import { serverActor } from '../server/lib/actor.ts'
import { createEvents } from '../server/lib/events.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { createNotices } from '../server/notices/notices.ts'
import { createNotifications, type Notifications } from '../server/notifications/notifications.ts'
import { brokerPorts, mailPorts } from '../server/outgoing/judge.ts'
import { createOutgoing } from '../server/outgoing/outgoing.ts'
import { createSettings } from '../server/settings/settings.ts'
import type { Wishes } from '../server/schedules/wishes.ts'
import { createMasterKey } from '../server/vault/master-key.ts'
import { createVault } from '../server/vault/vault.ts'
import { testDatabase } from './database.ts'
import { createFakeClock } from './fake-clock.ts'

const noSummary = {
  nodesTotal: 0,
  nodesUp: 0,
  nodesDown: 0,
  nodesPaused: 0,
  executionsRunning: 0,
  executionsQueued: 0,
  runsToday: 0,
  runsFailedToday: 0,
  findingsOpen: 0,
  findingsCritical: 0,
  findingsHigh: 0,
  findingsWarning: 0,
  approvalsPending: 0,
  costTodayUsd: 0,
  costMonthUsd: 0,
  lastRunAt: null,
  status: 'ok',
} as const

/** Notifications on a real database with the real way out; what they tell of is the test's to say. */
export async function notificationFloor({
  startsAt = '2026-11-26T12:00:00.000Z',
}: {
  readonly startsAt?: string
} = {}) {
  const clock = createFakeClock({ startsAt })
  const base = await testDatabase(clock)
  const { db } = base
  const logger = createLogger('silent')
  const events = createEvents(logger)
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const newId = createIds(clock)
  const settings = await createSettings({ db, audit, events, clock, logger })
  const vault = createVault({ masterKey: createMasterKey(randomBytes(32), 'file'), db })
  const nodes: TargetNode[] = []
  let summary: Parameters<typeof Object.assign>[0] & typeof noSummary = noSummary
  let wishes: readonly Wishes[] = []
  let current: Notifications

  /** A server as it is after a start: everything that is not in the database is new. */
  async function open(): Promise<void> {
    const outgoing = createOutgoing({ db, settings, audit, clock, logger, own: () => [] })
    const notices = createNotices({ clock, newId, events })
    current = await createNotifications({
      db,
      vault,
      audit,
      notices,
      openWays: ({ http: hosts, mail, mqtt }) => ({
        fetch: outgoing.open('notification', hosts ? { hosts } : {}),
        mail: outgoing.openSockets('mail', { isUsualPort: mailPorts, hosts: mail }),
        broker: outgoing.openSockets('mqtt', { isUsualPort: brokerPorts, hosts: mqtt }),
      }),
      nodes: async () => nodes,
      morning: async () => ({ summary, nodes: [], newFindings: 0, recovered: 0 }),
      states: async () => ({
        nodes: [],
        server: { version: '0', costTodayUsd: 0, costMonthUsd: 0, approvalsPending: 0, findingsOpen: 0 },
      }),
      wishes: async () => wishes,
      publicUrl: 'https://carl.home.lan',
      clock,
      newId,
      logger,
    })
    parts = { notices, outgoing }
  }
  let parts: {
    notices: ReturnType<typeof createNotices>
    outgoing: ReturnType<typeof createOutgoing>
  }
  await open()
  await current!.start()

  /** Lets time pass in steps, each with all that falls due in it, real answers of real servers included. */
  async function pass(ms: number, stepMs = Math.max(1_000, Math.min(ms, 15_000))): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advance(Math.min(stepMs, left))
      current.dispatch.look()
      await current.dispatch.settled()
    }
  }

  async function addChannel(
    wanted: Partial<ChannelChange> & Pick<ChannelChange, 'settings'>,
  ): Promise<ChannelId> {
    const { id } = await current.addChannel(
      { name: wanted.settings.kind, enabled: true, fallbackId: null, secrets: {}, ...wanted },
      serverActor,
    )
    return id
  }

  /** Writes one down, as a feature does. */
  async function tell(draft: Partial<NoticeDraft> = {}): Promise<void> {
    await db.write((tx) => parts.notices.put(tx, aNotice(draft)))
  }

  return {
    db,
    clock,
    events,
    audit,
    settings,
    vault,
    nodes,
    newId,
    get notifications() {
      return current
    },
    get outgoing() {
      return parts.outgoing
    },
    get notices() {
      return parts.notices
    },
    pass,
    addChannel,
    tell,
    allow: (...outgoingHosts: string[]) => settings.change({ outgoingHosts }, serverActor),
    setRules: (rules: Partial<NotificationRules>) =>
      current.setRules(notificationRules.parse(rules), serverActor),
    setSummary: (changed: object): void => {
      summary = { ...noSummary, ...changed }
    },
    /** What documents of schedules say about who is told. */
    setWishes: (said: readonly Wishes[]): void => {
      wishes = said
    },
    addUser: async (): Promise<UserId> => {
      const id = newId('usr')
      const at = clock.now().toISOString()
      await db.write((tx) =>
        tx
          .insertInto('user')
          .values({ id, name: id, role: 'admin', password_hash: '', created_at: at, password_changed_at: at })
          .execute(),
      )
      return id
    },
    /** The messages and what became of them, newest first. */
    log: async () =>
      (await current.deliveries({ limit: 100 })).items.map(({ channelName, state, title, attempts }) => ({
        channelName,
        state,
        title,
        attempts,
      })),
    restart: async (): Promise<void> => {
      await current.stop()
      await open()
      await current.start()
    },
    close: async (): Promise<void> => {
      await current.stop()
      await base.close()
    },
  }
}
export type NotificationFloor = Awaited<ReturnType<typeof notificationFloor>>

export const aNotice = (changed: Partial<NoticeDraft> = {}): NoticeDraft => ({
  kind: 'finding.new',
  severity: 'critical',
  key: 'finding/disk.full:/var',
  title: '/var is 97 % full',
  detail: 'Free some space.',
  nodeId: null,
  nodeName: 'nas',
  agentId: 'system-health',
  page: '/executions/exe_01jd0000000000000000000001',
  ...changed,
})
