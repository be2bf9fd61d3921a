import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { usePreferences } from '../lib/preferences.ts'
import { askToRun } from '../lib/run-request.ts'
import { shortcutOf } from './shortcuts.ts'

/** How long the second of two keys may take, milliseconds. */
const secondKeyMs = 1_200

const fields = 'input, textarea, select, [contenteditable="true"], [role="textbox"]'
const overlays = '[role="dialog"], [role="alertdialog"], [role="menu"]'

/** Keys belong to the field that has the focus, and to what lies above the page. */
const isBusy = (target: EventTarget | null): boolean =>
  (target instanceof Element && target.closest(fields) !== null) || document.querySelector(overlays) !== null

interface Openers {
  readonly onPalette: () => void
  readonly onSheet: () => void
}

/** Listens for the shortcuts of the whole dashboard. */
export function useShortcuts({ onPalette, onSheet }: Openers): void {
  const navigate = useNavigate()
  const router = useRouter()
  const user = useUser()

  const act = useEffectEvent((event: KeyboardEvent, isWaiting: boolean): 'wait' | null => {
    // Whoever handled it has the key to themselves, as the log view has / and w.
    if (event.defaultPrevented || event.repeat) return null
    const { hasShortcuts } = usePreferences.getState()
    const shortcut = shortcutOf(event, { isWaiting, isBusy: isBusy(event.target), hasShortcuts })
    if (!shortcut) return null
    event.preventDefault()
    switch (shortcut.kind) {
      case 'wait':
        return 'wait'
      case 'go':
        void navigate({ to: shortcut.to })
        break
      case 'palette':
        onPalette()
        break
      case 'sheet':
        onSheet()
        break
      case 'run':
        if (user && can(user.role, 'execution.start')) askToRun(aboutPage(router.state.location.pathname))
        break
      case 'search':
        document.querySelector<HTMLInputElement>('main search input')?.focus()
        break
    }
    return null
  })

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const hear = (event: KeyboardEvent) => {
      const isWaiting = timer !== undefined
      clearTimeout(timer)
      timer = undefined
      if (act(event, isWaiting) === 'wait') {
        timer = setTimeout(() => {
          timer = undefined
        }, secondKeyMs)
      }
    }
    addEventListener('keydown', hear)
    return () => {
      clearTimeout(timer)
      removeEventListener('keydown', hear)
    }
  }, [])
}

/** On the page of an agent or of a node, that one is meant. */
function aboutPage(pathname: string) {
  const [, agentId] = /\/agents\/([^/]+)$/.exec(pathname) ?? []
  const [, nodeId] = /\/nodes\/(nod_[^/]+)$/.exec(pathname) ?? []
  return { agentId, targets: nodeId ? [nodeId] : undefined }
}
