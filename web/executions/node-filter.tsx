import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { NodeId } from '../../contract/ids.ts'
import { useMessages } from '../lib/messages.ts'
import { nodeQuery, nodesQuery } from '../nodes/queries.ts'
import { IconButton } from '../ui/button.tsx'
import { SuggestInput } from './suggest-input.tsx'

interface NodeFilterProps {
  readonly value: NodeId | undefined
  readonly onChange: (id: NodeId | undefined) => void
}

/** One node of many, found by typing. */
export function NodeFilter({ value, onChange }: NodeFilterProps) {
  const t = useMessages('executionList')
  const [text, setText] = useState<string | null>(null)
  const search = useDeferredValue(text?.trim() ?? '')
  const chosen = useQuery({ ...nodeQuery(value ?? ('' as NodeId)), enabled: value !== undefined }).data
  const found = useQuery({
    ...nodesQuery({ limit: 8, ...(search ? { search } : {}) }),
    enabled: text !== null,
  }).data
  const suggestions = (found?.items ?? []).map(({ id, name }) => ({
    kind: 'node' as const,
    term: id,
    label: name,
    count: null,
  }))
  const choose = (id: NodeId | undefined) => {
    setText(null)
    onChange(id)
  }
  return (
    <span className="relative block">
      <SuggestInput
        aria-label={t.nodeFilter}
        placeholder={t.anyNode}
        value={text ?? (value ? (chosen?.name ?? value) : '')}
        suggestions={suggestions}
        onFocus={(event) => {
          setText('')
          event.target.select()
        }}
        onBlur={() => setText(null)}
        onChange={setText}
        onPick={({ term }) => choose(term as NodeId)}
      />
      {value && text === null && (
        <IconButton
          size="sm"
          icon={X}
          label={t.anyNode}
          className="absolute! top-1/2 end-1 -translate-y-1/2"
          onClick={() => choose(undefined)}
        />
      )}
    </span>
  )
}
