import { isIP, type LookupFunction } from 'node:net'
import { AppError, fail } from '../lib/errors.ts'

interface Order {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array | null
  /** Judged already: the connection goes to one of these, and no name is looked up again. */
  readonly addresses: readonly string[]
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Largest head of a reply, bytes. */
const maxHeadBytes = 16_384

/**
 * Sends one request over a connection of its own and reads the whole reply. Follows nothing. Throws
 * `outgoing.no_answer`, `outgoing.not_trusted`, `outgoing.answer_too_large` or the reason of the signal; what the other
 * side said is in none of them.
 */
export async function send({
  url,
  method,
  headers,
  body,
  addresses,
  maxBytes,
  signal,
}: Order): Promise<Response> {
  // Loaded when something first goes out: a server that talks to nobody does without.
  const { Agent } = await import('undici')
  const agent = new Agent({
    connect: { lookup: only(addresses) },
    allowH2: false,
    pipelining: 0,
    maxHeaderSize: maxHeadBytes,
    // The caller keeps the time.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    const reply = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method as 'GET',
      headers: { ...Object.fromEntries(headers), 'accept-encoding': 'identity' },
      body,
      signal,
    })
    const encoding = reply.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') throw noAnswer(url, 'it answered compressed, though asked not to')
    const text = await readUpTo(reply.body, maxBytes)
    const hasBody = ![204, 205, 304].includes(reply.statusCode)
    return new Response(hasBody ? text : null, {
      status: reply.statusCode,
      headers: toHeaders(reply.headers),
    })
  } catch (error) {
    throw signal.aborted ? signal.reason : toFailure(url, error)
  } finally {
    await agent.destroy()
  }
}

/** Answers every question for a name with what was judged. */
const only =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    const [first] = found
    if (all || !first) done(null, found)
    else done(null, first.address, first.family)
  }

async function readUpTo(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) {
      throw fail('outgoing.answer_too_large', { detail: `It is longer than ${maxBytes} bytes.` })
    }
    chunks.push(chunk)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}

function toHeaders(given: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers()
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values ?? []].flat()) headers.append(name, value)
  }
  return headers
}

/** OpenSSL and Node about certificates that do not hold. */
const untrusted = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER))/

function toFailure(url: URL, error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (untrusted.test(code)) {
    return fail('outgoing.not_trusted', { detail: `The certificate of ${url.host}: ${code}.`, cause: error })
  }
  return noAnswer(url, code || 'no reason', error)
}

const noAnswer = (url: URL, why: string, cause?: unknown): AppError =>
  fail('outgoing.no_answer', { detail: `${url.host}: ${why}.`, cause })
