import type { ErrorCode } from '../../contract/errors.ts'
import { isAppError } from '../lib/errors.ts'
import type { OutgoingFetch } from '../outgoing/outgoing.ts'
import { type Challenge, parseChallenge, readToken, toTokenUrl } from './challenge.ts'
import { type Reference, repositoryOf } from './reference.ts'
import { isVersion } from './versions.ts'

/** What a registry says to one question. */
export type Said<Content> =
  | { readonly kind: 'told'; readonly content: Content }
  /** It does not know this tag, or this repository. */
  | { readonly kind: 'gone' }
  /** Only whoever signs in is told. */
  | { readonly kind: 'closed' }
  /** It wants to be asked less often; null when it does not say for how long. */
  | { readonly kind: 'busy'; readonly retryAfterS: number | null }
  | { readonly kind: 'failed'; readonly status: number | null; readonly code: ErrorCode | null }

export interface TagList {
  /** Those that are versions. */
  readonly tags: readonly string[]
  /** False when there are more pages than are read. */
  readonly isComplete: boolean
}

interface ClientTools {
  readonly fetch: OutgoingFetch
  /** Whether an administrator named this host; such a one is spoken to without a certificate when it has none. */
  readonly isNamed: (host: string) => boolean
}

/**
 * Without the first two, a tag for several kinds of machines would yield the digest of one of them, which is another than
 * the one that nodes know it by.
 */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ')
const digestGrammar = /^sha256:[0-9a-f]{64}$/
/** Of one list of tags: pages read, tags asked for on each, and versions kept. */
const most = { pages: 10, perPage: 1_000, versions: 5_000 }

/**
 * Asks registries what everybody may know, with a token where they hand one to everybody. Manifests are asked for by HEAD,
 * which Docker Hub does not count as a pull. One client is for one round of questions: it remembers who gives tokens.
 */
export function createRegistryClient({ fetch, isNamed }: ClientTools) {
  const challenges = new Map<string, Challenge>()
  const tokens = new Map<string, string>()
  const plain = new Set<string>()

  /** The digest that a tag stands for now. */
  async function digestOf(reference: Reference): Promise<Said<string>> {
    const url = (base: URL) => new URL(`/v2/${reference.path}/manifests/${reference.tag}`, base)
    const reply = await ask('HEAD', url, reference)
    if (!('headers' in reply)) return reply
    const digest = reply.headers.get('docker-content-digest') ?? ''
    if (!digestGrammar.test(digest)) return { kind: 'failed', status: reply.status, code: null }
    return { kind: 'told', content: digest }
  }

  /** The versions among the tags of a repository. */
  async function tagsOf(reference: Reference): Promise<Said<TagList>> {
    const tags = new Set<string>()
    let next: string | null = `/v2/${reference.path}/tags/list?n=${most.perPage}`
    for (let page = 0; page < most.pages && next !== null && tags.size < most.versions; page++) {
      const path: string = next
      const reply = await ask('GET', (base) => sameOrigin(path, base), reference)
      if (!('headers' in reply)) return reply
      for (const tag of readTags(await reply.text())) if (tags.size < most.versions) tags.add(tag)
      next = nextPage(reply.headers.get('link'))
    }
    return { kind: 'told', content: { tags: [...tags], isComplete: next === null } }
  }

  /** One question; resolves with a reply of 200, or with what stands in the way of one. */
  async function ask(
    method: 'GET' | 'HEAD',
    urlAt: (base: URL) => URL,
    reference: Reference,
  ): Promise<Response | Exclude<Said<never>, { kind: 'told' }>> {
    const isPlain = plain.has(reference.host)
    try {
      const base = new URL(`${isPlain ? 'http' : 'https'}://${reference.host}`)
      const send = () => fetch(urlAt(base), { method, headers: headersFor(reference) })
      // Whoever asked for a token once asks again for the next repository.
      const isKnown = challenges.has(reference.host) && !tokens.has(repositoryOf(reference))
      if (isKnown) await obtainToken(reference, null, base)
      let reply = await send()
      if (
        reply.status === 401 &&
        (await obtainToken(reference, reply.headers.get('www-authenticate'), base))
      ) {
        reply = await send()
      }
      return judge(reply)
    } catch (error) {
      if (!isAppError(error)) throw error
      const hasNoCertificate = error.code === 'outgoing.no_answer' || error.code === 'outgoing.not_trusted'
      if (!hasNoCertificate || isPlain || !isNamed(reference.host)) {
        return { kind: 'failed', status: null, code: error.code }
      }
      plain.add(reference.host)
      return ask(method, urlAt, reference)
    }
  }

  function headersFor(reference: Reference): Record<string, string> {
    const token = tokens.get(repositoryOf(reference))
    return { accept: `${accept}, application/json`, ...(token && { authorization: `Bearer ${token}` }) }
  }

  async function obtainToken(reference: Reference, header: string | null, base: URL): Promise<boolean> {
    const { host, path } = reference
    const challenge = parseChallenge(header, base) ?? challenges.get(host)
    if (!challenge) return false
    challenges.set(host, challenge)
    const reply = await fetch(toTokenUrl(challenge, path), { headers: { accept: 'application/json' } })
    const token = reply.status === 200 ? readToken(fromJson(await reply.text())) : null
    if (token === null) return false
    tokens.set(repositoryOf(reference), token)
    return true
  }

  return { digestOf, tagsOf }
}
export type RegistryClient = ReturnType<typeof createRegistryClient>

function judge(reply: Response): Response | Exclude<Said<never>, { kind: 'told' }> {
  switch (reply.status) {
    case 200:
      return reply
    case 401:
    case 403:
      return { kind: 'closed' }
    case 404:
      return { kind: 'gone' }
    case 429:
      return { kind: 'busy', retryAfterS: readSeconds(reply.headers.get('retry-after')) }
    default:
      return { kind: 'failed', status: reply.status, code: null }
  }
}

/** `Retry-After` in seconds; a date is not worth the trouble. */
const readSeconds = (text: string | null): number | null =>
  text !== null && /^\d{1,6}$/.test(text.trim()) ? Number(text) : null

function readTags(text: string): string[] {
  const said = fromJson(text)
  const tags = typeof said === 'object' && said !== null && 'tags' in said ? said.tags : null
  return Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === 'string' && isVersion(tag))
    : []
}

/** `</v2/…/tags/list?last=x&n=1000>; rel="next"` */
const nextPage = (header: string | null): string | null =>
  /^<(?<url>[^>]{1,2000})>;\s*rel="?next"?/i.exec(header ?? '')?.groups?.['url'] ?? null

/** A page of the same registry, wherever the link of the page before points. */
function sameOrigin(path: string, base: URL): URL {
  const url = new URL(path, base)
  return url.origin === base.origin ? url : new URL(`${url.pathname}${url.search}`, base)
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
