import { useRef } from 'react'

/** What has the focus; of a menu that is about to close, the button that opened it. */
function whereFocusIs(): Element | null {
  const active = document.activeElement
  const menu = active?.closest('[role="menu"]')
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : active
}

/** A tab that was not left for would be chosen by its focus: its chosen neighbour stands for it. */
function whereFocusGoes(from: Element | null): Element | null {
  if (!from?.matches('[role="tab"][aria-selected="false"]')) return from
  return from.closest('[role="tablist"]')?.querySelector('[aria-selected="true"]') ?? null
}

/**
 * Radix gives the focus back to the trigger of a dialog. Most of ours have none: a key, a menu or a button elsewhere
 * opens them. Whoever closes one is then where they were.
 */
export function useWayBack() {
  const from = useRef<Element | null>(null)
  return {
    remember: () => {
      from.current = whereFocusIs()
    },
    goBack: (event: Event) => {
      const place = whereFocusGoes(from.current)
      if (!(place instanceof HTMLElement) || !place.isConnected) return
      event.preventDefault()
      place.focus()
    },
  }
}
