import { clsx } from 'clsx'
import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

interface RadioCard<Value extends string> {
  readonly value: Value
  readonly title: ReactNode
  readonly text?: ReactNode
  readonly icon?: LucideIcon
  readonly disabled?: boolean
}

interface RadioCardsProps<Value extends string>
  extends Omit<ComponentProps<'input'>, 'type' | 'value' | 'children' | 'title'> {
  readonly label: ReactNode
  readonly name: string
  readonly options: readonly RadioCard<Value>[]
  /** Leave it out in a form that registers the inputs. */
  readonly value?: Value
  readonly columns?: 1 | 2 | 3
}

const grids = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-3' }

/** One of a few, each with room to say what it means. */
export function RadioCards<const Value extends string>({
  label,
  options,
  value,
  columns = 1,
  className,
  ...rest
}: RadioCardsProps<Value>) {
  return (
    <fieldset className={clsx('min-w-0', className)}>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className={clsx('grid gap-2', grids[columns])}>
        {options.map(({ value: own, title, text, icon: Icon, disabled = false }) => (
          <label
            key={own}
            className={clsx(
              'flex min-h-11 gap-3 rounded-md border border-border px-3 py-2.5 transition-colors',
              'has-checked:border-foreground has-checked:bg-muted has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring',
              disabled ? 'cursor-not-allowed opacity-55' : 'cursor-pointer hover:border-input',
            )}
          >
            <input
              type="radio"
              {...rest}
              value={own}
              {...(value === undefined ? {} : { checked: value === own })}
              disabled={disabled}
              className="mt-0.75 size-4 shrink-0 appearance-none rounded-full border border-input bg-card outline-none checked:border-5 checked:border-foreground"
            />
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{title}</span>
              {text && <span className="block text-sm text-muted-foreground text-pretty">{text}</span>}
            </span>
            {Icon && <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
