import type { Gap } from '../../contract/agent-protocol.ts'
import type { Change } from '../../contract/reports.ts'
import { compareFacts, type Difference } from './changes/difference.ts'
import { type Told, toTold, toToldTogether } from './changes/wording.ts'
import { isAbout } from './sections.ts'

interface Picture {
  readonly facts: Readonly<Record<string, unknown>>
  readonly gaps: readonly Gap[]
}

/** Changes in one report; the most telling ones are kept. */
const changesMax = 100
/** Entries that came or went in one list before they are told together. */
const togetherFrom = 6
/** Differences looked at; a node cannot make us hold more. */
const differencesMax = 20_000

/**
 * What a person would say has changed on the node between two runs, most telling first, at most 100. What only looks
 * gone because this run could not see it is no change, nor what only looks new because the run before could not.
 */
export function findChanges(before: Picture, after: Picture): Change[] {
  const differences: Difference[] = []
  const hiddenNow = after.gaps.filter((gap) => !isIn(before.gaps, gap))
  const hiddenBefore = before.gaps.filter((gap) => !isIn(after.gaps, gap))
  compareFacts(before.facts, after.facts, [], (difference) => {
    if (differences.length >= differencesMax) return
    const section = difference.path[0] ?? ''
    const hidden = difference.kind === 'removed' ? hiddenNow : difference.kind === 'added' ? hiddenBefore : []
    if (!hidden.some((gap) => isAbout(gap, section))) differences.push(difference)
  })
  const told = gathered(differences).sort((a, b) => b.tells - a.tells)
  return bounded(told.map(({ tells: _, ...change }) => change))
}

const isIn = (gaps: readonly Gap[], { what }: Gap): boolean => gaps.some((gap) => gap.what === what)

/** Tells single changes one by one, and a list's many comings or goings in one sentence. */
function gathered(differences: readonly Difference[]): (Change & Told)[] {
  const groups = Map.groupBy(differences, ({ kind, path }) =>
    kind === 'changed' ? path : `${kind}\n${path.slice(0, -1).join('\n')}`,
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first || group.length < togetherFrom)
      return group.map((one) => ({ ...toChange(one), ...toTold(one) }))
    const list = first.path.slice(0, -1)
    const names = group.map(({ path }) => path.at(-1) ?? '')
    const some = names.slice(0, itemsShown)
    return [
      {
        path: list.join('.').slice(0, pathMax),
        kind: first.kind,
        before: first.kind === 'removed' ? some : null,
        after: first.kind === 'added' ? some : null,
        ...toToldTogether(list, first.kind, names),
      },
    ]
  })
}

const pathMax = 400
const toChange = ({ path, kind, before, after }: Difference): Omit<Change, 'text'> => ({
  path: path.join('.').slice(0, pathMax),
  kind,
  before: brief(before),
  after: brief(after),
})

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

function bounded(changes: Change[]): Change[] {
  if (changes.length <= changesMax) return changes
  const rest = changes.length - changesMax + 1
  const more: Change = {
    path: '',
    kind: 'changed',
    before: null,
    after: null,
    text: `And ${rest} smaller changes`,
  }
  return [...changes.slice(0, changesMax - 1), more]
}
