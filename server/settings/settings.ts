import type { Request } from '../../contract/endpoint.ts'
import { settings as shape, type Settings as Values, type settingsApi } from '../../contract/settings.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import { createSettingsStore } from './store.ts'

interface SettingsTools {
  db: Database
  audit: Audit
  events: EventBus
  clock: Clock
  logger: Logger
}

/** Some of the settings; those left out stay as they are. */
export type SettingsChange = Request<(typeof settingsApi)['settings']['change']>['body']

type Name = keyof Values
const names = Object.keys(shape.shape) as Name[]

/**
 * What an administrator can set while the server runs. Read once, then kept in memory; only what differs from the
 * default lies in the database, so a default that gets better reaches everybody who never touched it.
 */
export async function createSettings({ db, audit, events, clock, logger }: SettingsTools) {
  const store = createSettingsStore(db)
  let current = toValues(await store.all(), (name, why) =>
    logger.warn({ setting: name, why }, 'stored setting not usable, its default is in force'),
  )

  /** The values in force, at once and without reading. */
  const get = (): Values => current

  /** Takes over the given values with a line of the audit trail that shows before and after. */
  async function change(wanted: SettingsChange, actor: Actor): Promise<Values> {
    const changed = await db.write(async (tx) => {
      const before = toValues(await store.all(tx))
      const differing = names.filter(
        (name) => wanted[name] !== undefined && toText(wanted[name]) !== toText(before[name]),
      )
      if (differing.length === 0) return null
      const now = clock.now().toISOString()
      for (const name of differing) await store.put(tx, name, toText(wanted[name]), now)
      const detail = Object.fromEntries(
        differing.map((name) => [name, { before: before[name], after: wanted[name] }]),
      )
      await audit.append(tx, { actor, action: 'settings.changed', target: null, detail })
      return pick(wanted, differing)
    })
    if (changed) {
      current = { ...current, ...changed }
      events.emit('settings.changed', {})
    }
    return current
  }

  return { get, change }
}
export type Settings = Awaited<ReturnType<typeof createSettings>>

/** Puts what is stored over the defaults. A value that no longer fits is left out and told about. */
function toValues(
  stored: ReadonlyMap<string, string>,
  tell: (name: Name, why: string) => void = () => {},
): Values {
  const usable = names.flatMap((name) => {
    const text = stored.get(name)
    if (text === undefined) return []
    const parsed = shape.shape[name].safeParse(fromText(text))
    if (parsed.success && parsed.data !== undefined) return [[name, parsed.data] as const]
    tell(name, parsed.error?.issues[0]?.message ?? 'empty')
    return []
  })
  return shape.parse(Object.fromEntries(usable))
}

/** Text that is not JSON becomes a value that fits no setting. */
function fromText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const toText = (value: unknown): string => JSON.stringify(value)

const pick = (wanted: SettingsChange, which: readonly Name[]): Partial<Values> =>
  Object.fromEntries(which.map((name) => [name, wanted[name]]))
