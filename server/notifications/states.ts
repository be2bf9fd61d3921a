import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { publish } from '../outgoing/broker.ts'
import type { OutgoingSocket } from '../outgoing/outgoing.ts'
import { toBroker } from './channels/broker.ts'
import type { Channels } from './channels.ts'
import { type NodeState, type ServerState, toHomeAssistant } from './home-assistant.ts'
import type { NotificationStore } from './store.ts'

/** Under this name stand the nodes that brokers were told of. */
const devicesName = 'devices'
/** How often Home Assistant hears how things are, milliseconds. */
const everyMs = 5 * 60_000
const soonMs = 5_000

/** How every node and the server are, now. */
export type ReadStates = () => Promise<{ readonly nodes: readonly NodeState[]; readonly server: ServerState }>

interface StateTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly channels: Pick<Channels, 'open'>
  readonly broker: OutgoingSocket
  readonly states: ReadStates
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the server stops. */
  readonly signal: AbortSignal
}

/** Tells Home Assistant, by way of brokers, how things are: soon after a change, and again and again. */
export function createStates({ db, store, channels, broker, states, clock, logger, signal }: StateTools) {
  let callOff: () => void = () => {}
  let dueAtMs = Number.POSITIVE_INFINITY
  let publishing: Promise<void> = Promise.resolve()

  /** Of many changes in a row the first one says when: nodes that never rest must not put it off for ever. */
  function publishSoon(ms = soonMs): void {
    const dueMs = clock.monotonicMs() + ms
    if (signal.aborted || dueMs >= dueAtMs) return
    dueAtMs = dueMs
    callOff()
    callOff = clock.after(ms, () => {
      dueAtMs = Number.POSITIVE_INFINITY
      publishing = publishNow()
        .catch((error: unknown) => logger.error({ err: error }, 'states not published'))
        .finally(() => publishSoon(everyMs))
    })
  }

  /** Tells every broker how things are. */
  async function publishNow(): Promise<void> {
    const brokers = (await store.channels()).filter(({ kind, enabled }) => kind === 'mqtt' && enabled)
    if (brokers.length === 0) return
    const { nodes, server } = await states()
    const ids = nodes.map(({ id }) => id)
    const before = JSON.parse((await store.setup(devicesName)) ?? '[]') as string[]
    const gone = before.filter((id) => !(ids as string[]).includes(id))
    for (const channel of brokers) {
      const { settings, secrets } = channels.open(channel)
      if (settings.kind !== 'mqtt') continue
      const to = toBroker(settings, secrets, `${settings.topic}-states`)
      await publish(broker, to, toHomeAssistant(settings, nodes, server, gone), signal).catch(
        (error: unknown) => logger.warn({ err: error, channelId: channel.id }, 'states not published'),
      )
    }
    await db.write((tx) => store.putSetup(tx, devicesName, JSON.stringify(ids), clock.now().toISOString()))
  }

  /** Resolves when nothing is under way any more. */
  async function stop(): Promise<void> {
    callOff()
    await publishing
  }

  return { publishSoon: () => publishSoon(), publishNow, stop }
}
