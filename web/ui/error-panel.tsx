import { clsx } from 'clsx'
import { OctagonAlert, RotateCw, Wrench } from 'lucide-react'
import { ApiError } from '../../contract/client.ts'
import { formatDateTime } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import type { Messages } from '../lib/messages.ts'
import { Button } from './button.tsx'
import { CopyButton } from './copyable.tsx'

interface Told {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly fix: string
  readonly requestId: string | null
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  readonly retryAt: string | null
}

/** What there is to say about anything thrown: the server's own words, or ours for a bug in the dashboard. */
export function tellError(error: unknown, t: Messages['ui']['error']): Told {
  if (error instanceof ApiError) {
    const { problem, requestId, issues, retryAt } = error
    return { ...problem, requestId, issues, retryAt }
  }
  const detail = error instanceof Error ? error.message : String(error)
  return {
    code: t.client,
    title: t.unknownTitle,
    detail,
    fix: t.unknownFix,
    requestId: null,
    issues: [],
    retryAt: null,
  }
}

interface ErrorPanelProps {
  /** What a call or a component has thrown. */
  readonly error: unknown
  /** Says first what could not be done; the title of the error follows. */
  readonly title?: string
  /** In forms and cards: what is wrong and the way out alone. */
  readonly isCompact?: boolean
  readonly onRetry?: () => void
  readonly isRetrying?: boolean
  readonly className?: string
}

/** What went wrong, why, and the way out. */
export function ErrorPanel({
  error,
  title: heading,
  isCompact = false,
  onRetry,
  isRetrying = false,
  className,
}: ErrorPanelProps) {
  const t = useMessages('ui')
  const { code, title, detail, fix, requestId, issues, retryAt } = tellError(error, t.error)
  const asText = [
    title,
    detail,
    fix,
    `${t.error.code}: ${code}`,
    requestId && `${t.error.request}: ${requestId}`,
  ]
    .filter(Boolean)
    .join('\n')
  return (
    <div
      role="alert"
      className={clsx(
        'rounded-lg border border-status-fail/35 bg-status-fail/5',
        isCompact ? 'p-3' : 'p-4',
        className,
      )}
    >
      <div className="flex gap-3">
        <OctagonAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-status-fail" />
        <div className="min-w-0 flex-1 space-y-2">
          {heading && <p className="font-semibold foreign">{heading}</p>}
          <p className={clsx('foreign', heading ? 'font-medium' : 'font-semibold')}>{title}</p>
          {detail !== `${title}.` && <p className="text-muted-foreground foreign">{detail}</p>}
          {issues.length > 0 && (
            <ul aria-label={t.error.fields} className="space-y-1">
              {issues.map(({ path, message }) => (
                <li key={`${path} ${message}`} className="foreign">
                  <code className="text-sm">{path}</code> {message}
                </li>
              ))}
            </ul>
          )}
          <p className="flex gap-2">
            <Wrench aria-hidden className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
            <span className="min-w-0 foreign">
              <span className="sr-only">{t.error.fix}: </span>
              {fix}
            </span>
          </p>
          {retryAt && (
            <p className="text-muted-foreground">
              {t.error.retryAt}: <time dateTime={retryAt}>{formatDateTime(retryAt)}</time>
            </p>
          )}
          <div className={clsx('flex flex-wrap items-center gap-x-3 gap-y-2', !isCompact && 'pt-1')}>
            {onRetry && (
              <Button
                size="sm"
                variant="secondary"
                {...(isRetrying && { isLoading: true })}
                onClick={onRetry}
              >
                <RotateCw aria-hidden />
                {t.error.retry}
              </Button>
            )}
            <span className="flex min-w-0 items-center gap-1 text-xs text-muted-foreground">
              <code className="truncate">{requestId ? `${code} · ${requestId}` : code}</code>
              <CopyButton value={asText} what={t.error.details} />
            </span>
          </div>
        </div>
      </div>
    </div>
  )
}
