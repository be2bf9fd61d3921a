import { toOneLine } from '../../lib/printable.ts'
import type { Difference } from './difference.ts'
import { fromTo, pick, toWords, wordings } from './wording.ts'

const steps = wordings.map((wording) => ({ ...wording, steps: wording.path.split('.') }))
const byFirstStep = Map.groupBy(steps, (wording) => wording.steps[0])
/** How much an unknown place tells. */
const plain = 20

/** How much a change of this place tells. */
export const weigh = (path: readonly string[]): number => find(path)?.tells ?? plain

/** Puts one difference into words. */
export function toSentence(difference: Difference): string {
  const wording = find(difference.path)
  if (!wording) return plainWords(difference)
  const name = difference.path.findLast((_, index) => wording.steps[index] === '*') ?? ''
  return sentence(wording.words(toOneLine(name, 100), difference))
}

/** Puts many entries that came or went in one list into one sentence. */
export function toSentenceTogether(
  list: readonly string[],
  kind: Difference['kind'],
  names: readonly string[],
): string {
  const wording = find([...list, names[0] ?? ''])
  const shown = names.slice(0, 5).map((name) => toOneLine(name, 60))
  const rest = names.length - shown.length
  const named = rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
  const unknown = () => `${names.length} ${kind === 'added' ? 'added to' : 'gone from'} ${label(list)}`
  return sentence(`${wording?.many?.(names.length, kind) ?? unknown()}: ${named}`)
}

function find(path: readonly string[]) {
  return byFirstStep
    .get(path[0] ?? '')
    ?.find(
      (one) =>
        one.steps.length === path.length && one.steps.every((step, i) => step === '*' || step === path[i]),
    )
}

function plainWords(difference: Difference): string {
  const { path, after, before } = difference
  const there = after ?? before
  // The member of a set: its name is its value.
  const isMember = path.at(-1) === String(there)
  const what = isMember ? `${label(path.slice(0, -1))}: ${toWords(there)}` : label(path)
  const value = isMember || typeof there === 'object' ? '' : `: ${toWords(there)}`
  return sentence(
    pick(
      difference,
      `${what} is new${value}`,
      `${what} is gone${value}`,
      `${what} changed ${fromTo(difference)}`,
    ),
  )
}

const label = (path: readonly string[]): string => toOneLine(path.join(' ').replaceAll('_', ' '), 160)

/** Starts with a capital letter, unless it starts with a name or a path. */
const sentence = (text: string): string =>
  /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
