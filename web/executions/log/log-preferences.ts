import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface LogPreferences {
  /** Long lines are broken rather than scrolled to; by itself where the screen is narrow. */
  readonly wraps: boolean
  readonly time: 'elapsed' | 'clock'
}

/** How somebody likes logs, on this device. */
export const useLogPreferences = create<LogPreferences>()(
  persist((): LogPreferences => ({ wraps: matchMedia('(max-width: 640px)').matches, time: 'elapsed' }), {
    name: 'carl.log',
  }),
)

export function setLogPreferences(changed: Partial<LogPreferences>): void {
  useLogPreferences.setState(changed)
}
