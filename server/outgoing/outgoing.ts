import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import { type OutgoingHost, type OutgoingPurpose } from '../../contract/outgoing.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { type AppError, fail, isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Settings } from '../settings/settings.ts'
import {
  hostOf,
  judgeAddresses,
  judgeUrl,
  type OutgoingRefusal,
  type OutgoingRules,
  placeOf,
  type PortRule,
} from './judge.ts'
import { connectTo } from './connect.ts'
import { ownAddresses } from './own-addresses.ts'
import { send } from './send.ts'
import { createOutgoingStore, type LastResult } from './store.ts'

interface OutgoingTools {
  readonly db: Database
  readonly settings: Settings
  readonly audit: Audit
  readonly clock: Clock
  readonly logger: Logger
  /** Every address of a name; the system is asked when left out. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** The addresses of this machine; looked up when left out. */
  readonly own?: () => readonly string[]
}

/** What requests of one purpose are like. */
export interface PurposeOptions {
  /** Largest reply, bytes; 64 kB when left out. */
  readonly maxBytes?: number
  /** For a whole request, redirects and reply included; ten seconds when left out. */
  readonly timeoutMs?: number
  /** How many redirects are followed, each judged like the first address; none when left out. */
  readonly redirects?: number
  /**
   * Whether hosts of home networks have to be allowed by name: for addresses that come from a node, which could otherwise
   * have the server knock at doors that it cannot reach itself.
   */
  readonly isHomeNamed?: boolean
  /** The addresses that the settings of the feature name, to be listed before anything is sent. */
  readonly hosts?: () => readonly string[]
}

/** What connections of one purpose are like that is no HTTP. */
export interface SocketOptions {
  /** For all that is done with one connection; twenty seconds when left out. */
  readonly timeoutMs?: number
  readonly isUsualPort: PortRule
  /** What the settings of the feature name, as `host:port`, to be listed before anything is sent. */
  readonly hosts?: () => readonly string[]
}

/** Where a connection goes. */
export interface SocketPlace {
  readonly host: string
  readonly port: number
}

/**
 * Lends one connection for as long as `use` takes and no longer than the purpose allows; then it is closed. Throws
 * `outgoing.*` or what `use` throws.
 */
export type OutgoingSocket = <Result>(
  place: SocketPlace,
  use: (socket: Socket, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>

export interface OutgoingInit {
  readonly method?: string | undefined
  readonly headers?: RequestInit['headers']
  readonly body?: RequestInit['body']
  readonly signal?: AbortSignal | null | undefined
}

interface Wanted {
  readonly wanted: Request
  readonly bytes: Uint8Array | null
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Like `fetch`, for one purpose. Resolves with the whole reply, redirects that are not followed included. Throws
 * `outgoing.*`; none of the words come from the other side.
 */
export type OutgoingFetch = (address: string | URL, init?: OutgoingInit) => Promise<Response>

const usualMaxBytes = 65_536
const usualTimeoutMs = 10_000
const usualSocketMs = 20_000
/** How long a name server may take is part of the whole; this many addresses of one name are tried. */
const mostAddresses = 4

/**
 * The one way out. An address is judged by its words, its name is resolved, every address of it is judged, and
 * the connection goes to those very addresses; what was sent where is kept for the page that lists it.
 */
export function createOutgoing(tools: OutgoingTools) {
  const { db, settings, audit, clock, logger, resolve = askSystem, own = ownAddresses } = tools
  const store = createOutgoingStore(db)
  const purposes = new Map<OutgoingPurpose, Pick<PurposeOptions, 'hosts'>>()

  const portRules = new Map<string, PortRule>()
  const homesNamed = new Set<OutgoingPurpose>()

  const rules = (): OutgoingRules => {
    const { outgoing: mode, outgoingHosts: named } = settings.get()
    return { mode, named, own: own() }
  }

  /** Opens the way for one purpose, once; whoever has it may send for that purpose. */
  function open(purpose: OutgoingPurpose, options: PurposeOptions = {}): OutgoingFetch {
    if (purposes.has(purpose)) throw new Error(`the way for ${purpose} is open already`)
    purposes.set(purpose, options)
    if (options.isHomeNamed) homesNamed.add(purpose)
    return (address, init = {}) =>
      withinTime(options.timeoutMs ?? usualTimeoutMs, init.signal, (signal) =>
        follow(purpose, parse(address), init, options, signal),
      )
  }

  /** Opens the way for one purpose that speaks something else than HTTP, once. */
  function openSockets(purpose: OutgoingPurpose, options: SocketOptions): OutgoingSocket {
    if (purposes.has(purpose)) throw new Error(`the way for ${purpose} is open already`)
    const { isUsualPort, hosts = () => [], timeoutMs = usualSocketMs } = options
    purposes.set(purpose, { hosts: () => hosts().map((host) => `https://${host}`) })
    portRules.set(purpose, isUsualPort)
    return (place, use, wanted) =>
      withinTime(timeoutMs, wanted, async (signal) => {
        const url = toUrl(place)
        const socket = await noting(purpose, url, async () => {
          const addresses = await findAddresses(purpose, url, signal)
          return { reply: await connectTo(addresses, place.port, signal), result: { connected: true } }
        })
        try {
          return await untilAborted(use(socket, signal), signal)
        } finally {
          socket.destroy()
        }
      })
  }

  async function follow(
    purpose: OutgoingPurpose,
    first: URL,
    { method = 'GET', headers, body = null }: OutgoingInit,
    { maxBytes = usualMaxBytes, redirects = 0 }: PurposeOptions,
    signal: AbortSignal,
  ): Promise<Response> {
    // Brings every form of headers and body to one; it is never sent itself.
    const wanted = new Request('http://request.invalid/', { method, body, ...(headers && { headers }) })
    const bytes = body === null ? null : new Uint8Array(await wanted.arrayBuffer())
    let url = first
    for (let left = redirects; ; left--) {
      const reply = await once(purpose, url, { wanted, bytes, maxBytes, signal })
      const next = left > 0 && isSafe(wanted.method) ? redirectOf(reply, url) : null
      if (!next) return reply
      // What was meant for one host is not handed to another.
      if (next.origin !== url.origin)
        for (const name of ['authorization', 'cookie']) wanted.headers.delete(name)
      url = next
    }
  }

  /** One request to one address, and a note of how it ended. */
  async function once(purpose: OutgoingPurpose, url: URL, { wanted, bytes, maxBytes, signal }: Wanted) {
    return noting(purpose, url, async () => {
      const addresses = await findAddresses(purpose, url, signal)
      const { method, headers } = wanted
      const reply = await send({ url, method, headers, body: bytes, addresses, maxBytes, signal })
      return { reply, result: { status: reply.status } }
    })
  }

  async function noting<Reply>(
    purpose: OutgoingPurpose,
    url: URL,
    work: () => Promise<{ reply: Reply; result: LastResult }>,
  ): Promise<Reply> {
    try {
      const { reply, result } = await work()
      await note(purpose, url, result)
      return reply
    } catch (error) {
      if (isAppError(error)) await note(purpose, url, { code: error.code })
      throw error
    }
  }

  /** Where a request may go. Throws `outgoing.*`; a refusal leaves a line in the audit trail. */
  async function findAddresses(purpose: OutgoingPurpose, url: URL, signal: AbortSignal) {
    const now = { ...rules(), isHomeNamed: homesNamed.has(purpose) }
    const isUsual = portRules.get(purpose)
    const beforeLookup = judgeUrl(url, now, isUsual)
    if (beforeLookup) throw await refuse(purpose, url, beforeLookup)
    const literal = hostOf(url).replace(/^\[|\]$/g, '')
    const addresses = isIP(literal) ? [literal] : await untilAborted(find(url), signal)
    const afterLookup = judgeAddresses(url, addresses, now, isUsual)
    if (afterLookup) throw await refuse(purpose, url, afterLookup)
    return addresses.slice(0, mostAddresses)
  }

  async function find(url: URL): Promise<readonly string[]> {
    try {
      return await resolve(hostOf(url))
    } catch (error) {
      throw fail('outgoing.name_not_found', { detail: `${hostOf(url)} was not found.`, cause: error })
    }
  }

  async function refuse(
    purpose: OutgoingPurpose,
    url: URL,
    { code, detail }: OutgoingRefusal,
  ): Promise<AppError> {
    const line = {
      actor: serverActor,
      action: 'outgoing.refused',
      target: placeOf(url),
      detail: { purpose, code, why: detail },
    }
    await db.write((tx) => audit.append(tx, line))
    return fail(code, { detail })
  }

  /** What went out is out, whether or not it can be written down. */
  async function note(purpose: OutgoingPurpose, url: URL, result: LastResult): Promise<void> {
    const contact = { purpose, host: placeOf(url), at: clock.now().toISOString(), result }
    await db
      .write((tx) => store.put(tx, contact))
      .catch((error: unknown) => logger.error({ err: error, purpose }, 'outgoing contact not noted'))
  }

  /** Resolves with the work, or gives it up when its time is over or the caller wants no more. */
  async function withinTime<Result>(
    timeoutMs: number,
    wanted: AbortSignal | null | undefined,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const late = new AbortController()
    const slow = fail('outgoing.too_slow', { detail: `It took longer than ${timeoutMs / 1_000} s.` })
    const callOff = clock.after(timeoutMs, () => late.abort(slow))
    try {
      return await work(wanted ? AbortSignal.any([wanted, late.signal]) : late.signal)
    } finally {
      callOff()
    }
  }

  /** Everything that is set up or was talked to, by purpose and host. */
  async function list(): Promise<{ purposes: OutgoingPurpose[]; items: OutgoingHost[] }> {
    const now = rules()
    const known = await store.all()
    const planned = [...purposes].flatMap(([purpose, { hosts = () => [] }]) =>
      hosts().flatMap((address) => {
        const url = URL.parse(address)
        return url ? [{ purpose, host: placeOf(url) }] : []
      }),
    )
    const isKnown = ({ purpose, host }: { purpose: OutgoingPurpose; host: string }) =>
      known.some((one) => one.purpose === purpose && one.host === host)
    const items = [
      ...known.map(({ at, result, ...one }) => ({ ...one, lastAt: at, lastResult: result })),
      ...planned.filter((one) => !isKnown(one)).map((one) => ({ ...one, lastAt: null, lastResult: null })),
    ]
    return {
      purposes: [...purposes.keys()],
      items: items
        .map((one) => ({ ...one, isAllowed: isAllowed(one, now, portRules.get(one.purpose)) }))
        .toSorted((a, b) => `${a.purpose} ${a.host}`.localeCompare(`${b.purpose} ${b.host}`)),
    }
  }

  return { open, openSockets, list }
}
export type Outgoing = ReturnType<typeof createOutgoing>

const refusedByAddress: ReadonlySet<string> = new Set([
  'outgoing.address_not_allowed',
  'outgoing.home_not_allowed',
])

/** By what the settings say now; for a host whose address was refused, by whether it has been named since. */
function isAllowed(
  { host, lastResult: last }: { readonly host: string; readonly lastResult: LastResult | null },
  rules: OutgoingRules,
  isUsual?: PortRule,
): boolean {
  const url = URL.parse(`https://${host}`)
  if (!url || judgeUrl(url, rules, isUsual)) return false
  const wasRefused = last !== null && 'code' in last && refusedByAddress.has(last.code)
  return !wasRefused || rules.named.includes(host) || rules.named.includes(hostOf(url))
}

/** As an address of the web, for the rules are the same; it also brings every spelling of an address to one. */
function toUrl({ host, port }: SocketPlace): URL {
  const url = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  if (!url) throw fail('outgoing.url_not_allowed', { detail: 'It names no host.' })
  return url
}

function parse(address: string | URL): URL {
  const url = URL.parse(String(address))
  if (!url) throw fail('outgoing.url_not_allowed', { detail: 'It is no address of the web.' })
  return url
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

function redirectOf({ status, headers }: Response, from: URL): URL | null {
  const to = headers.get('location')
  if (![301, 302, 303, 307, 308].includes(status) || to === null) return null
  return URL.parse(to, from.href)
}

const askSystem = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** A lookup cannot be called off; whoever waits for it can stop waiting. */
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop))
}
