import { useSyncExternalStore } from 'react'
import { formatDuration } from '../lib/format.ts'

const everyMs = 1_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function listen(listener: () => void) {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const one of listeners) one()
    }, everyMs)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

/** How long something has been going on; one timer for all on the page. */
export function Elapsed({ since }: { readonly since: string }) {
  const present = useSyncExternalStore(listen, () => now)
  // Whole seconds: tenths that stand still for one read as a stutter.
  const ms = Math.max(0, Math.floor((present - Date.parse(since)) / 1_000) * 1_000)
  return <span className="tabular-nums">{formatDuration(Math.max(1_000, ms))}</span>
}
