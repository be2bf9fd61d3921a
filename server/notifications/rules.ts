import { type NotificationRules, notificationRules } from '../../contract/notifications.ts'
import type { Tx } from '../db/database.ts'
import type { NotificationStore } from './store.ts'

const rulesName = 'rules'

/** What goes where, as it is stored. */
export async function readRules(store: NotificationStore, tx?: Tx): Promise<NotificationRules> {
  return parseRules(await store.setup(rulesName, tx))
}

export async function writeRules(
  store: NotificationStore,
  tx: Tx,
  rules: NotificationRules,
  at: Date,
): Promise<void> {
  await store.putSetup(tx, rulesName, JSON.stringify(rules), at.toISOString())
}

/** What was stored by another version, or nothing yet, is read with the defaults. */
function parseRules(text: string | null): NotificationRules {
  const parsed = notificationRules.safeParse(text === null ? {} : JSON.parse(text))
  return parsed.success ? parsed.data : notificationRules.parse({})
}
