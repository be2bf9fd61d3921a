import { createHash } from 'node:crypto'
import type webPush from 'web-push'
import type { UserId } from '../../contract/ids.ts'
import type { PushSubscription } from '../../contract/notifications.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import type { HttpRequest } from './channels/form.ts'
import type { Message } from './message.ts'

interface PushTools {
  readonly db: Database
  readonly vault: Pick<Vault, 'seal' | 'open'>
  readonly clock: Clock
  /** Whom a push service can turn to: our own address, or none that exists. */
  readonly contact: string
}

const keyRow = 'push_key'
const keyPlace: SealedPlace = { table: 'meta', column: 'value', id: keyRow }
/** Browsers of one person; the oldest goes when another one comes. */
const mostPerUser = 10
/** A push service keeps a message for a browser that is off, seconds. */
const keepForS = 12 * 3_600

const sealedAt = (id: string): SealedPlace => ({ table: 'push_subscription', column: 'subscription', id })
const idOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex')

/** Loaded when it is first needed: most servers never wake a browser. */
const library = async () => (await import('web-push')).default

/** Browsers that want to be woken, and the key by which push services know this server. */
export function createPush({ db, vault, clock, contact }: PushTools) {
  let making: Promise<webPush.VapidKeys> | null = null

  /** Made when it is first needed, and kept: browsers are bound to it. */
  const keys = (): Promise<webPush.VapidKeys> => (making ??= loadKeys())

  async function loadKeys(): Promise<webPush.VapidKeys> {
    const row = await db.read.selectFrom('meta').select('value').where('name', '=', keyRow).executeTakeFirst()
    if (row) {
      return JSON.parse(vault.open(keyPlace, Buffer.from(row.value, 'base64')).reveal()) as webPush.VapidKeys
    }
    const made = (await library()).generateVAPIDKeys()
    await db.write((tx) =>
      tx
        .insertInto('meta')
        .values({ name: keyRow, value: vault.seal(keyPlace, JSON.stringify(made)).toString('base64') })
        .execute(),
    )
    return made
  }

  async function subscribe(userId: UserId, subscription: PushSubscription): Promise<void> {
    const id = idOf(subscription.endpoint)
    await db.write(async (tx) => {
      const columns = {
        user_id: userId,
        subscription: vault.seal(sealedAt(id), JSON.stringify(subscription)),
        created_at: clock.now().toISOString(),
      }
      await tx
        .insertInto('push_subscription')
        .values({ id, ...columns })
        .onConflict((row) => row.column('id').doUpdateSet(columns))
        .execute()
      const kept = tx
        .selectFrom('push_subscription')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('created_at', 'desc')
        .limit(mostPerUser)
      await tx
        .deleteFrom('push_subscription')
        .where('user_id', '=', userId)
        .where('id', 'not in', kept)
        .execute()
    })
  }

  async function unsubscribe(userId: UserId): Promise<number> {
    const { numDeletedRows } = await db.write((tx) =>
      tx.deleteFrom('push_subscription').where('user_id', '=', userId).executeTakeFirst(),
    )
    return Number(numDeletedRows)
  }

  /** A browser that its push service knows no more. */
  const forget = (id: string): Promise<unknown> =>
    db.write((tx) => tx.deleteFrom('push_subscription').where('id', '=', id).execute())

  async function browsers(): Promise<number> {
    const row = await db.read
      .selectFrom('push_subscription')
      .select((all) => all.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  /** One request for each browser, encrypted for it alone. Throws `channel.no_browser`. */
  async function requestsFor(message: Message): Promise<{ id: string; request: HttpRequest }[]> {
    const rows = await db.read.selectFrom('push_subscription').select(['id', 'subscription']).execute()
    if (rows.length === 0) throw fail('channel.no_browser')
    const { publicKey, privateKey } = await keys()
    const push = await library()
    const { title, severity, lines, detail, page, id: tag } = message
    const body = (lines.length > 1 ? [...lines.map(({ text }) => text), ...detail] : detail).join('\n')
    const payload = JSON.stringify({ title: title.slice(0, 200), body: body.slice(0, 1_500), page, tag })
    return rows.map(({ id, subscription }) => {
      const to = JSON.parse(vault.open(sealedAt(id), subscription).reveal()) as PushSubscription
      const made = push.generateRequestDetails(to, payload, {
        vapidDetails: { subject: contact, publicKey, privateKey },
        TTL: keepForS,
        urgency: severity === 'critical' || severity === 'high' ? 'high' : 'normal',
      })
      const headers = Object.fromEntries(
        Object.entries(made.headers)
          .filter(([name]) => name.toLowerCase() !== 'content-length')
          .map(([name, value]) => [name, String(value)]),
      )
      return {
        id,
        request: { method: 'POST', url: made.endpoint, headers, body: Uint8Array.from(made.body ?? []) },
      }
    })
  }

  return { keys, subscribe, unsubscribe, forget, browsers, requestsFor }
}
export type Push = ReturnType<typeof createPush>
