import { parse, stringify } from 'yaml'
import type * as z from 'zod'
import { fail } from '../../lib/errors.ts'
import { scheduleShape, toDocument } from '../../schedules/document.ts'
import type { Schedules } from '../../schedules/schedules.ts'
import { toTriggerDocument, triggerShape } from '../../triggers/document.ts'
import type { Triggers } from '../../triggers/triggers.ts'
import { asKind, type Look, type Work } from '../kind.ts'
import { hideAddresses, needLent, showAddresses } from '../secrets.ts'

/** What runs by itself. Schedules and triggers have documents of their own, which are read and compared there. */

/** Those of schedules alone may be applied by whoever may change schedules. */
const own = { permission: 'schedule.write', stepUp: false } as const

async function applied(schedules: Schedules, text: string, dryRun: boolean, work: Work): Promise<Look> {
  const [item] = await schedules.apply(text, dryRun, work.actor)
  if (!item) throw fail('schedule.document_invalid')
  if (dryRun) for (const warning of item.warnings) work.warn(warning)
  return { change: item.kind, differences: item.differences }
}

export function scheduleKind(schedules: Schedules) {
  type Said = z.infer<typeof scheduleShape>

  /** The document with the addresses that it only numbers: those that came along, else those that are here. */
  async function complete(said: Said, work: Work, text: string): Promise<string> {
    if (said.notifications === undefined || said.notifications === null) return text
    const before = (await schedules.specs()).find((one) => one.name.toLowerCase() === said.name.toLowerCase())
    const { addresses } = hideAddresses(before?.notifications ?? {})
    let isChanged = false
    const notifications = showAddresses(said.notifications, (number) => {
      isChanged = true
      const from = `schedule/${said.name}/${number}`
      return work.lent(from) ?? addresses[number - 1] ?? needLent(work, from)
    })
    return isChanged ? stringify({ ...(parse(text) as object), notifications }) : text
  }

  return asKind<Said>({
    kind: 'schedule',
    ...own,
    shape: scheduleShape,
    nameOf: ({ name }) => name,
    list: async () =>
      (await schedules.specs())
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .map((spec) => {
          const notifications = spec.notifications && hideAddresses(spec.notifications).value
          return parse(toDocument({ ...spec, notifications })) as Said
        }),
    look: async (said, work, text) => applied(schedules, await complete(said, work, text), true, work),
    put: async (said, work, text) =>
      void (await applied(schedules, await complete(said, work, text), false, work)),
  })
}

export function triggerKind(schedules: Schedules, triggers: Triggers) {
  type Said = z.infer<typeof triggerShape>
  return asKind<Said>({
    kind: 'trigger',
    ...own,
    shape: triggerShape,
    nameOf: ({ name }) => name,
    list: async () =>
      (await triggers.documents.all())
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .map((spec) => parse(toTriggerDocument(spec)) as Said),
    look: (_, work, text) => applied(schedules, text, true, work),
    put: async (_, work, text) => void (await applied(schedules, text, false, work)),
  })
}
