import { clsx } from 'clsx'
import type { ComponentProps } from 'react'
import { useControl } from './field.tsx'

/** How everything looks that text goes into. 16 px on touch screens, where Safari would zoom in otherwise. */
export const inputLook = clsx(
  'block w-full min-w-0 rounded-md border border-input bg-card px-3 text-foreground pointer-coarse:text-lg',
  'transition-colors hover:border-muted-foreground focus-visible:outline-offset-0',
  'disabled:bg-muted disabled:text-muted-foreground [&:is(input,textarea):read-only]:bg-muted aria-invalid:border-status-fail',
)

interface InputProps extends ComponentProps<'input'> {
  /** For names, addresses and keys. */
  readonly mono?: boolean
}

export function Input({ mono = false, className, ...rest }: InputProps) {
  return (
    <input
      type="text"
      autoComplete="off"
      {...useControl()}
      {...rest}
      className={clsx(inputLook, 'h-9 pointer-coarse:h-11', mono && 'font-mono text-sm', className)}
    />
  )
}

export function Textarea({
  mono = false,
  className,
  ...rest
}: ComponentProps<'textarea'> & { readonly mono?: boolean }) {
  return (
    <textarea
      rows={4}
      {...useControl()}
      {...rest}
      className={clsx(inputLook, 'py-2', mono && 'font-mono text-sm', className)}
    />
  )
}
