import type { Gap } from '../../contract/agent-protocol.ts'
import type { Change } from '../../contract/reports.ts'
import { compareFacts, type Difference } from './changes/difference.ts'
import { toSentence, toSentenceTogether, weigh } from './changes/sentences.ts'
import { isAbout } from './sections.ts'

interface Picture {
  readonly facts: Readonly<Record<string, unknown>>
  readonly gaps: readonly Gap[]
}

/** Changes in one report; the most telling ones are kept. */
const changesMax = 100
/** Entries that came or went in one list before they are told together. */
const togetherFrom = 6
/** Differences that the most telling are chosen from; after that many nobody reads on. */
const differencesMax = 10_000

/**
 * What a person would say has changed on the node between two runs, most telling first, at most 100. What only looks
 * gone because this run could not see it is no change, nor what only looks new because the run before could not.
 */
export function findChanges(before: Picture, after: Picture): Change[] {
  const differences: Difference[] = []
  const hiddenNow = after.gaps.filter((gap) => !isIn(before.gaps, gap))
  const hiddenBefore = before.gaps.filter((gap) => !isIn(after.gaps, gap))
  compareFacts(before.facts, after.facts, [], {
    isFull: () => differences.length >= differencesMax,
    tell: (difference) => {
      const section = difference.path[0] ?? ''
      const hidden = { removed: hiddenNow, added: hiddenBefore, changed: [] }[difference.kind]
      if (!hidden.some((gap) => isAbout(gap, section))) differences.push(difference)
    },
  })
  const groups = gathered(differences).sort((a, b) => weigh(b[0].path) - weigh(a[0].path))
  if (groups.length <= changesMax) return groups.map(toChange)
  const rest = groups.length - changesMax + 1
  const more: Change = {
    path: '',
    kind: 'changed',
    before: null,
    after: null,
    text: `And ${rest} smaller changes`,
  }
  return [...groups.slice(0, changesMax - 1).map(toChange), more]
}

const isIn = (gaps: readonly Gap[], { what }: Gap): boolean => gaps.some((gap) => gap.what === what)

type Group = readonly [Difference, ...Difference[]]

/** What is told in one sentence: a single difference, or the many that came to or went from one list. */
function gathered(differences: readonly Difference[]): Group[] {
  const lists = Map.groupBy(differences, (one) => (one.kind === 'changed' ? one : placeOf(one)))
  return [...lists.values()].flatMap((list): Group[] => {
    const [first, ...others] = list
    if (first && list.length >= togetherFrom) return [[first, ...others]]
    return list.map((one) => [one])
  })
}

const placeOf = ({ kind, path }: Difference): string => `${kind} ${path.slice(0, -1).join('\n')}`

const pathMax = 400

function toChange(group: Group): Change {
  const [{ path, kind, before, after }] = group
  const shown = (steps: readonly string[]) => steps.join('.').slice(0, pathMax)
  if (group.length === 1) {
    return { path: shown(path), kind, before: brief(before), after: brief(after), text: toSentence(group[0]) }
  }
  const list = path.slice(0, -1)
  const names = group.map((one) => one.path.at(-1) ?? '')
  const some = brief(names)
  return {
    path: shown(list),
    kind,
    before: kind === 'removed' ? some : null,
    after: kind === 'added' ? some : null,
    text: toSentenceTogether(list, kind, names),
  }
}

const itemsShown = 20
const textMax = 500

/** Enough of a value to show; the whole of it is among the facts. */
function brief(value: unknown, levels = 2): unknown {
  if (typeof value === 'string') return value.slice(0, textMax)
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return '…'
  if (Array.isArray(value)) return value.slice(0, itemsShown).map((inner) => brief(inner, levels - 1))
  const entries = Object.entries(value).slice(0, itemsShown)
  return Object.fromEntries(
    entries.map(([name, inner]) => [name.slice(0, textMax), brief(inner, levels - 1)]),
  )
}
