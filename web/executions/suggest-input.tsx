import { clsx } from 'clsx'
import { type ComponentProps, type KeyboardEvent, useId, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { useControl } from '../ui/field.tsx'
import { inputLook } from '../ui/input.tsx'
import type { Suggestion } from './suggestions.ts'

interface SuggestInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'type'> {
  readonly value: string
  readonly onChange: (text: string) => void
  readonly suggestions: readonly Suggestion[]
  readonly onPick: (suggestion: Suggestion) => void
  /** Without the look of an input, inside something that has it. */
  readonly bare?: boolean
}

/**
 * A line of text that offers what could be meant; arrows choose, Enter takes, Escape closes. The list opens by a click, an
 * arrow or a letter, and not by the focus alone, which a dialog gives: it would cover what one came to read.
 */
export function SuggestInput({
  value,
  onChange,
  suggestions,
  onPick,
  bare = false,
  className,
  onKeyDown,
  onBlur,
  ...rest
}: SuggestInputProps) {
  const t = useMessages('executions').targets
  const listId = useId()
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const isShown = isOpen && suggestions.length > 0
  const chosen = isShown ? suggestions[at] : undefined

  const pick = (suggestion: Suggestion) => {
    setAt(-1)
    onPick(suggestion)
  }
  const hear = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setOpen(true)
      if (isShown) setAt((before) => Math.max(-1, Math.min(suggestions.length - 1, before + step)))
    } else if (event.key === 'Enter' && chosen) {
      event.preventDefault()
      pick(chosen)
    } else if (event.key === 'Escape' && isShown) {
      // Only the list closes, not the dialog around it.
      event.preventDefault()
      event.stopPropagation()
      setOpen(false)
    } else onKeyDown?.(event)
  }

  return (
    <span className={clsx('relative block min-w-0', className)}>
      <input
        type="text"
        role="combobox"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={listId}
        aria-activedescendant={chosen ? `${listId}-${at}` : undefined}
        {...useControl()}
        {...rest}
        value={value}
        onChange={(event) => {
          setOpen(true)
          setAt(-1)
          onChange(event.target.value)
        }}
        onClick={() => setOpen(true)}
        onBlur={(event) => {
          setOpen(false)
          setAt(-1)
          onBlur?.(event)
        }}
        onKeyDown={hear}
        className={
          bare
            ? 'block h-7 w-full min-w-0 bg-transparent text-foreground outline-none pointer-coarse:h-11 pointer-coarse:text-lg'
            : clsx(inputLook, 'h-9 pointer-coarse:h-11')
        }
      />
      <ul
        id={listId}
        role="listbox"
        aria-label={t.suggestions}
        hidden={!isShown}
        className="absolute inset-x-0 top-[calc(100%+8px)] z-20 max-h-72 min-w-56 overflow-y-auto rounded-md border border-border bg-card p-1 shadow-overlay"
      >
        {suggestions.map((suggestion, place) => {
          const { kind, term, label, count } = suggestion
          return (
            <li
              key={`${kind} ${term}`}
              id={`${listId}-${place}`}
              role="option"
              aria-selected={place === at}
              // The press must not take the focus from the text.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(suggestion)}
              className={clsx(
                'flex min-h-8 cursor-pointer items-center gap-3 rounded-sm px-2.5 hover:bg-muted pointer-coarse:min-h-11',
                place === at && 'bg-muted',
              )}
            >
              <bdi className="min-w-0 flex-1 truncate">{label}</bdi>
              <span className="shrink-0 text-sm text-muted-foreground">
                {count === null ? t.kinds[kind] : t.nodes(count)}
              </span>
            </li>
          )
        })}
      </ul>
    </span>
  )
}
