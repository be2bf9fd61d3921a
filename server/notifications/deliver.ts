import type { Problem } from '../../contract/errors.ts'
import { toProblem } from '../../contract/errors.ts'
import type { ChannelKind, SecretsOf } from '../../contract/notifications.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { publish } from '../outgoing/broker.ts'
import { sendMail } from '../outgoing/mail.ts'
import type { OutgoingFetch, OutgoingSocket } from '../outgoing/outgoing.ts'
import type { OpenChannel } from './channels.ts'
import { toApprise } from './channels/apprise.ts'
import { toBroker, toEvents } from './channels/broker.ts'
import { toDiscord } from './channels/discord.ts'
import type { HttpRequest, ToRequest, Wanted } from './channels/form.ts'
import { toGotify } from './channels/gotify.ts'
import { toMail } from './channels/mail.ts'
import { toNtfy } from './channels/ntfy.ts'
import { toPing } from './channels/ping.ts'
import { toPushover } from './channels/pushover.ts'
import { toSlack } from './channels/slack.ts'
import { toTelegram } from './channels/telegram.ts'
import { toWebhook } from './channels/webhook.ts'
import type { Message } from './message.ts'
import type { Push } from './push.ts'

interface DeliverTools {
  readonly fetch: OutgoingFetch
  readonly mail: OutgoingSocket
  readonly broker: OutgoingSocket
  readonly push: Push
  readonly link: (page: string) => string | null
  readonly clock: Clock
}

/** What came of one attempt. That the other side is off or says no ordinarily happens. */
export type Attempt =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed'
      readonly problem: Problem
      readonly mayRetry: boolean
      readonly retryAfterMs?: number
    }

/** Kinds that one HTTP request says it all to. */
const byHttp: { readonly [Kind in ChannelKind]?: ToRequest<Kind> } = {
  webhook: toWebhook,
  discord: toDiscord,
  slack: toSlack,
  telegram: toTelegram,
  ntfy: toNtfy,
  gotify: toGotify,
  pushover: toPushover,
  apprise: toApprise,
  ping: toPing,
}

/** These may be gone the next time; everything else stays until somebody does something about it. */
const passing = new Set([
  'outgoing.no_answer',
  'outgoing.too_slow',
  'outgoing.name_not_found',
  'channel.busy',
])

/** Sends one message by one channel, once. Rejects only for bugs. */
export function createDeliver({ fetch, mail, broker, push, link, clock }: DeliverTools) {
  async function deliver(channel: OpenChannel, message: Message, signal?: AbortSignal): Promise<Attempt> {
    try {
      return await attempt(channel, message, signal)
    } catch (error) {
      if (!isAppError(error)) throw error
      return { kind: 'failed', problem: error.problem, mayRetry: passing.has(error.code) }
    }
  }

  async function attempt(
    { settings, secrets }: OpenChannel,
    message: Message,
    signal?: AbortSignal,
  ): Promise<Attempt> {
    const { kind } = settings
    const wanted = { message, link, settings, secrets, now: clock.now() }
    switch (kind) {
      case 'email': {
        const { server, mail: text } = toMail(wanted as Wanted<'email'>)
        await sendMail(mail, server, text, signal)
        return { kind: 'sent' }
      }
      case 'mqtt': {
        const to = toBroker(settings, secrets as SecretsOf<'mqtt'>, `${settings.topic}-${message.id}`)
        await publish(broker, to, toEvents(wanted as Wanted<'mqtt'>), signal)
        return { kind: 'sent' }
      }
      case 'web-push':
        return wake(message, signal)
      default: {
        // The table pairs each kind with its own function; that the two belong together was parsed.
        const toRequest = byHttp[kind] as ToRequest<typeof kind> | undefined
        if (!toRequest) throw new Error(`no way to send ${kind}`)
        const request = toRequest(wanted as Wanted<typeof kind>)
        return request === null ? { kind: 'sent' } : judge(await say(request, signal), clock)
      }
    }
  }

  const say = ({ url, method, headers, body }: HttpRequest, signal?: AbortSignal): Promise<Response> =>
    fetch(url, { method, headers: { ...headers }, body, signal })

  /** To every browser. It counts as sent when one took it; those that are gone are forgotten. */
  async function wake(message: Message, signal?: AbortSignal): Promise<Attempt> {
    const results: Attempt[] = []
    for (const { id, request } of await push.requestsFor(message)) {
      const result = await say(request, signal).then(
        async (reply): Promise<Attempt> => {
          if (reply.status === 404 || reply.status === 410) await push.forget(id)
          return judge(reply, clock)
        },
        (error: unknown): Attempt => {
          if (!isAppError(error)) throw error
          return { kind: 'failed', problem: error.problem, mayRetry: passing.has(error.code) }
        },
      )
      results.push(result)
    }
    return results.find(({ kind }) => kind === 'sent') ?? results[0] ?? failed('channel.no_browser')
  }

  return deliver
}
export type Deliver = ReturnType<typeof createDeliver>

const failed = (code: 'channel.no_browser'): Attempt => ({
  kind: 'failed',
  problem: fail(code).problem,
  mayRetry: false,
})

/** What the number of a reply means. Nothing of what it says is kept: it may be anything. */
export function judge({ status, headers }: Pick<Response, 'status' | 'headers'>, clock: Clock): Attempt {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  const isBusy = status === 408 || status === 425 || status === 429 || status >= 500
  const detail =
    status >= 300 && status < 400
      ? `It answered ${status}, which leads elsewhere; that is not followed.`
      : `It answered ${status}.`
  const problem = toProblem(isBusy ? 'channel.busy' : 'channel.refused', detail)
  const retryAfterMs = isBusy ? retryAfter(headers.get('retry-after'), clock.now()) : null
  return { kind: 'failed', problem, mayRetry: isBusy, ...(retryAfterMs !== null && { retryAfterMs }) }
}

/** Seconds, or a date. */
function retryAfter(text: string | null, now: Date): number | null {
  if (text === null) return null
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime()
  return Number.isFinite(ms) && ms > 0 ? ms : null
}
