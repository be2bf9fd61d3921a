import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { OutgoingFetch } from '../outgoing/outgoing.ts'
import { createRegistryClient, type RegistryClient, type Said } from './client.ts'
import { restMs, restOfHostMs } from './freshness.ts'
import { keyOf, type Reference, repositoryOf } from './reference.ts'
import type { AskedFrom, Kept, KeptTags, RegistryStore, Trouble } from './store.ts'

/** What is known of one image at its registry. */
export type Answer =
  | {
      readonly kind: 'known'
      readonly digest: string
      /** Since when this digest is known to be the newest. */
      readonly since: string
      readonly lookedAt: string
    }
  | { readonly kind: 'gone'; readonly looks: number; readonly lookedAt: string }
  /** Nobody knows; never to be taken for a newer image, nor for none. */
  | { readonly kind: 'unknown'; readonly why: Trouble | 'too-late' | 'too-many' }

/** What one round of questions brought, by the name that the node gave. */
export interface Round {
  readonly answers: ReadonlyMap<string, Answer>
  /** Versions of a repository, by `host/path`; only of those that were wanted and could be had. */
  readonly tags: ReadonlyMap<string, Pick<KeptTags, 'tags' | 'isComplete'>>
  /** How many names were really asked for. */
  readonly asked: number
}

/** What somebody else asked, of one name. */
export type Told = { readonly digest: string } | { readonly gone: true } | { readonly failed: true }

interface LookupTools {
  readonly db: Database
  readonly store: RegistryStore
  readonly fetch: OutgoingFetch
  readonly isNamed: (host: string) => boolean
  readonly clock: Clock
}

/** Questions under way at the same time. */
const atOnce = 6
/** Registries that one node may have the server talk to in one run. */
const mostHosts = 20
/** What nobody has looked up for this long is forgotten. */
const forgetAfterDays = 120

/**
 * Looks images up at their registries, each name once for all nodes that run it, and remembers the answer. Two runs that
 * want the same at the same time share one question.
 */
export function createLookups({ db, store, fetch, isNamed, clock }: LookupTools) {
  const underWay = new Map<string, Promise<unknown>>()

  const nowText = () => clock.now().toISOString()
  const later = (ms: number) => new Date(clock.now().getTime() + ms).toISOString()

  /** Answers what is known, and asks the rest until the signal says that there is no more time. */
  async function lookUp(
    references: readonly Reference[],
    { wantsTags, signal }: { wantsTags: (reference: Reference) => boolean; signal: AbortSignal },
  ): Promise<Round> {
    const client = createRegistryClient({ fetch, isNamed })
    const answers = new Map<string, Answer>()
    const tags = new Map<string, Pick<KeptTags, 'tags' | 'isComplete'>>()
    const hosts = new Set<string>()
    let asked = 0
    const tasks = references.map((reference) => async () => {
      const { name, host } = reference
      hosts.add(host)
      if (hosts.size > mostHosts && [...hosts].indexOf(host) >= mostHosts) {
        answers.set(name, { kind: 'unknown', why: 'too-many' })
        return
      }
      const found = await answerTo(client, reference, signal)
      answers.set(name, found.answer)
      if (found.isNew) asked++
      if (found.answer.kind !== 'known' || !wantsTags(reference)) return
      const list = await tagsOf(client, reference, signal)
      if (list) tags.set(repositoryOf(reference), list)
    })
    await inParallel(tasks, atOnce)
    await db.write((tx) => store.forget(tx, later(-forgetAfterDays * 86_400_000)))
    return { answers, tags, asked }
  }

  async function answerTo(client: RegistryClient, reference: Reference, signal: AbortSignal) {
    const key = keyOf(reference)
    const before = await store.find('server', key)
    if (before && before.nextAt > nowText()) return { answer: toAnswer(before), isNew: false }
    const why = await whyNot(reference.host, signal)
    if (why) return { answer: { kind: 'unknown', why } as const, isNew: false }
    const kept = await within(
      signal,
      shared(`answer ${key}`, async () =>
        keep('server', key, await client.digestOf(reference), reference.host),
      ),
    )
    return { answer: kept ? toAnswer(kept) : ({ kind: 'unknown', why: 'too-late' } as const), isNew: true }
  }

  async function tagsOf(client: RegistryClient, reference: Reference, signal: AbortSignal) {
    const repository = repositoryOf(reference)
    const before = await store.findTags(repository)
    if (before && before.nextAt > nowText()) return before
    if (await whyNot(reference.host, signal)) return before
    return within(
      signal,
      shared(`tags ${repository}`, async () => {
        const said = await client.tagsOf(reference)
        await pauseIfBusy(said, reference.host)
        // Whether a higher version is out is worth less than the answer: what cannot be had is left out.
        const list = said.kind === 'told' ? said.content : { tags: [], isComplete: false }
        const kept = { ...list, nextAt: later(restMs(repository, said.kind === 'told' ? null : 'failed')) }
        await db.write((tx) => store.putTags(tx, repository, nowText(), kept))
        return kept
      }),
    )
  }

  /** Takes over what a node was told that asked by itself, so that it is known since when. */
  async function take(askedFrom: AskedFrom, reference: Reference, told: Told): Promise<Answer> {
    const said: Said<string> =
      'digest' in told
        ? { kind: 'told', content: told.digest }
        : 'gone' in told
          ? { kind: 'gone' }
          : { kind: 'failed', status: null, code: null }
    return toAnswer(await keep(askedFrom, keyOf(reference), said, null))
  }

  async function keep(
    askedFrom: AskedFrom,
    key: string,
    said: Said<string>,
    host: string | null,
  ): Promise<Kept> {
    if (host !== null) await pauseIfBusy(said, host)
    const before = await store.find(askedFrom, key)
    const kept = toKept(before, said, { key, now: nowText(), later })
    await db.write((tx) => store.put(tx, askedFrom, key, kept))
    return kept
  }

  async function pauseIfBusy(said: Said<unknown>, host: string): Promise<void> {
    if (said.kind !== 'busy') return
    await db.write((tx) => store.putPause(tx, host, later(restOfHostMs(said.retryAfterS))))
  }

  async function whyNot(host: string, signal: AbortSignal): Promise<'busy' | 'too-late' | null> {
    if (signal.aborted) return 'too-late'
    const until = await store.findPause(host)
    return until !== null && until > nowText() ? 'busy' : null
  }

  function shared<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = underWay.get(key) as Promise<Result> | undefined
    if (before) return before
    const mine = work().finally(() => underWay.delete(key))
    underWay.set(key, mine)
    return mine
  }

  return { lookUp, take }
}
export type Lookups = ReturnType<typeof createLookups>

/** What is kept after a look: a look that brought nothing takes nothing back of what was known before. */
function toKept(
  before: Kept | null,
  said: Said<string>,
  { key, now, later }: { key: string; now: string; later: (ms: number) => string },
): Kept {
  const trouble = troubleOf(said)
  const known = { digest: before?.digest ?? null, digestSince: before?.digestSince ?? null }
  const isSame = said.kind === 'told' && said.content === known.digest
  return {
    ...(said.kind === 'told' && !isSame ? { digest: said.content, digestSince: now } : known),
    // Only looks that were answered say whether it is there.
    goneLooks:
      trouble === 'gone' ? (before?.goneLooks ?? 0) + 1 : trouble === null ? 0 : (before?.goneLooks ?? 0),
    trouble,
    lookedAt: now,
    nextAt: later(restMs(key, trouble)),
  }
}

function troubleOf(said: Said<string>): Trouble | null {
  if (said.kind === 'told') return null
  if (said.kind !== 'failed') return said.kind
  return said.code !== null && refusals.has(said.code) ? 'refused' : 'failed'
}

/** By the rules of this server, not by the registry. */
const refusals: ReadonlySet<string> = new Set([
  'outgoing.url_not_allowed',
  'outgoing.address_not_allowed',
  'outgoing.home_not_allowed',
  'outgoing.host_not_listed',
])

function toAnswer({ digest, digestSince, goneLooks, trouble, lookedAt }: Kept): Answer {
  if (trouble === 'gone') return { kind: 'gone', looks: goneLooks, lookedAt }
  if (trouble !== null) return { kind: 'unknown', why: trouble }
  return { kind: 'known', digest: digest ?? '', since: digestSince ?? lookedAt, lookedAt }
}

/** The result, or null when there is no more time; the work itself goes on and is there for the next run. */
async function within<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result | null> {
  if (signal.aborted) {
    work.catch(() => {})
    return null
  }
  const { promise, resolve } = Promise.withResolvers<null>()
  const stop = () => resolve(null)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
    work.catch(() => {})
  }
}

async function inParallel(tasks: readonly (() => Promise<void>)[], width: number): Promise<void> {
  const waiting = tasks.values()
  const walk = async () => {
    for (const task of waiting) await task()
  }
  await Promise.all(Array.from({ length: width }, walk))
}
