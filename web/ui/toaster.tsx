import { clsx } from 'clsx'
import { CircleCheck, OctagonAlert, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { create } from 'zustand'
import { currentMessages, useMessages } from '../lib/messages.ts'
import { IconButton } from './button.tsx'
import { tellError } from './error-panel.tsx'
import { toneText } from './tone.ts'

interface Toast {
  readonly id: number
  readonly kind: 'success' | 'error'
  readonly title: string
  readonly text: string | null
  /** E.g. a link to what was made. */
  readonly action: ReactNode
}

const useToasts = create<{ readonly toasts: readonly Toast[] }>(() => ({ toasts: [] }))
let lastId = 0

/** More than this at once nobody reads; the oldest goes. */
const shownAtOnce = 3
const shownMs = 6_000

function add(toast: Omit<Toast, 'id'>) {
  lastId += 1
  const added = { ...toast, id: lastId }
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, added].slice(-shownAtOnce) }))
}

const dismiss = (id: number) =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))

/** Forgets all that is shown, e.g. when somebody signs out. */
export const clearToasts = () => useToasts.setState({ toasts: [] })

/** Says that something worked; goes by itself after a few seconds. */
export function tellSuccess(
  title: string,
  { text = null, action = null }: Partial<Pick<Toast, 'text' | 'action'>> = {},
) {
  add({ kind: 'success', title, text, action })
}

/** Says what went wrong and what to do; stays until it is dismissed. */
export function tellFailure(error: unknown) {
  const { title, fix } = tellError(error, currentMessages('ui').error)
  add({ kind: 'error', title, text: fix, action: null })
}

/** Where the messages appear; once, around everything. */
export function Toaster() {
  const t = useMessages('ui')
  const toasts = useToasts((state) => state.toasts)
  return (
    <section aria-label={t.toasts.label}>
      <ol
        aria-live="polite"
        aria-relevant="additions"
        // On a phone above, since what one does next lies below, under the thumb.
        className="pointer-events-none fixed inset-x-4 top-[calc(4rem+env(safe-area-inset-top))] z-60 flex flex-col items-center gap-2 md:inset-x-auto md:top-auto md:end-4 md:bottom-4 md:items-end"
      >
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} dismissLabel={t.toasts.dismiss} />
        ))}
      </ol>
    </section>
  )
}

function ToastItem({ toast, dismissLabel }: { readonly toast: Toast; readonly dismissLabel: string }) {
  const { id, kind, title, text, action } = toast
  const [isHeld, setHeld] = useState(false)
  useEffect(() => {
    if (kind === 'error' || isHeld) return
    const timer = setTimeout(() => dismiss(id), shownMs)
    return () => clearTimeout(timer)
  }, [id, kind, isHeld])
  const Icon = kind === 'error' ? OctagonAlert : CircleCheck
  return (
    <li
      // Whoever reads it or has the focus in it does not lose it.
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex w-full max-w-96 animate-rise gap-3 rounded-lg border border-border bg-card py-3 pe-2 ps-4 shadow-overlay"
    >
      <Icon
        aria-hidden
        className={clsx('mt-0.5 size-4.5 shrink-0', toneText[kind === 'error' ? 'fail' : 'ok'])}
      />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium foreign">{title}</p>
        {text && <p className="text-sm text-muted-foreground foreign">{text}</p>}
        {action}
      </div>
      <IconButton size="sm" label={dismissLabel} icon={X} onClick={() => dismiss(id)} />
    </li>
  )
}
