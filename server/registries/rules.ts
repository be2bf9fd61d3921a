import type { AgentFinding, Gap } from '../../contract/agent-protocol.ts'
import type { ImageFact, LookupFact } from './images.ts'
import type { Answer } from './lookups.ts'
import type { Newer } from './versions.ts'

const dayMs = 86_400_000
/** A tag that was not there once may just be being pushed. */
const looksThatProve = 2

/** How an image stands against its registry. */
export type ImageState = 'current' | 'outdated' | 'gone' | 'error'

interface Look {
  readonly image: ImageFact
  readonly answer: Answer
  readonly newer: Newer | null
}

export interface Judged {
  readonly state: ImageState
  readonly findings: readonly AgentFinding[]
  readonly gap: Gap | null
}

/** Judges one image by what its registry says. What is not known is a gap, and never a newer image. */
export function judgeImage(look: Look, limits: LookupFact, now: Date): Judged {
  const { image, answer } = look
  switch (answer.kind) {
    case 'unknown':
      return { state: 'error', findings: [], gap: gapOf(image.name, answer.why) }
    case 'gone':
      return {
        state: 'gone',
        findings: answer.looks >= looksThatProve ? [tagGone(image, answer)] : [],
        gap: null,
      }
    case 'known': {
      const isCurrent = image.digests.includes(answer.digest)
      const findings = isCurrent ? [] : [update(image, answer, limits, now)]
      if (look.newer) findings.push(newerVersion(image, look.newer, answer.lookedAt))
      return { state: isCurrent ? 'current' : 'outdated', findings, gap: null }
    }
  }
}

type Known = Extract<Answer, { kind: 'known' }>

function update(
  image: ImageFact,
  answer: Known,
  { image_warn_days, update_warn_days }: LookupFact,
  now: Date,
): AgentFinding {
  const ageDays = image.created === null ? null : daysBetween(image.created * 1_000, now)
  const knownDays = daysBetween(Date.parse(answer.since), now)
  const isLate = (ageDays !== null && ageDays > image_warn_days) || knownDays > update_warn_days
  return finding(image, {
    id: 'img.update',
    severity: isLate ? 'warning' : 'info',
    title: `A newer image of ${image.name} is out`,
    evidence: {
      containers: image.containers.slice(0, 20),
      digest_here: image.digests.slice(0, 3).map(shortened),
      digest_there: shortened(answer.digest),
      age_d: ageDays,
      known_since: answer.since,
      looked_at: answer.lookedAt,
    },
    fix: 'Read what is new in it. Then, in the folder of its project: docker compose pull && docker compose up -d.',
  })
}

function newerVersion(image: ImageFact, { same, major }: Newer, lookedAt: string): AgentFinding {
  const named = same && major ? `${same} is out, and ${major}` : `${same ?? major} is out`
  const caution = major
    ? ` ${major} begins with another number: expect that something has to be changed for it.`
    : ''
  return finding(image, {
    id: 'img.newer_version',
    severity: 'info',
    title: `${image.name} runs, ${named}`,
    evidence: {
      containers: image.containers.slice(0, 20),
      newest: same,
      newest_major: major,
      looked_at: lookedAt,
    },
    fix: `Read what is new, then change the tag where the container is described.${caution}`,
  })
}

function tagGone(image: ImageFact, { looks, lookedAt }: Extract<Answer, { kind: 'gone' }>): AgentFinding {
  return finding(image, {
    id: 'img.tag_gone',
    severity: 'warning',
    title: `The registry has no ${image.name} any more: it gets no updates`,
    evidence: { containers: image.containers.slice(0, 20), looks, looked_at: lookedAt },
    fix: 'See where its maker publishes it now. Keep what is here until then: it could not be pulled again.',
  })
}

function finding(
  image: ImageFact,
  told: Pick<AgentFinding, 'id' | 'severity' | 'title' | 'evidence' | 'fix'>,
): AgentFinding {
  return {
    ...told,
    subject: image.name,
    key: `${told.id}:${image.name}`,
    title: told.title.slice(0, 300),
    confidence: 'certain',
  }
}

/** Why nobody knows whether a newer image is out. */
export type Why = Extract<Answer, { kind: 'unknown' }>['why'] | 'unreadable' | 'beyond'

const reasons: Readonly<Record<Why, readonly [why: string, remedy: string | null]>> = {
  closed: ['its registry tells only whoever signs in', 'Leave it out with the option ignore_images.'],
  gone: ['its registry does not know it', null],
  busy: ['its registry wants to be asked less often', 'A later run asks again by itself.'],
  refused: [
    'this server may not talk to its registry',
    'Allow the host under Settings → What we talk to, or have the node ask with the option registry.',
  ],
  failed: ['its registry did not answer as it should', 'See under Settings → What we talk to how it went.'],
  'too-late': ['its registry took too long', 'A later run asks again by itself.'],
  'too-many': [
    'its node runs images of too many registries',
    'Leave some out with the option ignore_images.',
  ],
  beyond: ['more images run than are looked up at most', 'Raise the option max_images.'],
  unreadable: ['its name is none that could be looked up', 'Leave it out with the option ignore_images.'],
}

/** That nobody knows whether a newer one is out, and why. */
export function gapOf(name: string, why: Why): Gap {
  const [sentence, remedy] = reasons[why]
  return { what: stepOf(name).slice(0, 200), why: sentence, remedy }
}

/** What the part of a run is called that looks one image up. */
export const stepOf = (name: string): string => `registry: ${name}`

/** Enough of a digest to tell it from another, and as Docker shows it. */
const shortened = (digest: string): string => digest.slice(0, 'sha256:'.length + 12)

const daysBetween = (fromMs: number, to: Date): number =>
  Math.max(0, Math.floor((to.getTime() - fromMs) / dayMs))
