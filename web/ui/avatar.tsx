import { useMessages } from '../lib/messages.ts'

/** The first letters of a user's name; at most two. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean)
  const letters =
    words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toLocaleUpperCase()
}

export function Avatar({ name }: { readonly name: string }) {
  const t = useMessages('ui')
  return (
    <span
      role="img"
      aria-label={t.user(name)}
      className="grid size-7 shrink-0 place-items-center rounded-full border border-border bg-muted text-xs font-medium text-muted-foreground select-none"
    >
      {initialsOf(name)}
    </span>
  )
}
