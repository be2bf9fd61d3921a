/** A term that a selector may hold, and how it reads. */
export interface Suggestion {
  readonly kind: 'all' | 'tag' | 'glob' | 'node'
  /** What goes into the selection. */
  readonly term: string
  /** What is shown: a name instead of an id. */
  readonly label: string
  /** How many nodes it means; null where that is plain. */
  readonly count: number | null
}

interface Named {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
}

const shown = 8

/**
 * The term that means a node and nothing else: its name, or its id where the name would read as several terms, a glob,
 * a tag, an exclusion or all.
 */
export function termFor({ id, name }: Pick<Named, 'id' | 'name'>): string {
  return /[,*?!]|^tag:|^all$/i.test(name) || name.trim() !== name ? id : name
}

/** What could be meant by the beginning that was typed, best first. A leading `!` stays. */
export function suggest(typed: string, nodes: readonly Named[], chosen: readonly string[]): Suggestion[] {
  const isExclusion = typed.trimStart().startsWith('!')
  const wanted = typed.trim().replace(/^!/, '').toLowerCase()
  const word = wanted.replace(/^tag:/, '')
  const tags = new Map<string, number>()
  for (const node of nodes) for (const tag of node.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1)

  const all: Suggestion[] = [
    { kind: 'all' as const, term: 'all', label: 'all', count: null },
    ...[...tags]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tag, count]) => ({ kind: 'tag' as const, term: `tag:${tag}`, label: `tag:${tag}`, count })),
    ...globsOf(wanted, nodes),
    ...nodes.map((node) => ({ kind: 'node' as const, term: termFor(node), label: node.name, count: null })),
  ]
  const fits = ({ kind, label }: Suggestion) => {
    const text = label.toLowerCase()
    if (kind === 'tag') return text.slice(4).includes(word)
    return kind === 'glob' || text.includes(wanted)
  }
  const begins = ({ kind, label }: Suggestion) =>
    kind === 'glob' ||
    label.toLowerCase().startsWith(kind === 'tag' && word === wanted ? `tag:${word}` : wanted)
  const sign = isExclusion ? '!' : ''
  const taken = new Set(chosen)
  const fitting = all.filter(
    (one) => fits(one) && !taken.has(`${sign}${one.term}`) && !(isExclusion && one.kind === 'all'),
  )
  return [...fitting.filter(begins), ...fitting.filter((one) => !begins(one))]
    .slice(0, shown)
    .map((one) => ({ ...one, term: `${sign}${one.term}`, label: `${sign}${one.label}` }))
}

/** `docker-*`, where several names begin like that. */
function globsOf(wanted: string, nodes: readonly Named[]): Suggestion[] {
  if (wanted.length < 2 || /[*?]/.test(wanted) || wanted.startsWith('tag:')) return []
  const count = nodes.filter(({ name }) => name.toLowerCase().startsWith(wanted)).length
  return count > 1 ? [{ kind: 'glob', term: `${wanted}*`, label: `${wanted}*`, count }] : []
}
