import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { useControl } from './field.tsx'
import { inputLook } from './input.tsx'

/** Taken from the list of suggestions, not typed. */
const isChosen = (event: Event) =>
  !(event instanceof InputEvent) || event.inputType === 'insertReplacementText'

interface TagInputProps {
  readonly value: readonly string[]
  readonly onChange: (tags: string[]) => void
  readonly onBlur?: () => void
  /** Offered while typing. */
  readonly suggestions?: readonly string[]
  readonly placeholder?: string
  readonly 'aria-label'?: string
}

/** Words as chips. Enter, comma or space adds one, backspace in the empty field removes the last. */
export function TagInput({ value, onChange, onBlur, suggestions = [], placeholder, ...rest }: TagInputProps) {
  const t = useMessages('fields')
  const control = useControl()
  const listId = useId()
  const hintId = useId()
  const input = useRef<HTMLInputElement>(null)
  const [draft, setDraft] = useState('')
  const [said, setSaid] = useState('')

  function add(text: string) {
    const added = [...new Set(text.split(/[\s,]+/).filter((tag) => tag && !value.includes(tag)))]
    setDraft('')
    if (added.length === 0) return
    onChange([...value, ...added])
    setSaid(t.tags.added(added.join(', ')))
  }

  function remove(tag: string) {
    onChange(value.filter((one) => one !== tag))
    setSaid(t.tags.removed(tag))
    input.current?.focus()
  }

  return (
    <div
      className={clsx(
        inputLook,
        'flex min-h-9 flex-wrap items-center gap-1.5 px-1.5 py-1 has-focus-visible:outline-2 has-focus-visible:outline-ring pointer-coarse:min-h-11',
      )}
    >
      {value.map((tag) => (
        <span
          key={tag}
          className="inline-flex max-w-full items-center rounded-xs border border-border bg-muted ps-2 text-sm"
        >
          <span className="truncate foreign">{tag}</span>
          <button
            type="button"
            aria-label={t.tags.remove(tag)}
            onClick={() => remove(tag)}
            className="grid size-6 pointer-coarse:size-11 shrink-0 place-items-center rounded-xs text-muted-foreground hover:text-foreground"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </span>
      ))}
      <input
        ref={input}
        {...control}
        {...rest}
        aria-describedby={clsx(hintId, control['aria-describedby'])}
        list={listId}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="enter"
        placeholder={value.length === 0 ? placeholder : undefined}
        value={draft}
        onChange={(event) => {
          const text = event.target.value
          if (/[\s,]/.test(text) || isChosen(event.nativeEvent)) add(text)
          else setDraft(text)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && draft) {
            event.preventDefault()
            add(draft)
          }
          const last = value.at(-1)
          if (event.key === 'Backspace' && draft === '' && last !== undefined) remove(last)
        }}
        onBlur={() => {
          add(draft)
          onBlur?.()
        }}
        className="h-6 pointer-coarse:h-11 min-w-24 flex-1 bg-transparent px-1 outline-none"
      />
      <datalist id={listId}>
        {suggestions
          .filter((tag) => !value.includes(tag))
          .map((tag) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
      <span id={hintId} hidden>
        {t.tags.hint}
      </span>
      <span aria-live="polite" className="sr-only">
        {said}
      </span>
    </div>
  )
}
