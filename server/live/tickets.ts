import { randomBytes } from 'node:crypto'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'

/** How long a ticket can be used, milliseconds: long enough to open a socket over a slow line. */
const validMs = 30_000
/** More than this can only be abuse; the oldest go first. */
const mostOpen = 10_000

interface OfficeTools {
  readonly clock: Clock
  readonly events: EventBus
}

/** Gives out tickets that stand for a person once, within 30 seconds. Those of an ended session are void. */
export function createTicketOffice({ clock, events }: OfficeTools) {
  const open = new Map<string, { actor: Actor; untilMs: number }>()

  events.on('session.ended', 'tickets', ({ userId, sessionId }) => {
    for (const [ticket, { actor }] of open) {
      if (isOf(actor, userId, sessionId)) open.delete(ticket)
    }
  })

  function create(actor: Actor): string {
    dropStale()
    const ticket = randomBytes(32).toString('base64url')
    open.set(ticket, { actor, untilMs: clock.monotonicMs() + validMs })
    return ticket
  }

  /** Whom the ticket stands for; null when it is unknown, used or too old. */
  function take(ticket: string): Actor | null {
    const found = open.get(ticket)
    open.delete(ticket)
    return found && clock.monotonicMs() < found.untilMs ? found.actor : null
  }

  function dropStale(): void {
    // Oldest first, as they were made.
    for (const [ticket, { untilMs }] of open) {
      if (open.size < mostOpen && clock.monotonicMs() < untilMs) return
      open.delete(ticket)
    }
  }

  return { create, take }
}
export type TicketOffice = ReturnType<typeof createTicketOffice>

/** Says whether somebody acts through this session; through any session or token of the user when it is null. */
export const isOf = (actor: Actor, userId: Actor['userId'], sessionId: Actor['sessionId']): boolean =>
  actor.userId === userId && (sessionId === null || actor.sessionId === sessionId)
