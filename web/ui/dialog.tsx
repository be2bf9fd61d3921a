import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { useMessages } from '../lib/messages.ts'
import { Button } from './button.tsx'
import './style-nonce.ts'
import { useOverflow } from './use-overflow.ts'
import { useWayBack } from './use-way-back.ts'

export interface DialogProps {
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  /** The button that opens it; without one, `open` decides. */
  readonly trigger?: ReactElement
  readonly title: ReactNode
  readonly description?: ReactNode
  /** Buttons, the deciding one last. They stay in view while the body scrolls. */
  readonly footer?: ReactNode
  readonly size?: 'sm' | 'md' | 'lg'
  readonly role?: 'dialog' | 'alertdialog'
  /** Only what is in the footer closes it, so there is no cross that would do nothing. */
  readonly isHeld?: boolean
  readonly children?: ReactNode
}

const widths = { sm: 'md:max-w-md', md: 'md:max-w-xl', lg: 'md:max-w-4xl' }

/** Into the first field, where there is a keyboard; a touch screen would cover the half of it with its own. */
function focusFirstField(event: Event) {
  const content = event.currentTarget
  if (!(content instanceof HTMLElement)) return
  event.preventDefault()
  const field = matchMedia('(pointer: coarse)').matches
    ? null
    : content.querySelector<HTMLElement>(
        'input:not(:disabled), select:not(:disabled), textarea:not(:disabled)',
      )
  ;(field ?? content).focus()
}

function Body({ children }: { readonly children: ReactNode }) {
  const { ref, isOverflowing } = useOverflow<HTMLDivElement>()
  return (
    <div
      ref={ref}
      tabIndex={isOverflowing ? 0 : undefined}
      className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5 focus-visible:-outline-offset-2"
    >
      {children}
    </div>
  )
}

/** A window above the page; a sheet over the whole screen on a phone. */
export function Dialog({
  open,
  onOpenChange,
  trigger,
  title,
  description,
  footer,
  size = 'md',
  role = 'dialog',
  isHeld = false,
  children,
}: DialogProps) {
  const t = useMessages('ui')
  const wayBack = useWayBack()
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-appear bg-shade" />
        <Radix.Content
          role={role}
          onEscapeKeyDown={(event) => {
            // A list of suggestions that is open inside closes first.
            if (document.activeElement?.matches('[role="combobox"][aria-expanded="true"]'))
              event.preventDefault()
          }}
          onOpenAutoFocus={(event) => {
            wayBack.remember()
            focusFirstField(event)
          }}
          onCloseAutoFocus={wayBack.goBack}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={clsx(
            'fixed z-50 flex animate-rise flex-col bg-card shadow-overlay outline-none',
            'inset-x-0 bottom-0 rounded-t-lg max-md:max-h-dvh',
            size !== 'sm' && 'max-md:top-0 max-md:rounded-none',
            'md:inset-0 md:m-auto md:h-fit md:max-h-[calc(100dvh-4rem)] md:w-[calc(100%-4rem)] md:rounded-lg md:border md:border-border',
            widths[size],
          )}
        >
          <div className="flex items-start justify-between gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 pt-1">
              <Radix.Title className="text-lg font-semibold foreign">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-muted-foreground text-pretty foreign">
                  {description}
                </Radix.Description>
              )}
            </div>
            {!isHeld && (
              <Radix.Close asChild>
                {/* No tooltip: it would take the first Escape. */}
                <Button aria-label={t.close} variant="ghost" size="icon" className="-me-2">
                  <X aria-hidden />
                </Button>
              </Radix.Close>
            )}
          </div>
          {children && <Body>{children}</Body>}
          {footer && (
            <div className="flex flex-wrap items-center justify-end gap-2 border-t border-border px-5 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] max-md:[&>button]:flex-1">
              {footer}
            </div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Closes the dialog around: `<DialogClose><Button>Cancel</Button></DialogClose>`. */
export function DialogClose({ children }: { readonly children: ReactElement }) {
  return <Radix.Close asChild>{children}</Radix.Close>
}
