import { clsx } from 'clsx'
import { CopyButton } from './copyable.tsx'

interface CodeBlockProps {
  readonly code: string
  /** What it is; read aloud, and said on the copy button. */
  readonly label: string
  /** Long lines go on below instead of aside. */
  readonly wrap?: boolean
  readonly className?: string
}

/** Commands to take along, or text that a node wrote. */
export function CodeBlock({ code, label, wrap = false, className }: CodeBlockProps) {
  return (
    <div className={clsx('relative min-w-0 rounded-md border border-border bg-muted', className)}>
      {/* A stop for the arrow keys, as it scrolls. */}
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={clsx(
          'max-h-96 overflow-auto rounded-md py-2.5 pe-11 ps-3 text-sm',
          wrap && 'break-words whitespace-pre-wrap foreign',
        )}
      >
        <code>{code}</code>
      </pre>
      <div className="absolute top-1.5 end-1.5 rounded-md bg-muted">
        <CopyButton value={code} what={label} />
      </div>
    </div>
  )
}
