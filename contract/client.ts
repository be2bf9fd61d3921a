import type { Api, Endpoint, Input, Reply } from './endpoint.ts'
import type { ErrorReply, Issue, Problem } from './errors.ts'

/**
 * A typed client of an API. At run time it needs only the table of methods and paths, so neither schemas nor zod
 * come along into a browser.
 */
export type Client<A extends Api> = {
  readonly [Feature in keyof A]: { readonly [Name in keyof A[Feature]]: Call<A[Feature][Name]> }
}

type Call<E extends Endpoint> =
  Record<never, never> extends Input<E>
    ? (input?: Input<E>, options?: CallOptions) => Promise<Reply<E>>
    : (input: Input<E>, options?: CallOptions) => Promise<Reply<E>>

interface CallOptions {
  /** An AbortSignal; named by its shape, since this room knows neither browser nor server. */
  readonly signal?: { readonly aborted: boolean }
}

/** Method, path, and whether the reply is text rather than JSON. */
type Line = readonly [method: string, path: string, kind: 'json' | 'text']

export interface Table<A extends Api> {
  readonly calls: Readonly<Record<string, Readonly<Record<string, Line>>>>
  /** Carries the types only; never set. */
  readonly api?: A
}

/** What the client needs of an API at run time. */
export function tableOf<A extends Api>(api: A): Table<A> {
  const lineOf = ({ method, path, reply }: Endpoint): Line => [
    method,
    path,
    'download' in reply ? 'text' : 'json',
  ]
  return {
    calls: mapValues(api, (feature) => mapValues(feature, lineOf)),
  }
}

/** A refusal by the server, or no answer at all (`server.no_answer`, status 0 when nothing came back). */
export class ApiError extends Error {
  readonly status: number
  readonly problem: Problem
  readonly requestId: string | null
  /** Fields that are wrong; empty when it is not about fields. */
  readonly issues: readonly Issue[]
  /** When trying again makes sense, ISO 8601; null when waiting does not help. */
  readonly retryAt: string | null

  constructor(status: number, error: Problem & Partial<ErrorReply['error']>, cause?: unknown) {
    const { code, title, detail, fix, requestId, issues, retryAt } = error
    super(`${code}: ${detail}`, { cause })
    this.name = 'ApiError'
    this.status = status
    this.problem = { code, title, detail, fix }
    this.requestId = requestId ?? null
    this.issues = issues ?? []
    this.retryAt = retryAt ?? null
  }
}

interface Sent {
  method: string
  headers: Record<string, string>
  body?: string
  /** `never` fits every kind of signal that a `fetch` may want. */
  signal?: never
}

interface Received {
  readonly ok: boolean
  readonly status: number
  text(): Promise<string>
}

type Fetch = (url: string, init: Sent) => Promise<Received>

interface ClientTools<A extends Api> {
  /** Address of the server with its base path; the client adds `/api/v1`. */
  readonly baseUrl: string
  readonly table: Table<A>
  readonly fetch?: Fetch
  readonly headers?: Readonly<Record<string, string>>
  /** Hears of a refusal, and may do something about it: when it says true, the call is made once more. */
  readonly mayRepeat?: (error: ApiError) => Promise<boolean>
}

/** What fits into a path or a query. */
type Plain = Readonly<Record<string, string | number | boolean | null | undefined>>

interface AnyInput {
  readonly params?: Plain
  readonly query?: Plain
  readonly body?: unknown
}

/** Makes the client: `client.nodes.list({ query: { tag: 'pi' } })`. Calls throw `ApiError`, and pass an abort on. */
export function createClient<A extends Api>(tools: ClientTools<A>): Client<A> {
  const { baseUrl, table, headers = {} } = tools
  const fetch = tools.fetch ?? (globalThis as unknown as { fetch: Fetch }).fetch
  const root = `${baseUrl.replace(/\/$/, '')}/api/v1`

  async function call([method, path, kind]: Line, input: AnyInput = {}, options: CallOptions = {}) {
    const url = `${root}${fillPath(path, input.params)}${toSearch(input.query)}`
    const sent: Sent = {
      method,
      headers: { accept: kind === 'json' ? 'application/json' : '*/*', ...headers },
    }
    // Also without a body: the server takes it as the sign that no form of another site sent this.
    if (method !== 'GET') sent.headers['content-type'] = 'application/json'
    if (input.body !== undefined) sent.body = JSON.stringify(input.body)
    if (options.signal) sent.signal = options.signal as never

    const { status, text } = await exchangeOnceMore(url, sent, options)
    if (kind === 'text') return text
    return status === 204 ? undefined : parseReply(status, text)
  }

  async function exchangeOnceMore(url: string, sent: Sent, options: CallOptions) {
    const first = await exchange(url, sent, options)
    if (first.ok) return first
    const error = toApiError(first.status, first.text)
    if (!(await tools.mayRepeat?.(error))) throw error
    const second = await exchange(url, sent, options)
    if (!second.ok) throw toApiError(second.status, second.text)
    return second
  }

  async function exchange(url: string, sent: Sent, { signal }: CallOptions) {
    try {
      const reply = await fetch(url, sent)
      return { status: reply.status, ok: reply.ok, text: await reply.text() }
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ApiError(0, noAnswer(`Nothing answers at ${baseUrl}.`), error)
    }
  }

  const calls = mapValues(table.calls, (feature) =>
    mapValues(feature, (line) => (input?: AnyInput, options?: CallOptions) => call(line, input, options)),
  )
  return calls as unknown as Client<A>
}

function fillPath(path: string, params: AnyInput['params'] = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    // An empty one would change which call it is.
    if (value === undefined || value === null || value === '') throw new TypeError(`${path} needs ${name}`)
    return encodeURIComponent(String(value))
  })
}

function toSearch(query: AnyInput['query'] = {}): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

function parseReply(status: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError(
      status,
      noAnswer('The answer is not JSON; something between may have replaced it.'),
      error,
    )
  }
}

/** The server's own words, or ours where a proxy answered in its place. */
function toApiError(status: number, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as ErrorReply
    if (typeof error.code === 'string' && typeof error.detail === 'string') return new ApiError(status, error)
  } catch {
    // Not ours, as told below.
  }
  return new ApiError(status, noAnswer(`Something between answered with HTTP ${status}.`))
}

/** The words of the catalogue, repeated: taking them from there would bring every schema along. A test compares. */
function noAnswer(detail: string): Problem {
  return {
    code: 'server.no_answer',
    title: 'The server did not answer',
    detail,
    fix: 'Check that the server runs, that its address is right, and what any proxy between says.',
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (from: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)])) as Record<
    string,
    To
  >
}
