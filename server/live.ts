import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { ExecutionId, SessionId, UserId } from '../contract/ids.ts'
import type { Hint, Topic } from '../contract/live.ts'
import { newRequestId } from './http/request-id.ts'
import { toRefusal } from './http/refusals.ts'
import { writeRefusal } from './http/upgrade.ts'
import type { Actor } from './lib/actor.ts'
import type { Clock } from './lib/clock.ts'
import { fail } from './lib/errors.ts'
import type { EventBus } from './lib/events.ts'
import type { Logger } from './lib/logger.ts'
import { type Connection, createConnection } from './live/connection.ts'
import { createHints } from './live/hints.ts'
import { createLogFeed, type LogFeed, type ReadLog } from './live/log-feed.ts'
import { followLog } from './live/log-follower.ts'
import type { Subscription } from './live/subscription.ts'
import { isOf } from './live/tickets.ts'

/** A frame from a client is a topic and a number. */
const maxPayload = 4_096
const mostConnections = 1_000
const beatMs = 30_000

interface LiveTools {
  readonly events: EventBus
  /** Whom a ticket stands for; see `createTicketOffice`. */
  readonly takeTicket: (ticket: string) => Actor | null
  readonly readLog: ReadLog
  readonly mayRead: (actor: Actor, topic: Topic) => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The live socket: it tells who listens that something changed, and sends log entries as they come. It only makes
 * things sooner; closing a socket has no effect on anything but the socket.
 */
export function createLive({ events, takeTicket, readLog, mayRead, clock, logger }: LiveTools) {
  const connections = new Set<Connection>()
  const feeds = new Map<ExecutionId, { feed: LogFeed; followers: number }>()
  const start = clock.now().getTime()
  let isClosed = false
  const hints = {
    executions: createHints('executions', start),
    nodes: createHints('nodes', start),
    findings: createHints('findings', start),
    plans: createHints('plans', start),
    costs: createHints('costs', start),
    schedules: createHints('schedules', start),
  }
  const server = new WebSocketServer({ noServer: true, clientTracking: false, autoPong: false, maxPayload })
  server.on('wsClientError', (error, socket) => {
    const requestId = newRequestId()
    const refusal = toRefusal(fail('request.malformed', { detail: error.message }), {
      requestId,
      now: clock.now(),
    })
    writeRefusal(socket, refusal, requestId)
  })

  function hint(topic: keyof typeof hints, what: Hint): void {
    hints[topic].push(what)
    for (const connection of connections) connection.wake()
  }

  const off = [
    events.on('execution.changed', 'live', ({ executionId, state }) => {
      hint('executions', { kind: 'execution', executionId, state })
    }),
    events.on('execution.finished', 'live', ({ executionId, outcome }) => {
      hint('executions', { kind: 'execution', executionId, state: outcome })
      feeds.get(executionId)?.feed.tell(0)
    }),
    events.on('execution.logged', 'live', ({ executionId, lastSeq }) => {
      feeds.get(executionId)?.feed.tell(lastSeq)
    }),
    events.on('node.changed', 'live', ({ nodeId }) =>
      hint('nodes', { kind: 'node', nodeId, removed: false }),
    ),
    events.on('node.removed', 'live', ({ nodeId }) => hint('nodes', { kind: 'node', nodeId, removed: true })),
    events.on('findings.changed', 'live', ({ nodeId }) => hint('findings', { kind: 'findings', nodeId })),
    events.on('plans.changed', 'live', ({ nodeId }) => hint('plans', { kind: 'plans', nodeId })),
    events.on('costs.changed', 'live', () => hint('costs', { kind: 'costs' })),
    events.on('trigger.changed', 'live', ({ triggerId }) =>
      hint('schedules', { kind: 'trigger', triggerId }),
    ),
    events.on('schedule.changed', 'live', ({ scheduleId }) =>
      hint('schedules', { kind: 'schedule', scheduleId }),
    ),
    events.on('session.ended', 'live', ({ userId, sessionId }) => closeFor(userId, sessionId)),
  ]

  function follow(actor: Actor, topic: Topic, after: number, wake: () => void): Subscription {
    if (!mayRead(actor, topic)) throw fail('auth.forbidden')
    if (topic.startsWith('log:')) return followLogOf(topic.slice('log:'.length) as ExecutionId, after, wake)
    return hints[topic as keyof typeof hints].subscribe(after)
  }

  /** One feed per log that somebody follows, gone with the last follower. */
  function followLogOf(executionId: ExecutionId, after: number, wake: () => void): Subscription {
    const shared = feeds.get(executionId) ?? { feed: createLogFeed(executionId, readLog), followers: 0 }
    feeds.set(executionId, shared)
    shared.followers += 1
    const follower = followLog(after, { feed: shared.feed, clock, wake })
    return {
      ...follower,
      close: () => {
        follower.close()
        shared.followers -= 1
        if (shared.followers === 0) feeds.delete(executionId)
      },
    }
  }

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer, actor: Actor): void {
    if (isClosed) throw fail('server.not_ready')
    if (connections.size >= mostConnections) {
      throw fail('request.rate_limited', {
        detail: `This server keeps at most ${mostConnections} sockets open.`,
      })
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = createConnection({
        socket: webSocket,
        actor,
        follow: (topic, after, wake) => follow(actor, topic, after, wake),
        clock,
        logger,
      })
      connections.add(connection)
      webSocket.once('close', () => connections.delete(connection))
    })
  }

  /** Ends the sockets of a session, or all of a user's when `sessionId` is null. */
  function closeFor(userId: UserId, sessionId: SessionId | null): void {
    for (const connection of connections) {
      if (isOf(connection.actor, userId, sessionId)) connection.close(1008, 'session ended')
    }
  }

  let callOffBeat = clock.after(beatMs, beat)
  function beat(): void {
    for (const connection of connections) connection.beat()
    callOffBeat = clock.after(beatMs, beat)
  }

  /** Says goodbye to all and listens no more. */
  async function close(): Promise<void> {
    isClosed = true
    callOffBeat()
    for (const stop of off) stop()
    for (const connection of connections) connection.close(1001, 'server stopping')
  }

  return {
    accept,
    takeTicket,
    close,
    closeFor,
    /** What is open, for the page about the server itself and for tests of bounds. */
    counts: () => ({ connections: connections.size, logs: feeds.size }),
    /** Bytes that wait in this process for clients to take them. */
    waitingBytes: () => [...connections].reduce((sum, { socket }) => sum + socket.bufferedAmount, 0),
  }
}
export type Live = ReturnType<typeof createLive>
