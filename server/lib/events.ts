import type { EventName, Events } from '../../contract/events.ts'
import type { Logger } from './logger.ts'

type Listener<Name extends EventName> = (event: Events[Name]) => void | Promise<void>

/**
 * Tells listeners what happened. Every listener has a name for the log; one that fails does not disturb the
 * emitter or the others. Emitting never waits.
 */
export function createEvents(logger: Logger) {
  const listeners = new Map<EventName, Map<string, Listener<never>>>()

  function on<Name extends EventName>(event: Name, name: string, listener: Listener<Name>): () => void {
    const named = listeners.get(event) ?? new Map<string, Listener<never>>()
    if (named.has(name)) throw new Error(`the listener ${name} already hears ${event}`)
    named.set(name, listener as Listener<never>)
    listeners.set(event, named)
    return () => named.delete(name)
  }

  function emit<Name extends EventName>(event: Name, payload: Events[Name]): void {
    for (const [name, listener] of listeners.get(event) ?? []) {
      try {
        const pending = (listener as Listener<Name>)(payload)
        pending?.catch((error: unknown) =>
          logger.error({ err: error, event, listener: name }, 'listener failed'),
        )
      } catch (error) {
        logger.error({ err: error, event, listener: name }, 'listener failed')
      }
    }
  }

  return { on, emit }
}
export type EventBus = ReturnType<typeof createEvents>
