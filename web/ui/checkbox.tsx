import { clsx } from 'clsx'
import { Check, Minus } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'

interface ChoiceProps extends Omit<ComponentProps<'input'>, 'type'> {
  readonly label: ReactNode
  readonly hint?: ReactNode
  /** The label is for those who listen only, e.g. in a table. */
  readonly hideLabel?: boolean
}

/** A box to tick. `isMixed` when it stands for several of which some are. */
export function Checkbox({ isMixed = false, ref, ...rest }: ChoiceProps & { readonly isMixed?: boolean }) {
  const Icon = isMixed ? Minus : Check
  const keep = (input: HTMLInputElement | null) => {
    // Only as a property: there is no attribute for it.
    if (input) input.indeterminate = isMixed
    if (typeof ref === 'function') return ref(input)
    if (ref) ref.current = input
  }
  return (
    <Choice
      {...rest}
      ref={keep}
      look={clsx(
        'size-5 rounded-xs',
        isMixed ? 'border-foreground bg-foreground' : 'checked:border-foreground checked:bg-foreground',
      )}
      mark={
        <Icon
          aria-hidden
          strokeWidth={3}
          className={clsx(
            'pointer-events-none absolute m-0.75 size-3.5 text-background',
            !isMixed && 'opacity-0 peer-checked:opacity-100',
          )}
        />
      }
    />
  )
}

/** Something that is on or off, and changes at once. */
export function Switch(props: ChoiceProps) {
  return (
    <Choice
      {...props}
      role="switch"
      look="h-5 w-9 rounded-full bg-muted checked:border-foreground checked:bg-foreground"
      mark={
        <span
          aria-hidden
          className="pointer-events-none absolute m-1 size-3 rounded-full bg-muted-foreground transition-transform peer-checked:translate-x-4 rtl:peer-checked:-translate-x-4 peer-checked:bg-background"
        />
      }
    />
  )
}

function Choice({
  label,
  hint,
  hideLabel = false,
  look,
  mark,
  className,
  ...rest
}: ChoiceProps & { readonly look: string; readonly mark: ReactNode }) {
  const id = useId()
  return (
    <span className={clsx('flex items-start gap-2.5', className)}>
      <span className="relative inline-flex">
        <input
          id={id}
          type="checkbox"
          aria-describedby={hint ? `${id}-hint` : undefined}
          {...rest}
          className={clsx(
            // The target reaches beyond what is drawn.
            'before:absolute before:-inset-1.5 pointer-coarse:before:-inset-3.25',
            'peer relative shrink-0 cursor-pointer appearance-none border border-input bg-card transition-colors disabled:cursor-not-allowed disabled:opacity-55',
            look,
          )}
        />
        {mark}
      </span>
      <span className={hideLabel ? 'sr-only' : 'min-w-0'}>
        <label htmlFor={id} className="foreign">
          {label}
        </label>
        {hint && (
          <span id={`${id}-hint`} className="block text-sm text-muted-foreground text-pretty">
            {hint}
          </span>
        )}
      </span>
    </span>
  )
}
