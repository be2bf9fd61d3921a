import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useDeferredValue } from 'react'
import type { NodeId } from '../../contract/ids.ts'
import { useMessages } from '../lib/messages.ts'
import { nodeQuery, nodesQuery } from '../nodes/queries.ts'
import { type Selection, settle, termsOf, toSelection, typed } from './selection.ts'
import { SuggestInput } from './suggest-input.tsx'
import { suggest } from './suggestions.ts'

interface TargetFieldProps {
  readonly value: Selection
  readonly onChange: (value: Selection) => void
  /** Read aloud where no field is around. */
  readonly label?: string
}

/** Nodes by name, glob, tag or all, as one types them. */
export function TargetField({ value, onChange, label }: TargetFieldProps) {
  const t = useMessages('executions').targets
  const nodes = useNodesLike(value.draft)
  const suggestions = suggest(value.draft, nodes, value.terms)
  return (
    <div className="relative flex min-h-9 flex-wrap items-center gap-1 rounded-md border border-input bg-card px-1.5 py-[3px] transition-colors focus-within:outline-2 focus-within:outline-ring hover:border-muted-foreground pointer-coarse:min-h-11">
      {value.terms.map((term) => (
        <Chip
          key={term}
          term={term}
          onRemove={() => onChange({ ...value, terms: value.terms.filter((other) => other !== term) })}
        />
      ))}
      <SuggestInput
        bare
        className="static! min-w-24 flex-1 px-1.5"
        {...(label ? { 'aria-label': label } : {})}
        placeholder={value.terms.length === 0 ? t.placeholder : t.add}
        value={value.draft}
        suggestions={suggestions}
        onChange={(text) => onChange(typed(value, text))}
        onPick={({ term }) => onChange(toSelection(termsOf({ terms: [...value.terms, term], draft: '' })))}
        onBlur={() => onChange(settle(value))}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && value.draft.trim()) {
            event.preventDefault()
            onChange(settle(value))
          } else if (event.key === 'Backspace' && value.draft === '') {
            onChange(toSelection(value.terms.slice(0, -1)))
          }
        }}
      />
    </div>
  )
}

/** Nodes that suggestions are made of: the first by name, and those that the server finds for what is typed. */
function useNodesLike(text: string) {
  const wanted = useDeferredValue(text.trim().replace(/^!/, ''))
  const first = useQuery(nodesQuery({ limit: 200 })).data
  // Where the first page is all there is, nobody needs to be asked again.
  const isSearched =
    first !== undefined && first.nextCursor !== null && wanted !== '' && !wanted.startsWith('tag:')
  const found = useQuery({ ...nodesQuery({ search: wanted, limit: 20 }), enabled: isSearched }).data
  const byId = new Map([...(first?.items ?? []), ...(found?.items ?? [])].map((node) => [node.id, node]))
  return [...byId.values()]
}

function Chip({ term, onRemove }: { readonly term: string; readonly onRemove: () => void }) {
  const t = useMessages('executions').targets
  const isId = /^!?nod_[0-9a-z]{26}$/.test(term)
  const id = term.replace(/^!/, '') as NodeId
  const { data: node } = useQuery({ ...nodeQuery(id), enabled: isId })
  const shown = isId && node ? `${term.startsWith('!') ? '!' : ''}${node.name}` : term
  return (
    <span className="inline-flex h-7 max-w-full items-center rounded-sm bg-muted ps-2 text-sm pointer-coarse:h-11">
      <bdi className="truncate">{shown}</bdi>
      <button
        type="button"
        aria-label={t.remove(shown)}
        onClick={onRemove}
        className="grid h-full w-6 shrink-0 place-items-center rounded-sm text-muted-foreground hover:text-foreground pointer-coarse:w-11"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  )
}
