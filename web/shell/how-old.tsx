import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useConnection } from '../lib/connection.ts'
import { formatDateTime, formatRelative, formatTime } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'

/** Pages come and go beneath it, each with data of its own, milliseconds. */
const lookMs = 1_000
const dayMs = 20 * 60 * 60_000

/** From when what is on screen is, while the server is out of reach. */
export function HowOld() {
  const { state, since } = useConnection()
  if (state !== 'offline') return null
  return (
    <p className="border-b border-status-wait/40 bg-status-wait/10 px-4 py-2 text-status-wait md:px-6">
      <Age since={since} />
    </p>
  )
}

function Age({ since }: { readonly since: number }) {
  const t = useMessages('offline')
  const from = useOldest(since)
  if (from === null) return t.since(formatTime(since))
  const age = Date.now() - from
  const at = age > dayMs ? formatDateTime(from) : formatTime(from)
  // By the minute: it is read aloud when it changes.
  return t.from(at, formatRelative(from, age < 60_000 ? from : Date.now()))
}

/**
 * From when the oldest is of what the page shows, milliseconds since 1970; null when it shows nothing. What came since
 * the page was opened was kept up to date until the server was lost.
 */
function useOldest(since: number): number | null {
  const queries = useQueryClient()
  const [, look] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => look((count) => count + 1), lookMs)
    return () => clearInterval(timer)
  }, [])
  const times = queries
    .getQueryCache()
    // Who one is does not grow old.
    .findAll({ type: 'active', predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    .map(({ state }) => state.dataUpdatedAt)
    .filter((at) => at > 0)
  if (times.length === 0) return null
  return Math.min(...times.map((at) => (at < performance.timeOrigin ? at : since)))
}
