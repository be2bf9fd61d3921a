import type { ChannelId, DeliveryId, UserId } from '../../contract/ids.ts'
import {
  type Channel,
  type ChannelChange,
  type ChannelTrial,
  type Delivery,
  type NotificationRules,
  notificationRules,
  type PushSubscription,
} from '../../contract/notifications.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { TargetNode } from '../../contract/target-terms.ts'
import type { Audit } from '../audit/audit.ts'
import { dayOf } from '../costs/calendar.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { toPage } from '../lib/page.ts'
import type { Notices } from '../notices/notices.ts'
import { say, tongueOf } from '../notices/say.ts'
import { publish } from '../outgoing/broker.ts'
import type { OutgoingFetch, OutgoingSocket, PurposeOptions } from '../outgoing/outgoing.ts'
import type { Wishes } from '../schedules/wishes.ts'
import type { Vault } from '../vault/vault.ts'
import { toBroker } from './channels/broker.ts'
import { createChannels, type OpenChannel } from './channels.ts'
import { createDeliver } from './deliver.ts'
import { createDispatch } from './dispatch.ts'
import { type NodeState, type ServerState, toHomeAssistant } from './home-assistant.ts'
import type { Message } from './message.ts'
import { type MorningFacts, toMorningReport } from './morning.ts'
import { createPush } from './push.ts'
import { createScheduleChannels } from './schedule-channels.ts'
import { createNotificationStore } from './store.ts'
import { minutesOf, nextTimeOfDay } from './times.ts'

interface NotificationTools {
  readonly db: Database
  readonly vault: Pick<Vault, 'seal' | 'open'>
  readonly audit: Audit
  readonly notices: Notices
  /** Opens the ways out; what is set up is listed there. */
  readonly openWays: (hosts: {
    readonly http: PurposeOptions['hosts']
    readonly mail: Hosts
    readonly mqtt: Hosts
  }) => {
    readonly fetch: OutgoingFetch
    readonly mail: OutgoingSocket
    readonly broker: OutgoingSocket
  }
  readonly nodes: () => Promise<readonly TargetNode[]>
  readonly morning: (since: Date) => Promise<MorningFacts>
  readonly states: () => Promise<{ readonly nodes: readonly NodeState[]; readonly server: ServerState }>
  /** Of every schedule that says so itself: who wants to hear of what it starts. */
  readonly wishes: () => Promise<readonly Wishes[]>
  /** The address people open; null when the server was not told. */
  readonly publicUrl: string | null
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}
type Hosts = () => readonly string[]

const rulesName = 'rules'
const reportName = 'next-report'
const devicesName = 'devices'
/** A report that could not be made in time still comes so much later, milliseconds. */
const reportLateMs = 6 * 3_600_000
const reportAgainMs = 60_000
const dayMs = 86_400_000
/** How often Home Assistant hears how things are, milliseconds. */
const statesEveryMs = 5 * 60_000
const statesSoonMs = 5_000
/** What schedules want is learnt so soon after one was changed, milliseconds. */
const wishesSoonMs = 100

/** Being told: what happened goes to whom it concerns, once, when they want it. */
export async function createNotifications(tools: NotificationTools) {
  const { db, vault, audit, notices, clock, newId, logger, publicUrl } = tools
  const store = createNotificationStore(db)
  let current = parseRules(await store.setup(rulesName))
  /** What schedules say of their own about who is told. */
  let wished = await tools.wishes()
  let willLearn = false
  /** What the page of outgoing hosts lists, kept beside the rows: it is asked for without waiting. */
  let places: readonly { readonly kind: string; readonly place: string | null }[] = await store.channels()

  const placesOf = (...kinds: string[]): string[] =>
    places.flatMap(({ kind, place }) => (place !== null && kinds.includes(kind) ? [place] : []))
  const { fetch, mail, broker } = tools.openWays({
    http: () =>
      places.flatMap(({ kind, place }) =>
        place !== null && kind !== 'email' && kind !== 'mqtt' ? [`https://${place}`] : [],
      ),
    mail: () => placesOf('email'),
    mqtt: () => placesOf('mqtt'),
  })
  const link = (page: string): string | null => (publicUrl === null ? null : `${publicUrl}${page}`)
  const contact = publicUrl?.startsWith('https:') ? publicUrl : 'mailto:carl@carl.invalid'
  const push = createPush({ db, vault, clock, contact })
  const channels = createChannels({ db, store, vault, audit, clock, newId, reroute })
  const scheduleChannels = createScheduleChannels({
    db,
    store,
    vault,
    audit,
    clock,
    newId,
    wishes: tools.wishes,
    changed: async () => {
      places = await store.channels()
    },
  })
  const deliver = createDeliver({ fetch, mail, broker, push, link, clock })
  const dispatch = createDispatch({
    db,
    store,
    channels,
    scheduleChannels,
    deliver,
    rules: () => current,
    nodes: tools.nodes,
    clock,
    newId,
    logger,
  })
  const callOffs = new Map<string, () => void>()
  const leaving = new AbortController()
  let publishing: Promise<void> = Promise.resolve()
  let learning: Promise<void> = Promise.resolve()
  let publishAtMs = Number.POSITIVE_INFINITY
  wantRuns()

  /** Runs are told of only where somebody wants that: each would write rows that nobody reads. */
  function wantRuns(): void {
    const kinds = [...current.routes, ...wished].flatMap((one) => [...one.kinds])
    notices.want(new Set(kinds))
  }

  /** A schedule was changed, perhaps in who is told; many are at once, when many run. */
  function onSchedules(): void {
    if (willLearn || leaving.signal.aborted) return
    willLearn = true
    const learn = async () => {
      willLearn = false
      wished = await tools.wishes()
      wantRuns()
      await scheduleChannels.settle()
    }
    callOffs.set(
      'wishes',
      clock.after(wishesSoonMs, () => {
        learning = learn().catch((error: unknown) => logger.error({ err: error }, 'wishes not learnt'))
      }),
    )
  }

  async function reroute(tx: Tx, change: (rules: NotificationRules) => NotificationRules): Promise<void> {
    const next = change(parseRules(await store.setup(rulesName, tx)))
    await store.putSetup(tx, rulesName, JSON.stringify(next), clock.now().toISOString())
  }

  async function refresh(): Promise<void> {
    current = parseRules(await store.setup(rulesName))
    places = await store.channels()
    wantRuns()
    dispatch.wake()
    publishSoon()
  }

  async function state() {
    const [listed, next] = await Promise.all([channels.list(), store.setup(reportName)])
    return {
      channels: listed,
      rules: current,
      browsers: await push.browsers(),
      canLink: publicUrl !== null,
      nextReportAt: current.report.isOn ? next : null,
    }
  }

  /** The channels that people made; those that schedules bring along come and go with them. */
  async function ownChannels(): Promise<Channel[]> {
    const ofSchedules = new Set(
      (await store.channels()).flatMap(({ id, scheduleId }) => (scheduleId === null ? [] : [id])),
    )
    return (await state()).channels.filter(({ id }) => !ofSchedules.has(id))
  }

  async function one(id: ChannelId): Promise<Channel> {
    const found = (await channels.list()).find((channel) => channel.id === id)
    if (!found) throw fail('channel.not_found')
    return found
  }

  /** Throws `channel.*` and `request.invalid`. */
  async function addChannel(wanted: ChannelChange, actor: Actor): Promise<Channel> {
    const id = await channels.add(wanted, actor)
    await refresh()
    return one(id)
  }

  async function changeChannel(id: ChannelId, wanted: ChannelChange, actor: Actor): Promise<Channel> {
    await channels.change(id, wanted, actor)
    await refresh()
    return one(id)
  }

  async function removeChannel(id: ChannelId, actor: Actor): Promise<void> {
    await channels.remove(id, actor)
    await refresh()
  }

  /** Throws `request.invalid` for a zone that is none, and `channel.not_found`. */
  async function setRules(wanted: NotificationRules, actor: Actor): Promise<NotificationRules> {
    const now = clock.now()
    minutesOf(now, wanted.zone)
    const named = [...wanted.routes.flatMap(({ channelIds }) => channelIds), ...wanted.report.channelIds]
    await db.write(async (tx) => {
      const known = new Set((await store.channels(tx)).map(({ id }) => id))
      if (named.some((id) => !known.has(id))) throw fail('channel.not_found')
      const before = parseRules(await store.setup(rulesName, tx))
      await store.putSetup(tx, rulesName, JSON.stringify(wanted), now.toISOString())
      if (JSON.stringify(before.quiet) !== JSON.stringify(wanted.quiet) || before.zone !== wanted.zone) {
        await store.releaseQuiet(tx, now.toISOString())
      }
      await store.putSetup(tx, reportName, nextReport(wanted, now), now.toISOString())
      await audit.append(tx, {
        actor,
        action: 'notifications.changed',
        target: null,
        detail: { before, after: wanted },
      })
    })
    await refresh()
    planReport()
    return current
  }

  // Tests

  async function test(id: ChannelId, actor: Actor): Promise<ChannelTrial> {
    const channel = await channels.find(id)
    const trial = await tryOut(channels.open(channel))
    await db.write(async (tx) => {
      if (trial.problem) await store.noteChannel(tx, id, { problem: trial.problem })
      else await store.noteChannel(tx, id, { sentAt: clock.now().toISOString() })
      const detail = { problem: trial.problem?.code ?? null }
      await audit.append(tx, { actor, action: 'channel.tested', target: id, detail })
    })
    return trial
  }

  async function tryDraft(id: ChannelId | null, wanted: ChannelChange, actor: Actor): Promise<ChannelTrial> {
    const draft = await channels.draft(id, wanted)
    const trial = await tryOut(draft)
    const detail = { kind: wanted.settings.kind, problem: trial.problem?.code ?? null }
    await db.write((tx) => audit.append(tx, { actor, action: 'channel.tested', target: id, detail }))
    return trial
  }

  async function tryOut(channel: OpenChannel): Promise<ChannelTrial> {
    const startedMs = clock.monotonicMs()
    const result = await deliver(channel, testMessage(), leaving.signal)
    const durationMs = Math.round(clock.monotonicMs() - startedMs)
    return result.kind === 'sent'
      ? { isSent: true, problem: null, durationMs }
      : { isSent: false, problem: result.problem, durationMs }
  }

  function testMessage(): Message {
    const { language } = current
    const { put } = tongueOf(language)
    const title = put(say('test.title'))
    const line = {
      kind: 'report.morning',
      severity: 'info',
      text: title,
      page: '/settings?tab=notifications',
    } as const
    return {
      id: newId('dlv'),
      at: clock.now().toISOString(),
      title,
      severity: 'info',
      lines: [line],
      detail: [put(say('test.text'))],
      page: line.page,
      language,
    }
  }

  // The morning report

  const nextReport = ({ report, zone }: NotificationRules, now: Date): string =>
    nextTimeOfDay(now, report.at, zone).toISOString()

  /** Waits for the next report; what a stopped server missed comes late, or not at all after some hours. */
  function planReport(atLeastMs = 0): void {
    callOffs.get(reportName)?.()
    if (!current.report.isOn || leaving.signal.aborted) return
    void store.setup(reportName).then((planned) => {
      if (leaving.signal.aborted) return
      const now = clock.now()
      const ms = Date.parse(planned ?? nextReport(current, now)) - now.getTime()
      // A timer cannot wait for longer than this, and a clock that is set may not be waited for.
      const wait = Math.min(Math.max(ms, atLeastMs), 3_600_000)
      callOffs.set(
        reportName,
        clock.after(wait, () => void reportIfDue().then((isDone) => planReport(isDone ? 0 : reportAgainMs))),
      )
    })
  }

  /** False when it has to be tried again. */
  async function reportIfDue(): Promise<boolean> {
    try {
      const now = clock.now()
      const planned = await store.setup(reportName)
      if (planned === null || planned > now.toISOString() || !current.report.isOn) return true
      const isWorthIt = now.getTime() - Date.parse(planned) <= reportLateMs
      const facts = isWorthIt ? await tools.morning(new Date(now.getTime() - dayMs)) : null
      await db.write(async (tx) => {
        // In one transaction, so that no restart makes two of one or none.
        if ((await store.setup(reportName, tx)) !== planned) return
        await store.putSetup(tx, reportName, nextReport(current, now), now.toISOString())
        if (facts) await notices.put(tx, toMorningReport(dayOf(now, current.zone), facts))
      })
      return true
    } catch (error) {
      logger.error({ err: error }, 'morning report not made')
      return false
    }
  }

  /** Makes the report at once. Resolves with how many channels get it. */
  async function report(): Promise<number> {
    const now = clock.now()
    const facts = await tools.morning(new Date(now.getTime() - dayMs))
    const made = toMorningReport(now.toISOString(), facts)
    await db.write((tx) => notices.put(tx, made))
    return new Set(current.report.channelIds).size
  }

  // Home Assistant

  /** Of many changes in a row the first one says when: nodes that never rest must not put it off for ever. */
  function publishSoon(ms = statesSoonMs): void {
    const dueMs = clock.monotonicMs() + ms
    if (leaving.signal.aborted || dueMs >= publishAtMs) return
    publishAtMs = dueMs
    callOffs.get(devicesName)?.()
    callOffs.set(
      devicesName,
      clock.after(ms, () => {
        publishAtMs = Number.POSITIVE_INFINITY
        publishing = publishStates()
          .catch((error: unknown) => logger.error({ err: error }, 'states not published'))
          .finally(() => publishSoon(statesEveryMs))
      }),
    )
  }

  /** Tells every broker how things are. */
  async function publishStates(): Promise<void> {
    const brokers = (await store.channels()).filter(({ kind, enabled }) => kind === 'mqtt' && enabled)
    if (brokers.length === 0) return
    const { nodes, server } = await tools.states()
    const ids = nodes.map(({ id }) => id)
    const before = JSON.parse((await store.setup(devicesName)) ?? '[]') as string[]
    const gone = before.filter((id) => !(ids as string[]).includes(id))
    for (const channel of brokers) {
      const { settings, secrets } = channels.open(channel)
      if (settings.kind !== 'mqtt') continue
      const to = toBroker(settings, secrets, `${settings.topic}-states`)
      await publish(broker, to, toHomeAssistant(settings, nodes, server, gone), leaving.signal).catch(
        (error: unknown) => logger.warn({ err: error, channelId: channel.id }, 'states not published'),
      )
    }
    await db.write((tx) => store.putSetup(tx, devicesName, JSON.stringify(ids), clock.now().toISOString()))
  }

  // What became of messages

  /** One page of messages, newest first; the cursor is the id of the last one seen. */
  async function deliveries(
    query: PageQuery & { channelId?: ChannelId | undefined; state?: Delivery['state'] | undefined },
  ) {
    const { cursor, limit, channelId, state: wanted } = query
    const found = await store.deliveries({
      before: cursor ?? null,
      limit: limit + 1,
      channelId,
      state: wanted,
    })
    return {
      ...toPage(found, limit, (last) => last.id),
      held: await store.held(clock.now().toISOString()),
    }
  }

  /** Sends a message at once that waits, failed, or was sent. Throws `delivery.not_found`. */
  async function sendAgain(id: DeliveryId, actor: Actor): Promise<Delivery> {
    await db.write(async (tx) => {
      const found = await store.findDelivery(id, tx)
      if (!found) throw fail('delivery.not_found')
      await store.noteDelivery(tx, id, { state: 'waiting', attempts: 0, nextAt: clock.now().toISOString() })
      const detail = { channelId: found.channelId, state: found.state }
      await audit.append(tx, { actor, action: 'delivery.sent-again', target: id, detail })
    })
    dispatch.wake(0)
    const [again] = await store.deliveries({
      before: `${id}~`,
      limit: 1,
      channelId: undefined,
      state: undefined,
    })
    if (!again) throw fail('delivery.not_found')
    return again
  }

  // Browsers

  async function pushKey() {
    const isOn = places.some(({ kind }) => kind === 'web-push')
    return { isOn, publicKey: isOn ? (await push.keys()).publicKey : null }
  }

  /** Throws `channel.not_found` while there is no channel for web push. */
  async function subscribe(userId: UserId, subscription: PushSubscription): Promise<number> {
    if (!places.some(({ kind }) => kind === 'web-push')) throw fail('channel.not_found')
    await push.subscribe(userId, subscription)
    return push.browsers()
  }

  async function start(): Promise<void> {
    const now = clock.now()
    if (current.report.isOn && (await store.setup(reportName)) === null) {
      await db.write((tx) => store.putSetup(tx, reportName, nextReport(current, now), now.toISOString()))
    }
    planReport()
    publishSoon()
    dispatch.wake(0)
  }

  async function stop(): Promise<void> {
    leaving.abort(new Error('the server stops'))
    for (const callOff of callOffs.values()) callOff()
    await dispatch.stop()
    await Promise.all([publishing, learning])
  }

  return {
    start,
    stop,
    state,
    ownChannels,
    addChannel,
    changeChannel,
    removeChannel,
    setRules,
    test,
    tryDraft,
    report,
    deliveries,
    sendAgain,
    pushKey,
    subscribe,
    unsubscribe: push.unsubscribe,
    publishStates,
    /** Something was written down. */
    onNotice: (): void => dispatch.wake(),
    onNodes: (): void => publishSoon(),
    onSchedules,
    dispatch,
    removeBefore: (before: Date): Promise<number> =>
      db.write((tx) => store.removeBefore(tx, before.toISOString())),
  }
}
export type Notifications = Awaited<ReturnType<typeof createNotifications>>

/** What was stored by another version, or nothing yet, is read with the defaults. */
function parseRules(text: string | null): NotificationRules {
  const parsed = notificationRules.safeParse(text === null ? {} : JSON.parse(text))
  return parsed.success ? parsed.data : notificationRules.parse({})
}
