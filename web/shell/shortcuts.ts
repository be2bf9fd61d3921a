import { type Place, places } from './places.ts'

/** What a key asks for. */
export type Shortcut =
  | { readonly kind: 'go'; readonly to: Place['to'] }
  | { readonly kind: 'palette' | 'sheet' | 'run' | 'search' }
  /** The first of two keys. */
  | { readonly kind: 'wait' }

interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

interface Where {
  /** `g` was pressed a moment ago. */
  readonly isWaiting: boolean
  /** In a field, or with a dialog or a menu open: keys belong to that. */
  readonly isBusy: boolean
  /** Single keys are switched on. */
  readonly hasShortcuts: boolean
}

/** The shortcut that a key means there; null for none. Ctrl K and ⌘ K work everywhere. */
export function shortcutOf(pressed: Pressed, { isWaiting, isBusy, hasShortcuts }: Where): Shortcut | null {
  const { ctrlKey, metaKey, altKey } = pressed
  const key = pressed.key.toLowerCase()
  if (ctrlKey || metaKey) return key === 'k' && !altKey ? { kind: 'palette' } : null
  if (altKey || isBusy || !hasShortcuts) return null
  if (isWaiting) {
    const place = places.find((one) => one.key === key)
    return place ? { kind: 'go', to: place.to } : null
  }
  switch (key) {
    case 'g':
      return { kind: 'wait' }
    case 'r':
      return { kind: 'run' }
    case '/':
      return { kind: 'search' }
    case '?':
      return { kind: 'sheet' }
    default:
      return null
  }
}
