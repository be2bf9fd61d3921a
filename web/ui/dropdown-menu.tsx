import { clsx } from 'clsx'
import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { type Opening, StandIn } from './opener.tsx'
import { overlayLook } from './popover.tsx'

/** Not modal: the page behind stays readable, also for those who listen. */
export function DropdownMenu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />
}

export const DropdownMenuTrigger = Radix.Trigger

export function DropdownMenuContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        align="end"
        sideOffset={6}
        collisionPadding={8}
        {...rest}
        className={clsx(
          overlayLook,
          'max-h-(--radix-dropdown-menu-content-available-height) min-w-48 p-1',
          className,
        )}
      />
    </Radix.Portal>
  )
}

interface OpenedMenuProps extends ComponentProps<typeof Radix.Content> {
  readonly opening: Opening
}

/** The menu of an `Opener`. */
export function OpenedMenu({ opening, ...rest }: OpenedMenuProps) {
  const { isOpen, onOpenChange, trigger, triggerId, isByKeyboard } = opening
  return (
    <DropdownMenu open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>
        <StandIn of={trigger} />
      </Radix.Trigger>
      <DropdownMenuContent
        {...rest}
        aria-labelledby={triggerId}
        onInteractOutside={(event) => {
          // The trigger closes it by itself, and would open it anew.
          if (event.target instanceof Node && trigger.current?.contains(event.target)) event.preventDefault()
        }}
        onFocus={({ target, currentTarget }) => {
          if (isByKeyboard && target === currentTarget)
            currentTarget.querySelector<HTMLElement>(firstItem)?.focus()
        }}
      />
    </DropdownMenu>
  )
}

/** It may be opened by a key before it listens for keys, and would not move the focus on by itself then. */
const firstItem = '[role^="menuitem"]:not([data-disabled])'

const itemLook =
  'relative flex min-h-8 w-full items-center gap-2.5 rounded-sm px-2.5 outline-none select-none data-highlighted:bg-muted data-disabled:opacity-55 pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0'

interface DropdownMenuItemProps extends ComponentProps<typeof Radix.Item> {
  /** It destroys something. */
  readonly danger?: boolean
}

/** One thing to do. With `asChild`, a link. */
export function DropdownMenuItem({ danger = false, className, ...rest }: DropdownMenuItemProps) {
  return (
    <Radix.Item
      {...rest}
      className={clsx(itemLook, danger ? 'text-status-fail' : '[&_svg]:text-muted-foreground', className)}
    />
  )
}

const tick = (
  <Radix.ItemIndicator className="absolute end-2.5">
    <Check aria-hidden />
  </Radix.ItemIndicator>
)

export function DropdownMenuCheckboxItem({ children, ...rest }: ComponentProps<typeof Radix.CheckboxItem>) {
  return (
    <Radix.CheckboxItem {...rest} className={clsx(itemLook, 'pe-9')}>
      {children}
      {tick}
    </Radix.CheckboxItem>
  )
}

export const DropdownMenuRadioGroup = Radix.RadioGroup

export function DropdownMenuRadioItem({ children, ...rest }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem {...rest} className={clsx(itemLook, 'pe-9')}>
      {children}
      {tick}
    </Radix.RadioItem>
  )
}

export function DropdownMenuLabel({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Label className="px-2.5 pt-1.5 pb-1 text-xs font-medium text-muted-foreground">
      {children}
    </Radix.Label>
  )
}

export function DropdownMenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-border" />
}
