import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
/**
 * What the dashboard speaks. The last two are for who works on it, and nobody is offered them: English that is longer
 * and marked, and the same from right to left. Named as Unicode names such languages.
 */
export type Locale = 'en' | 'de' | 'en-XA' | 'ar-XB'

interface Preferences {
  readonly theme: Theme
  readonly density: Density
  readonly locale: Locale
  /** The rail at the left shows icons alone. */
  readonly isRailNarrow: boolean
  /** Single keys do something; off for those who speak to their machine. */
  readonly hasShortcuts: boolean
  /** What was seen last stays on this device, for when the server is out of reach. */
  readonly keepsState: boolean
  /** The cards of the dashboard, as somebody has arranged them. */
  readonly dashboard?: { readonly order: readonly string[]; readonly hidden: readonly string[] }
}

/** What somebody likes, on this device. Kept under the name that boot.js reads before the first paint. */
export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({
      theme: 'system',
      density: 'comfortable',
      locale: navigator.language.startsWith('de') ? 'de' : 'en',
      isRailNarrow: false,
      hasShortcuts: true,
      keepsState: true,
    }),
    { name: 'carl.preferences' },
  ),
)

export function setPreferences(changed: Partial<Preferences>): void {
  usePreferences.setState(changed)
}

/** Puts the preferences onto the page, now and whenever they or the system's theme change. */
export function applyPreferences(): void {
  const isDark = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const { theme, density, locale } = usePreferences.getState()
    const { dataset } = document.documentElement
    dataset.theme = theme === 'system' ? (isDark.matches ? 'dark' : 'light') : theme
    dataset.density = density
    document.documentElement.lang = locale
    document.dir = locale === 'ar-XB' ? 'rtl' : 'ltr'
  }
  usePreferences.subscribe(apply)
  isDark.addEventListener('change', apply)
  apply()
}
