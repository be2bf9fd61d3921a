import { ChevronRight, SearchX } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { usePreferences } from '../lib/preferences.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { flatten, type Leaf, matchingLeaves } from './report/flat-facts.ts'
import { type Facts, isRecord } from './report/json.ts'
import { outlineOf, toLabel, toReadable } from './report/readable.ts'

export interface FactsTreeProps {
  readonly facts: Facts
  /** A part of the facts to open and bring into view. */
  readonly focus?: string | undefined
}

/** Everything an agent measured, as a tree to unfold and to search. */
export function FactsTree({ facts, focus }: FactsTreeProps) {
  const t = useMessages('execution').facts
  usePreferences(({ locale }) => locale)
  const [term, setTerm] = useState('')
  const wanted = useDeferredValue(term.trim())
  const parts = Object.entries(facts)
  if (parts.length === 0) return <p className="px-4 py-3 text-muted-foreground">{t.none}</p>
  return (
    <div>
      <div className="border-b border-border px-4 py-3">
        <SearchInput
          value={term}
          onChange={setTerm}
          label={t.search}
          placeholder={t.search}
          className="max-w-sm"
        />
      </div>
      {wanted === '' ? (
        <ul className="px-2 py-2">
          {parts.map(([name, value]) => (
            <Branch key={name} name={name} value={value} isFocused={focus === name} />
          ))}
        </ul>
      ) : (
        <Matches facts={facts} term={wanted} />
      )}
    </div>
  )
}

/** Children of one part that are drawn before somebody asks for more. */
const shownAtOnce = 50

interface BranchProps {
  readonly name: string
  readonly value: unknown
  /** The names around it, joined by `_`. */
  readonly within?: string
  readonly isFocused?: boolean
}

function Branch({ name, value, within = '', isFocused = false }: BranchProps) {
  const t = useMessages('execution')
  const [isOpen, setOpen] = useState(isFocused)
  const [limit, setLimit] = useState(shownAtOnce)
  const [wasFocused, setWasFocused] = useState(isFocused)
  const place = useRef<HTMLDetailsElement>(null)
  if (isFocused !== wasFocused) {
    setWasFocused(isFocused)
    if (isFocused) setOpen(true)
  }
  useEffect(() => {
    if (!isFocused) return
    place.current?.scrollIntoView({ block: 'start' })
    place.current?.querySelector('summary')?.focus({ preventScroll: true })
  }, [isFocused])

  const isPlainList = Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null)
  if (!isRecord(value) && (!Array.isArray(value) || isPlainList))
    return <LeafLine name={name} value={value} within={within} />
  const children = Array.isArray(value)
    ? value.map((one, index): [string, unknown] => [String(index + 1), one])
    : Object.entries(value)
  if (children.length === 0) return <LeafLine name={name} value={null} within={within} />
  return (
    <li>
      <details ref={place} open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="flex min-h-(--row) pointer-coarse:min-h-11 list-none items-center gap-1.5 rounded-sm px-2 hover:bg-muted [&::-webkit-details-marker]:hidden">
          <ChevronRight
            aria-hidden
            className={`size-4 shrink-0 text-muted-foreground transition-transform ${isOpen ? 'rotate-90' : ''}`}
          />
          <span className="shrink-0 font-medium foreign">{toLabel(name)}</span>
          <span className="min-w-0 truncate text-sm text-muted-foreground foreign">
            {Array.isArray(value) ? t.facts.items(value.length) : isOpen ? '' : outlineOf(value)}
          </span>
        </summary>
        {isOpen && (
          <ul className="ms-3.5 border-s border-border ps-2">
            {children.slice(0, limit).map(([key, child]) => (
              <Branch key={key} name={key} value={child} within={within ? `${within}_${name}` : name} />
            ))}
            {children.length > limit && (
              <li>
                <button
                  type="button"
                  onClick={() => setLimit(limit + 10 * shownAtOnce)}
                  className="min-h-(--row) rounded-sm px-2 text-sm underline underline-offset-4"
                >
                  {t.findings.more(children.length - limit)}
                </button>
              </li>
            )}
          </ul>
        )}
      </details>
    </li>
  )
}

function LeafLine({ name, value, within = '' }: Omit<BranchProps, 'isFocused'>) {
  return (
    <li className="flex min-h-(--row) flex-wrap items-baseline gap-x-3 px-2 py-1.5 ps-7.5">
      <span className="text-muted-foreground foreign">{toLabel(name)}</span>
      <span className="min-w-0 tabular-nums foreign">{toReadable(`${within}_${name}`, value)}</span>
    </li>
  )
}

const matchesShown = 300

function Matches({ facts, term }: { readonly facts: Facts; readonly term: string }) {
  const t = useMessages('execution').facts
  const leaves = useMemo(() => flatten(facts), [facts])
  const found = useMemo(() => matchingLeaves(leaves, term), [leaves, term])
  if (found.length === 0) return <EmptyState icon={SearchX} title={t.noMatch(term)} />
  return (
    <>
      <ul className="divide-y divide-border">
        {found.slice(0, matchesShown).map((leaf) => (
          <Match key={leaf.path.join('\n')} leaf={leaf} />
        ))}
      </ul>
      {found.length > matchesShown && (
        <p className="border-t border-border px-4 py-3 text-sm text-muted-foreground">
          {t.tooMany(matchesShown)}
        </p>
      )}
    </>
  )
}

function Match({ leaf: { path, name, value } }: { readonly leaf: Leaf }) {
  return (
    <li className="flex min-h-(--row) flex-wrap items-baseline justify-between gap-x-4 px-4 py-1.5">
      <span className="min-w-0 text-sm text-muted-foreground foreign">{path.map(toLabel).join(' › ')}</span>
      <span className="min-w-0 tabular-nums foreign">{toReadable(name, value)}</span>
    </li>
  )
}
