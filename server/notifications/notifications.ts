import type { ChannelId, DeliveryId, UserId } from '../../contract/ids.ts'
import type {
  Channel,
  ChannelChange,
  Delivery,
  NotificationRules,
  PushSubscription,
} from '../../contract/notifications.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { TargetNode } from '../../contract/target-terms.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { toPage } from '../lib/page.ts'
import type { Notices } from '../notices/notices.ts'
import type { OutgoingFetch, OutgoingSocket, PurposeOptions } from '../outgoing/outgoing.ts'
import type { Wishes } from '../schedules/wishes.ts'
import type { Vault } from '../vault/vault.ts'
import { createChannels } from './channels.ts'
import { createDeliver } from './deliver.ts'
import { createDispatch } from './dispatch.ts'
import type { MorningFacts } from './morning.ts'
import { createMorningReport } from './morning-report.ts'
import { createPush } from './push.ts'
import { readRules, writeRules } from './rules.ts'
import { createScheduleChannels } from './schedule-channels.ts'
import { createStates, type ReadStates } from './states.ts'
import { createNotificationStore } from './store.ts'
import { minutesOf } from './times.ts'
import { createTrials } from './trials.ts'

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
  readonly states: ReadStates
  /** Of every schedule that says so itself: who wants to hear of what it starts. */
  readonly wishes: () => Promise<readonly Wishes[]>
  /** The address people open; null when the server was not told. */
  readonly publicUrl: string | null
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}
type Hosts = () => readonly string[]

/** What schedules want is learnt so soon after one was changed, milliseconds. */
const wishesSoonMs = 100

/** Being told: what happened goes to whom it concerns, once, when they want it. */
export async function createNotifications(tools: NotificationTools) {
  const { db, vault, audit, notices, clock, newId, logger, publicUrl } = tools
  const store = createNotificationStore(db)
  let current = await readRules(store)
  const rules = () => current
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
    rules,
    nodes: tools.nodes,
    clock,
    newId,
    logger,
  })
  const leaving = new AbortController()
  const { signal } = leaving
  const trials = createTrials({ db, store, channels, deliver, audit, rules, clock, newId, signal })
  const report = createMorningReport({
    db,
    store,
    notices,
    rules,
    morning: tools.morning,
    clock,
    logger,
    signal,
  })
  const states = createStates({ db, store, channels, broker, states: tools.states, clock, logger, signal })
  let callOffLearning: () => void = () => {}
  let learning: Promise<void> = Promise.resolve()
  wantRuns()

  /** Runs are told of only where somebody wants that: each would write rows that nobody reads. */
  function wantRuns(): void {
    const kinds = [...current.routes, ...wished].flatMap((one) => [...one.kinds])
    notices.want(new Set(kinds))
  }

  /** A schedule was changed, perhaps in who is told; many are at once, when many run. */
  function onSchedules(): void {
    if (willLearn || signal.aborted) return
    willLearn = true
    const learn = async () => {
      willLearn = false
      wished = await tools.wishes()
      wantRuns()
      await scheduleChannels.settle()
    }
    callOffLearning = clock.after(wishesSoonMs, () => {
      learning = learn().catch((error: unknown) => logger.error({ err: error }, 'wishes not learnt'))
    })
  }

  async function reroute(tx: Tx, change: (rules: NotificationRules) => NotificationRules): Promise<void> {
    await writeRules(store, tx, change(await readRules(store, tx)), clock.now())
  }

  async function refresh(): Promise<void> {
    current = await readRules(store)
    places = await store.channels()
    wantRuns()
    dispatch.wake()
    states.publishSoon()
  }

  async function state() {
    const [listed, next] = await Promise.all([channels.list(), report.nextAt()])
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
      const before = await readRules(store, tx)
      await writeRules(store, tx, wanted, now)
      if (JSON.stringify(before.quiet) !== JSON.stringify(wanted.quiet) || before.zone !== wanted.zone) {
        await store.releaseQuiet(tx, now.toISOString())
      }
      await report.putNext(tx, wanted, now)
      await audit.append(tx, {
        actor,
        action: 'notifications.changed',
        target: null,
        detail: { before, after: wanted },
      })
    })
    await refresh()
    report.plan()
    return current
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
    await report.start()
    states.publishSoon()
    dispatch.wake(0)
  }

  async function stop(): Promise<void> {
    leaving.abort(new Error('the server stops'))
    callOffLearning()
    report.stop()
    const published = states.stop()
    await dispatch.stop()
    await Promise.all([published, learning])
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
    ...trials,
    report: report.make,
    deliveries,
    sendAgain,
    pushKey,
    subscribe,
    unsubscribe: push.unsubscribe,
    publishStates: states.publishNow,
    /** Something was written down. */
    onNotice: (): void => dispatch.wake(),
    onNodes: states.publishSoon,
    onSchedules,
    dispatch,
    removeBefore: (before: Date): Promise<number> =>
      db.write((tx) => store.removeBefore(tx, before.toISOString())),
  }
}
export type Notifications = Awaited<ReturnType<typeof createNotifications>>
