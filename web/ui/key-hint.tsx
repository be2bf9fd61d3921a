/** Keys to press together: `<KeyHint keys={['⌘', 'K']} />`. */
export function KeyHint({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span className="inline-flex gap-0.5">
      {keys.map((key) => (
        <kbd
          key={key}
          className="grid h-5 min-w-5 place-items-center rounded-xs border border-border bg-muted px-1 text-xs text-muted-foreground"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
