import { clsx } from 'clsx'
import { Popover as Radix } from 'radix-ui'
import type { ComponentProps } from 'react'
import { type Opening, StandIn } from './opener.tsx'

/** How menus and popovers float above the page. */
export const overlayLook =
  'z-50 max-w-[calc(100vw-1rem)] animate-appear overflow-y-auto rounded-md border border-border bg-card text-foreground shadow-overlay outline-none'

export const Popover = Radix.Root
export const PopoverTrigger = Radix.Trigger

/** Give it an `aria-label`, or a heading and `aria-labelledby`. */
export function PopoverContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        {...rest}
        className={clsx(overlayLook, 'max-h-(--radix-popover-content-available-height) p-4', className)}
      />
    </Radix.Portal>
  )
}

interface OpenedPopoverProps extends ComponentProps<typeof Radix.Content> {
  readonly opening: Opening
}

/** The popover of an `Opener`. */
export function OpenedPopover({ opening, ...rest }: OpenedPopoverProps) {
  const { isOpen, onOpenChange, trigger } = opening
  return (
    <Popover open={isOpen} onOpenChange={onOpenChange}>
      <PopoverTrigger asChild>
        <StandIn of={trigger} />
      </PopoverTrigger>
      <PopoverContent {...rest} />
    </Popover>
  )
}
