import { clsx } from 'clsx'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { IconButton } from './button.tsx'
import { Input } from './input.tsx'

interface SearchInputProps {
  /** What is searched for now, as the URL has it. */
  readonly value: string
  /** Called once the typing pauses. */
  readonly onChange: (value: string) => void
  readonly label?: string
  readonly placeholder?: string
  readonly className?: string
}

const pauseMs = 250

export function SearchInput({ value, onChange, label, placeholder, className }: SearchInputProps) {
  const t = useMessages('ui')
  const [draft, setDraft] = useState(value)
  const [told, setTold] = useState(value)
  const [seen, setSeen] = useState(value)
  // Back and forward change the URL from outside, and what was typed gives way. Our own change comes back later than
  // the next letter may, and must not take that away.
  if (value !== seen) {
    setSeen(value)
    if (value !== told) {
      setTold(value)
      setDraft(value)
    }
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const tell = (text: string) => {
    clearTimeout(timer.current)
    setTold(text)
    onChange(text)
  }
  const type = (text: string) => {
    setDraft(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => tell(text), pauseMs)
  }
  const clear = () => {
    setDraft('')
    tell('')
  }
  return (
    <search className={clsx('relative block', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 start-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        aria-label={label ?? t.search.label}
        placeholder={placeholder ?? t.search.label}
        enterKeyHint="search"
        value={draft}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') tell(draft)
          if (event.key === 'Escape' && draft) {
            event.preventDefault()
            clear()
          }
        }}
        className="pe-9 ps-9"
      />
      {draft && (
        <IconButton
          size="sm"
          label={t.search.clear}
          icon={X}
          className="absolute! top-1/2 end-1 -translate-y-1/2"
          onClick={clear}
        />
      )}
    </search>
  )
}
