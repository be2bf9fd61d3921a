import type { AgentFinding, Gap } from '../../contract/agent-protocol.ts'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { OutgoingFetch } from '../outgoing/outgoing.ts'
import type { Collected } from '../reports/collected.ts'
import type { Settings } from '../settings/settings.ts'
import { advisorId, advisorSchema, type ImageFact, type LookupFact, readImages } from './images.ts'
import { type Answer, createLookups, type Told } from './lookups.ts'
import { parseReference, repositoryOf } from './reference.ts'
import { gapOf, judgeImage, type Judged, stepOf, type Why } from './rules.ts'
import { createRegistryStore } from './store.ts'
import { findNewer, isVersion } from './versions.ts'

interface RegistriesTools {
  readonly db: Database
  readonly settings: Pick<Settings, 'get'>
  readonly fetch: OutgoingFetch
  readonly clock: Clock
}

/** The run whose images are looked up. */
interface Run {
  readonly nodeId: NodeId
  readonly agentId: AgentId
}

/** A line for the log of the execution. */
type Say = (line: string) => void

/** For all images of one run together. What is not answered by then is a gap, and there for the next run. */
const lookupMs = 45_000

/**
 * Says for the images that a node runs whether newer ones are out, and adds it to what the node said. Each registry is
 * asked once for all nodes.
 */
export function createRegistries({ db, settings, fetch, clock }: RegistriesTools) {
  const isNamed = (host: string): boolean => {
    const { outgoingHosts } = settings.get()
    return outgoingHosts.includes(host) || outgoingHosts.includes(host.replace(/:\d+$/, ''))
  }
  const lookups = createLookups({ db, store: createRegistryStore(db), fetch, isNamed, clock })

  /** What a run collected, with what registries say of its images; any other run comes back as it is. */
  async function complete(
    { nodeId, agentId }: Run,
    collected: Collected,
    { say, signal }: { say: Say; signal: AbortSignal },
  ): Promise<Collected> {
    if (agentId !== advisorId || collected.schema !== advisorSchema) return collected
    const read = readImages(collected.facts)
    if (!read || read.lookup.registry === 'off') return collected
    const isByServer = read.lookup.registry === 'server'
    if (isByServer && settings.get().registryLookups === 'off') {
      say('Newer images were not looked for: the settings say so.')
      return collected
    }
    const wanted = [...read.images.values()].filter(({ state }) => state === 'unchecked')
    const judged = isByServer
      ? await askAll(wanted, read.lookup, { say, signal })
      : await takeAll(nodeId, wanted, read.lookup)
    return withJudged(collected, read.images, judged)
  }

  async function askAll(
    images: readonly ImageFact[],
    lookup: LookupFact,
    { say, signal }: { say: Say; signal: AbortSignal },
  ): Promise<Map<string, Judged>> {
    const within = images.slice(0, lookup.max_images)
    const references = new Map(within.map(({ name }) => [name, parseReference(name)]))
    const wanted = [...references.values()].filter((one) => one !== null)
    const late = new AbortController()
    const callOff = clock.after(lookupMs, () => late.abort())
    const round = await lookups
      .lookUp(wanted, {
        wantsTags: ({ tag }) => lookup.newer_versions && isVersion(tag),
        signal: AbortSignal.any([signal, late.signal]),
      })
      .finally(callOff)
    say(`Registries: ${wanted.length} images looked up, ${wanted.length - round.asked} of them known before.`)
    const now = clock.now()
    return judgeAll(images, (image) => {
      const reference = references.get(image.name)
      if (reference === undefined) return blind(image, 'beyond')
      if (reference === null) return blind(image, 'unreadable')
      const answer = round.answers.get(image.name)
      if (!answer) return blind(image, 'too-late')
      const tags = round.tags.get(repositoryOf(reference))?.tags ?? []
      return judgeImage({ image, answer, newer: findNewer(reference.tag, tags) }, lookup, now)
    })
  }

  /** What the node was told by registries that it asked by itself. */
  async function takeAll(
    nodeId: NodeId,
    images: readonly ImageFact[],
    lookup: LookupFact,
  ): Promise<Map<string, Judged>> {
    const answers = new Map<string, Answer | Why>()
    for (const { name, answer } of images) {
      const reference = parseReference(name)
      if (!reference) answers.set(name, 'unreadable')
      else if (answer) answers.set(name, await lookups.take(nodeId, reference, toTold(answer)))
    }
    const now = clock.now()
    return judgeAll(images, (image) => {
      const answer = answers.get(image.name) ?? 'beyond'
      if (typeof answer === 'string') return blind(image, answer)
      return judgeImage({ image, answer, newer: null }, lookup, now)
    })
  }

  return { complete }
}
export type Registries = ReturnType<typeof createRegistries>

const judgeAll = (images: readonly ImageFact[], judge: (image: ImageFact) => Judged): Map<string, Judged> =>
  new Map(images.map((image) => [image.name, judge(image)]))

const blind = ({ name }: ImageFact, why: Why): Judged => ({
  state: 'error',
  findings: [],
  gap: gapOf(name, why),
})

const toTold = (answer: NonNullable<ImageFact['answer']>): Told =>
  'error' in answer ? { failed: true } : answer

/** Findings, gaps and steps of the look-ups beside those of the node, and the states among its facts. */
function withJudged(
  collected: Collected,
  images: ReadonlyMap<unknown, ImageFact>,
  judged: ReadonlyMap<string, Judged>,
): Collected {
  const findings: AgentFinding[] = [...judged.values()].flatMap((one) => one.findings)
  const gaps: Gap[] = [...judged.values()].flatMap(({ gap }) => gap ?? [])
  // Should a node say them by itself, each would be there twice.
  const ours = new Set(['img.update', 'img.newer_version', 'img.tag_gone'])
  const sections = new Map(collected.sections)
  sections.set('registry', 'ok')
  for (const [name, { gap }] of judged) sections.set(stepOf(name), gap ? 'error' : 'ok')
  const rows = (collected.facts['images'] as unknown[]).map((row) => {
    const image = images.get(row)
    const one = image && judged.get(image.name)
    return one ? { ...(row as object), state: one.state } : row
  })
  return {
    ...collected,
    findings: [...collected.findings.filter(({ id }) => !ours.has(id)), ...findings],
    gaps: [...collected.gaps, ...gaps],
    facts: { ...collected.facts, images: rows },
    sections,
    status: collected.status === 'ok' && gaps.length > 0 ? 'partial' : collected.status,
  }
}
