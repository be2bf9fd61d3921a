import { Wrench } from 'lucide-react'
import { useMessages } from '../../lib/messages.ts'
import { CopyButton } from '../../ui/copyable.tsx'
import { partsOfFix } from './fix-parts.ts'

/** What to do about a finding: words, and each command by itself, to read before it is copied. */
export function Fix({ text }: { readonly text: string }) {
  const t = useMessages('execution')
  return (
    <div className="flex gap-2.5">
      <Wrench aria-hidden className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1 space-y-1.5">
        <span className="sr-only">{t.findings.fix}: </span>
        {partsOfFix(text).map(({ kind, text: part }, index) =>
          kind === 'words' ? (
            <p key={index} className="text-pretty foreign">
              {part}
            </p>
          ) : (
            <div
              key={index}
              className="flex items-center justify-between gap-2 rounded-md border border-border bg-muted py-1 pe-1 ps-3"
            >
              <code className="min-w-0 text-sm foreign">{part}</code>
              <CopyButton value={part} what={t.commands.command} />
            </div>
          ),
        )}
      </div>
    </div>
  )
}
