import type { Claim, Evidence, Explanation } from '../../../contract/explanations.ts'
import { looksSecret } from '../redact/secrets.ts'
import type { Sent, SentItem } from '../redact/sent.ts'
import type { ModelAnswer, ModelClaim, ModelReply } from './answer.ts'
import { numbersIn, valuesIn, isSaidBy } from './numbers.ts'

/** Why a claim was not believed. */
export type Doubt =
  | 'no-evidence'
  | 'unknown-id'
  | 'unknown-name'
  | 'not-quoted'
  | 'wrong-number'
  | 'has-link'
  | 'has-secret'
  | 'empty'

/** A sentence of a model, held against the run it is about. */
export type Held =
  | { readonly kind: 'stands'; readonly claim: Claim }
  | { readonly kind: 'falls'; readonly doubt: Doubt }

const idsInText = /\b[FCGD]\d{1,3}\b/g
const link = /\b[a-z][a-z0-9+.-]{1,20}:\/\/|\bwww\.|\]\(|<[a-z/!]/i
/** Paths, units, packages, images: what is no ordinary word. */
const names = /(?<!\w)(?:\/[\w.@+-]*[\w@+-])+|\b[\w@-]+(?:[.:][\w@-]+)+|\b[\w.-]+(?:\/[\w.-]*\d[\w.-]*)+/g
/** Abbreviations are not names. */
const ordinary = new Set(['e.g', 'i.e', 'z.b', 'd.h', 'u.a', 'o.g', 'a.m', 'p.m'])
const quoted = /["“„«`]([^"“”„»«`]{2,200})["”“»`]/g

/**
 * Holds a claim against what was sent: its evidence must exist, its numbers must stand in that evidence, its quotes must
 * be there word by word, and names must be of this run. Real names come back only in what stands.
 */
export function hold(said: ModelClaim, sent: Sent): Held {
  const falls = (doubt: Doubt): Held => ({ kind: 'falls', doubt })
  const text = clean(said.text)
  if (text === '') return falls('empty')
  if (link.test(text)) return falls('has-link')
  if (looksSecret(text)) return falls('has-secret')

  const ids = [...new Set([...said.evidence.map((id) => id.trim()), ...(text.match(idsInText) ?? [])])]
  const items = ids.map((id) => sent.items.get(id))
  if (items.some((item) => item === undefined)) return falls('unknown-id')
  const evidence = items.filter((item) => item !== undefined)
  if (evidence.length === 0) return falls('no-evidence')

  const there = evidence.map(({ sent: what }) => wordsOf(what)).join('\n')
  const inText = [...text.matchAll(quoted)].map(([, words]) => words ?? '')
  if (![...said.quotes, ...inText].every((quote) => includes(there, quote))) return falls('not-quoted')

  if (sent.aliases.unknownIn(text).length > 0) return falls('unknown-name')
  const everywhere = wordsOf(sent.untrusted)
  const bare = text.replace(idsInText, ' ').replace(quoted, ' ')
  const named = (bare.match(names) ?? []).filter(
    (name) => !/^[\d.:,/]+$/.test(name) && !ordinary.has(name.toLowerCase()),
  )
  if (!named.every((name) => includes(everywhere, name))) return falls('unknown-name')

  const values = valuesIn(evidence.map(({ sent: what }) => what))
  const rest = named.reduce((left, name) => left.replaceAll(name, ' '), bare)
  if (!numbersIn(rest).every((number) => isSaidBy(number, values))) return falls('wrong-number')

  return {
    kind: 'stands',
    claim: { text: sent.aliases.reveal(withoutIds(text)), evidence: evidence.map(toEvidence) },
  }
}

/** What of an answer stands. A suggestion needs a finding of this run that is not resolved. */
export function holdAnswer(answer: ModelAnswer, sent: Sent): Explanation {
  const count = { dropped: 0 }
  const keep = keeping(sent, count)
  const [verdict = null] = keep([answer.verdict])
  const suggestions = answer.suggestions.flatMap((said) => {
    const finding = sent.items.get(said.finding.trim())
    if (finding?.kind !== 'finding') {
      count.dropped++
      return []
    }
    const { finding: id, ...claim } = said
    return keep([{ ...claim, evidence: [id, ...claim.evidence] }]).map((kept) => ({
      ...kept,
      findingKey: finding.ref,
    }))
  })
  const happened = keep(answer.happened)
  const lookAt = keep(answer.look_at)
  return { verdict, happened, lookAt, suggestions, dropped: count.dropped }
}

export function holdReply(reply: ModelReply, sent: Sent): { claims: Claim[]; dropped: number } {
  const count = { dropped: 0 }
  const claims = keeping(sent, count)(reply.claims)
  return { claims, dropped: count.dropped }
}

const keeping =
  (sent: Sent, count: { dropped: number }) =>
  (said: readonly ModelClaim[]): Claim[] =>
    said.flatMap((one) => {
      const held = hold(one, sent)
      if (held.kind === 'stands') return [held.claim]
      count.dropped++
      return []
    })

const toEvidence = ({ kind, ref, label }: SentItem): Evidence => ({ kind, ref, label: label.slice(0, 200) })

/** "(F1, D2)" helps a program, not a reader: the evidence is shown beside it. */
const withoutIds = (text: string): string =>
  text
    .replace(/\s*[([](?:\s*[FCGD]\d{1,3}\s*[,;]?)+[)\]]/g, '')
    .replace(/\s{2,}/g, ' ')
    .trim()

const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+/gu, ' ')
    .replace(/\s{2,}/g, ' ')
    .trim()

const includes = (there: string, words: string): boolean =>
  squeeze(there).includes(squeeze(words).replace(/[.,;:!?]+$/, ''))
const squeeze = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim()

/** All texts and numbers of a value, as they would be quoted. */
function wordsOf(what: unknown): string {
  if (Array.isArray(what)) return what.map(wordsOf).join('\n')
  if (typeof what === 'object' && what !== null) {
    return Object.entries(what)
      .map(([name, inner]) => `${name}\n${wordsOf(inner)}`)
      .join('\n')
  }
  return String(what)
}
