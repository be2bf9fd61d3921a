import { useConnection } from '../lib/connection.ts'
import { formatTime } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'

/** Says that the server is out of reach, and since when; what is on screen stays. */
export function OfflineBanner() {
  const t = useMessages('shell')
  const { state, since } = useConnection()
  return (
    <div role="status" aria-live="polite">
      {state === 'offline' && (
        <p className="border-b border-status-wait/40 bg-status-wait/10 px-4 py-2 text-status-wait md:px-6">
          {t.offlineBanner(formatTime(since))}
        </p>
      )}
    </div>
  )
}
