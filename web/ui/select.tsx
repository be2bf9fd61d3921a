import { clsx } from 'clsx'
import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { useControl } from './field.tsx'
import { inputLook } from './input.tsx'

/** The browser's own select: a wheel on a phone, type-ahead on a desk. Takes `<option>`s. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={clsx('relative block', className)}>
      <select
        {...useControl()}
        {...rest}
        className={clsx(inputLook, 'h-9 appearance-none truncate pe-9 pointer-coarse:h-11')}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 end-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
    </span>
  )
}
