import { type FactValue, factsOf } from '../../contract/fact-paths.ts'
import type { Finding, Metric, Report } from '../../contract/reports.ts'

/** One thing that both reports may have, as each has it; null where it has none. */
export interface Pair<Value> {
  readonly name: string
  readonly a: Value | null
  readonly b: Value | null
}

/** What tells two reports apart. */
export interface Sides {
  /** Open findings, by key: those that differ first. */
  readonly findings: readonly Pair<Finding>[]
  readonly metrics: readonly Pair<Metric>[]
  /** Facts that differ; those that are alike are only counted. */
  readonly facts: readonly Pair<FactValue>[]
  readonly alike: number
}

type Compared = Pick<Report, 'findings' | 'metrics' | 'facts'>

/** Sets two reports side by side. */
export function compareReports(a: Compared, b: Compared): Sides {
  const facts = pairsOf(new Map(factsOf(a.facts)), new Map(factsOf(b.facts)))
  const different = facts.filter((pair) => pair.a !== pair.b)
  return {
    findings: pairsOf(openOf(a), openOf(b)).toSorted(
      (one, other) => Number(isBoth(one)) - Number(isBoth(other)),
    ),
    metrics: pairsOf(metricsOf(a), metricsOf(b)),
    facts: different,
    alike: facts.length - different.length,
  }
}

function pairsOf<Value>(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): Pair<Value>[] {
  const names = [...new Set([...a.keys(), ...b.keys()])]
  return names.map((name) => ({ name, a: a.get(name) ?? null, b: b.get(name) ?? null }))
}

const openOf = ({ findings }: Compared) =>
  new Map(findings.filter(({ state }) => state !== 'resolved').map((finding) => [finding.key, finding]))
const metricsOf = ({ metrics }: Compared) =>
  new Map(metrics.map((metric) => [[metric.name, ...Object.values(metric.labels)].join(' '), metric]))
const isBoth = <Value>({ a, b }: Pair<Value>): boolean => a !== null && b !== null

/** How often each value occurs, the most frequent first: what most have is the rule, and the rest stands out. */
export function countValues(values: readonly string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
}

/** The value that more than half have; null where there is no such one, or only one to look at. */
export function usualOf(values: readonly string[]): string | null {
  const [first] = countValues(values)
  return first && values.length > 1 && first.count * 2 > values.length ? first.value : null
}
