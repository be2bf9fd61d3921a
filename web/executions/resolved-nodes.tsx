import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Check, Minus, SearchX } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { useResolved } from './use-resolved.ts'

interface ResolvedNodesProps {
  readonly resolved: ReturnType<typeof useResolved>
  readonly isEmpty: boolean
  /** One line of counts; the names open below it. */
  readonly compact?: boolean
}

const shownAtOnce = 6

/** What a selection means: which nodes will run the agent, which are left out, and why. */
export function ResolvedNodes({
  resolved: { preview, isOld, eligible },
  isEmpty,
  compact = false,
}: ResolvedNodesProps) {
  const t = useMessages('executions').targets
  const mayAdd = useCan('node.write')
  const [isWhole, setWhole] = useState(false)
  if (isEmpty) return <p className="text-sm text-muted-foreground">{t.none}</p>
  if (preview.isError) return <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />
  if (!preview.data) {
    return (
      <div role="status" className="flex h-5 items-center">
        <span className="sr-only">{t.resolving}</span>
        <Skeleton className="h-3.5 w-40" />
      </div>
    )
  }
  const { nodes } = preview.data
  // Where “all” means nobody, nothing was mistyped: there is no node yet but made-up ones.
  const isBare = preview.data.unmatched.includes('all')
  const unmatched = preview.data.unmatched.filter((term) => term !== 'all')
  const out = nodes.length - eligible.length
  // Those that are left out come first: they are what somebody may want to change.
  const sorted = [...nodes].sort((a, b) => Number(a.eligible) - Number(b.eligible))
  const shown = isWhole ? sorted : sorted.slice(0, compact ? 0 : shownAtOnce)
  const hidden = sorted.length - shown.length
  const more = (hidden > 0 || (compact && isWhole)) && (
    <button
      type="button"
      aria-expanded={isWhole}
      onClick={() => setWhole(!isWhole)}
      className="min-h-6 rounded-xs text-muted-foreground underline underline-offset-2 hover:text-foreground pointer-coarse:min-h-11"
    >
      {isWhole ? t.hide : compact ? t.show : t.more(hidden)}
    </button>
  )
  return (
    <div aria-busy={isOld} className="space-y-1.5 text-sm">
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        {eligible.length > 0 ? (
          <span className="font-medium">{t.willRun(eligible.length)}</span>
        ) : (
          nodes.length > 0 && <span className="font-medium text-status-wait">{t.noneEligible}</span>
        )}
        {out > 0 && <span className="text-muted-foreground">{t.leftOut(out)}</span>}
        {compact && more}
        {isBare && (
          <span className="text-muted-foreground">
            {t.noNodes}{' '}
            {mayAdd && (
              <Link to="/nodes/new" className="underline underline-offset-2 hover:text-foreground">
                {t.addNode}
              </Link>
            )}
          </span>
        )}
        {unmatched.length > 0 && (
          <span className="inline-flex min-w-0 items-center gap-1.5 text-status-wait">
            <SearchX aria-hidden className="size-4 shrink-0" />
            <span className="min-w-0 foreign">
              {t.unmatched(unmatched.map((term) => `“${term}”`).join(', '))}
            </span>
          </span>
        )}
      </p>
      {shown.length > 0 && (
        <ul aria-label={t.list} className="max-h-56 space-y-0.5 overflow-y-auto">
          {shown.map(({ id, name, eligible: isIn, why }) => (
            <li key={id} className="flex min-w-0 items-start gap-2">
              {isIn ? (
                <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-status-ok" />
              ) : (
                <Minus aria-hidden className="mt-0.5 size-4 shrink-0 text-status-wait" />
              )}
              <span className={clsx('min-w-0', isIn && 'truncate')}>
                <bdi className="foreign">{name}</bdi>
                {why && <span className="text-muted-foreground foreign"> — {why}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {!compact && more}
    </div>
  )
}
