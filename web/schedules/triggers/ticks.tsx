import { Checkbox } from '../../ui/checkbox.tsx'

interface TicksProps<Value extends string> {
  readonly legend: string
  readonly hint?: string
  readonly columns?: boolean
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly chosen: readonly Value[]
  readonly onChange: (chosen: readonly Value[]) => void
  readonly error?: string | undefined
}

/** Some of a few. */
export function Ticks<const Value extends string>(props: TicksProps<Value>) {
  const { legend, hint, columns = false, options, chosen, onChange, error } = props
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-medium">{legend}</legend>
      <div className={columns ? 'grid gap-2.5 sm:grid-cols-2 md:grid-cols-3' : 'grid gap-2.5'}>
        {options.map(({ value, label }) => (
          <Checkbox
            key={value}
            label={label}
            checked={chosen.includes(value)}
            onChange={({ target }) =>
              onChange(target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
            }
          />
        ))}
      </div>
      {hint && <p className="mt-1.5 text-sm text-muted-foreground text-pretty">{hint}</p>}
      {error && (
        <p role="alert" className="mt-1.5 text-sm font-medium text-status-fail">
          {error}
        </p>
      )}
    </fieldset>
  )
}
