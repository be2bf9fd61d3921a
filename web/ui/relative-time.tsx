import { useSyncExternalStore } from 'react'
import { formatInstant, formatRelative } from '../lib/format.ts'
import { usePreferences } from '../lib/preferences.ts'
import { Tooltip } from './tooltip.tsx'

const everyMs = 30_000

/** One timer for all times on the page; it stands still while there is none. */
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function tick() {
  now = Date.now()
  for (const listener of listeners) listener()
}

function listen(listener: () => void) {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(tick, everyMs)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

/** The present, to within half a minute. */
export const useNow = (): number => useSyncExternalStore(listen, () => now)

interface RelativeTimeProps {
  /** ISO 8601. */
  readonly at: string
  /** Inside a link or a dense table: not a tab stop of its own. */
  readonly plain?: boolean
}

/** “3 minutes ago”; the exact instant on hover and focus. */
export function RelativeTime({ at, plain = false }: RelativeTimeProps) {
  const present = useNow()
  usePreferences((preferences) => preferences.locale)
  const exact = formatInstant(at)
  // A clock that is ahead must not say “in 4 seconds” of what has just happened.
  const words = formatRelative(at, Math.max(present, Math.min(Date.parse(at), present + everyMs)))
  if (plain) {
    return (
      <time dateTime={at} title={exact} className="whitespace-nowrap tabular-nums">
        {words}
      </time>
    )
  }
  return (
    <Tooltip content={exact}>
      <time dateTime={at} tabIndex={0} className="rounded-xs whitespace-nowrap tabular-nums">
        {words}
      </time>
    </Tooltip>
  )
}
