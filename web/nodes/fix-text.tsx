/** Advice, with the commands in it set apart: they stand between backticks. */
export function FixText({ text }: { readonly text: string }) {
  return text.split('`').map((part, place) =>
    place % 2 === 1 ? (
      <code key={place} className="rounded-xs bg-muted px-1 py-0.5 text-sm">
        {part}
      </code>
    ) : (
      part
    ),
  )
}
