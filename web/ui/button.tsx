import { cva, type VariantProps } from 'class-variance-authority'
import { clsx } from 'clsx'
import { LoaderCircle, type LucideIcon } from 'lucide-react'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { isOffline, useConnection } from '../lib/connection.ts'
import { useMessages } from '../lib/messages.ts'
import { Tooltip } from './tooltip.tsx'

/** How a button looks, also for a link that acts as one. */
export const buttonLook = cva(
  [
    // On a phone a long word for it takes a second line rather than the page beside it.
    'relative inline-flex max-w-full shrink-0 items-center justify-center gap-2 rounded-md border font-medium select-none sm:whitespace-nowrap',
    'transition-colors disabled:opacity-55 aria-disabled:opacity-55',
    '[&_svg]:size-4 [&_svg]:shrink-0',
  ],
  {
    variants: {
      variant: {
        primary: 'border-transparent bg-foreground text-background hover:bg-foreground/85',
        secondary: 'border-border bg-card text-foreground hover:bg-muted',
        ghost: 'border-transparent text-muted-foreground hover:bg-muted hover:text-foreground',
        danger: 'border-transparent bg-status-fail text-primary-foreground hover:bg-status-fail/90',
        approve: 'border-transparent bg-primary text-primary-foreground hover:bg-primary/90',
      },
      size: {
        sm: 'min-h-7 px-2.5 text-sm pointer-coarse:min-h-9 pointer-coarse:after:absolute pointer-coarse:after:-inset-1.25',
        md: 'min-h-9 px-3.5 pointer-coarse:min-h-11',
        lg: 'min-h-11 px-5 text-lg',
        'icon-sm':
          'size-7 pointer-coarse:size-9 pointer-coarse:after:absolute pointer-coarse:after:-inset-1.25',
        icon: 'size-9 pointer-coarse:size-11',
      },
    },
    defaultVariants: { variant: 'primary', size: 'md' },
  },
)

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonLook> {
  /**
   * Work goes on: keeps its width and the focus, and takes no further click. Whatever the answer, a button that has it
   * needs the server, and while that is out of reach it says so and does nothing.
   */
  readonly isLoading?: boolean
  /** Lends its look to the one element inside, e.g. a link. */
  readonly asChild?: boolean
}

export function Button({
  variant,
  size,
  isLoading,
  asChild = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const isAway = useConnection(isOffline) && isLoading !== undefined
  const look = clsx(buttonLook({ variant, size }), className)
  if (asChild) {
    return (
      <Slot.Root className={look} onClick={onClick} {...rest}>
        {children}
      </Slot.Root>
    )
  }
  const button = (
    <button
      type="button"
      {...rest}
      className={look}
      aria-busy={isLoading || undefined}
      // Not `disabled`, which would throw the focus away.
      aria-disabled={isLoading || isAway || rest['aria-disabled']}
      onClick={isLoading || isAway ? (event) => event.preventDefault() : onClick}
    >
      {isLoading && (
        <span className="absolute inset-0 grid place-items-center">
          <LoaderCircle aria-hidden className="animate-spin" />
        </span>
      )}
      <span className={clsx('inline-flex min-w-0 items-center gap-2', isLoading && 'opacity-0')}>
        {children}
      </span>
    </button>
  )
  return isAway ? <WithReason>{button}</WithReason> : button
}

/** Says why a button that needs the server does nothing. */
function WithReason({ children }: { readonly children: ComponentProps<typeof Tooltip>['children'] }) {
  return <Tooltip content={useMessages('offline').reason}>{children}</Tooltip>
}

interface IconButtonProps extends Omit<ButtonProps, 'size' | 'aria-label' | 'asChild' | 'children'> {
  /** What it does; read aloud, and shown on hover and focus. */
  readonly label: string
  readonly icon: LucideIcon
  readonly size?: 'sm' | 'md'
}

/** A button that is an icon alone. */
export function IconButton({ label, icon: Icon, size = 'md', variant = 'ghost', ...rest }: IconButtonProps) {
  return (
    <Tooltip content={label}>
      <Button {...rest} aria-label={label} variant={variant} size={size === 'sm' ? 'icon-sm' : 'icon'}>
        <Icon aria-hidden />
      </Button>
    </Tooltip>
  )
}
