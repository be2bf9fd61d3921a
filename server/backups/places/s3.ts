import { open } from 'node:fs/promises'
import type { PlaceSettings } from '../../../contract/own-backups.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import type { OutgoingFetch } from '../../outgoing/outgoing.ts'
import type { Place } from './place.ts'
import { encodeStrictly, type S3Request, signS3 } from './s3-signature.ts'

/** Travels in one request; S3 takes parts from 5 MiB on, and at most ten thousand of them. */
export const s3PartBytes = 8 * 1_048_576

/** A bucket of Amazon S3 or of what speaks its language, addressed by path, which all of them understand. */
export function createS3Place(
  settings: Extract<PlaceSettings, { kind: 's3' }>,
  secret: Secret,
  { fetch, clock }: { readonly fetch: OutgoingFetch; readonly clock: Clock },
): Place {
  const { endpoint, region, bucket, prefix, accessKeyId } = settings
  const root = `${endpoint.replace(/\/+$/, '')}/${bucket}`
  const urlOf = (name: string) =>
    new URL(`${root}/${`${prefix}${name}`.split('/').map(encodeStrictly).join('/')}`)

  async function ask(
    request: S3Request,
    signal: AbortSignal,
    fine: readonly number[] = [200, 204],
  ): Promise<Response> {
    const headers = signS3(request, { region, accessKeyId, secretAccessKey: secret.reveal() }, clock.now())
    const body = request.body && request.body.length > 0 ? new Uint8Array(request.body) : null
    const reply = await fetch(toSent(request.url), { method: request.method, headers, body, signal })
    if (fine.includes(reply.status)) return reply
    const text = await reply.text()
    // Of what the other side says only its code, which is one word.
    const code = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1]
    throw refused(`S3 answered ${reply.status}${code ? ` ${code}` : ''}`)
  }

  /** The query as it was signed, to the letter. */
  function toSent(url: URL): string {
    const query = [...url.searchParams].map(
      ([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`,
    )
    return `${url.origin}${url.pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`
  }

  async function list(signal: AbortSignal): Promise<string[]> {
    const names: string[] = []
    let next: string | undefined
    do {
      const url = new URL(root)
      url.searchParams.set('list-type', '2')
      url.searchParams.set('prefix', `${prefix}carl-`)
      if (next !== undefined) url.searchParams.set('continuation-token', next)
      const text = await (await ask({ method: 'GET', url }, signal)).text()
      for (const [, key = ''] of text.matchAll(/<Key>([^<]{1,1024})<\/Key>/g)) {
        if (key.startsWith(prefix)) names.push(key.slice(prefix.length))
      }
      next = /<NextContinuationToken>([^<]{1,2048})<\/NextContinuationToken>/.exec(text)?.[1]
    } while (next !== undefined && names.length < 10_000)
    return names
  }

  async function put(
    name: string,
    file: string,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const read = async (at: number) => {
        const part = Buffer.alloc(Math.min(s3PartBytes, size - at))
        await handle.read(part, 0, part.length, at)
        return part
      }
      const url = urlOf(name)
      if (size <= s3PartBytes) {
        const body = await read(0)
        await ask({ method: 'PUT', url, body }, signal)
        return onBytes(size)
      }
      await putInParts(url, size, read, onBytes, signal)
    } finally {
      await handle.close()
    }
  }

  /** It appears under its name when all parts are there. */
  async function putInParts(
    url: URL,
    size: number,
    read: (at: number) => Promise<Buffer>,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const begin = withQuery(url, { uploads: '' })
    const begun = await (await ask({ method: 'POST', url: begin }, signal)).text()
    const uploadId = /<UploadId>([^<]{1,1024})<\/UploadId>/.exec(begun)?.[1]
    if (uploadId === undefined) throw refused('S3 named no upload')
    try {
      const parts: string[] = []
      for (let at = 0; at < size; at += s3PartBytes) {
        const partNumber = String(parts.length + 1)
        const body = await read(at)
        const reply = await ask(
          { method: 'PUT', url: withQuery(url, { partNumber, uploadId }), body },
          signal,
        )
        const etag = reply.headers.get('etag')?.replace(/[^"A-Za-z0-9-]/g, '') ?? ''
        parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`)
        onBytes(body.length)
      }
      const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
      const end = await ask({ method: 'POST', url: withQuery(url, { uploadId }), body }, signal)
      // It may answer 200 and then say in the text that it failed.
      if (/<Error>/.test(await end.text())) throw refused('S3 could not put the parts together')
    } catch (error) {
      // Parts that nobody puts together cost money for ever.
      await ask({ method: 'DELETE', url: withQuery(url, { uploadId }) }, AbortSignal.timeout(30_000)).catch(
        () => {},
      )
      throw error
    }
  }

  async function get(
    name: string,
    file: string,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const handle = await open(file, 'wx', 0o600)
    try {
      let total = Number.POSITIVE_INFINITY
      for (let at = 0; at < total; ) {
        const range = `bytes=${at}-${at + s3PartBytes - 1}`
        const reply = await ask({ method: 'GET', url: urlOf(name), headers: { range } }, signal, [206])
        const part = Buffer.from(await reply.arrayBuffer())
        total = Number(/\/(\d{1,15})$/.exec(reply.headers.get('content-range') ?? '')?.[1] ?? Number.NaN)
        if (part.length === 0 || Number.isNaN(total))
          throw refused('S3 did not send the part that was asked for')
        await handle.write(part)
        at += part.length
        onBytes(part.length)
      }
    } finally {
      await handle.close()
    }
  }

  return {
    list,
    put,
    get,
    remove: async (name, signal) => void (await ask({ method: 'DELETE', url: urlOf(name) }, signal)),
  }
}

function withQuery(url: URL, query: Record<string, string>): URL {
  const full = new URL(url)
  for (const [name, value] of Object.entries(query)) full.searchParams.set(name, value)
  return full
}

const refused = (detail: string) => fail('own-backup.place_refused', { detail: `${detail}.` })
