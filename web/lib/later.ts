import { useEffect, useState } from 'react'

/** What holds while the server is out of reach. */
export const loadOffline = () => import('./offline/start.ts')

/**
 * False at first, true once the browser has nothing else to do: for what the first view can do without. Whatever loads
 * only then takes neither bytes nor time from what people wait for.
 */
export function useLater(): boolean {
  const [isLater, setLater] = useState(false)
  useEffect(() => {
    // Safari knows no idle time.
    if (!globalThis.requestIdleCallback) {
      const timer = setTimeout(() => setLater(true))
      return () => clearTimeout(timer)
    }
    const idle = requestIdleCallback(() => setLater(true))
    return () => cancelIdleCallback(idle)
  }, [])
  return isLater
}
