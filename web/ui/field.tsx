import { CircleAlert } from 'lucide-react'
import { createContext, type ReactNode, useContext, useId } from 'react'
import { useMessages } from '../lib/messages.ts'

interface Control {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
  readonly 'aria-required': true | undefined
}

const FieldContext = createContext<Control | null>(null)

/** What the field around says about the control inside: its id, and what describes it. Empty outside of a field. */
export const useControl = (): Partial<Control> => useContext(FieldContext) ?? {}

interface FieldProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  /** As react-hook-form gives it, or a text. */
  readonly error?: { readonly message?: string | undefined } | string | undefined
  /** What to do about the error, where the message does not say it. */
  readonly fix?: ReactNode
  readonly required?: boolean
  /** The label is for those who listen only. */
  readonly hideLabel?: boolean
  readonly className?: string
  /** One control of web/ui; it takes id and description by itself. */
  readonly children: ReactNode
}

/** Label, control, hint and error, tied together for screen readers. */
export function Field({
  label,
  hint,
  error,
  fix,
  required = false,
  hideLabel = false,
  className,
  children,
}: FieldProps) {
  const t = useMessages('ui')
  const id = useId()
  const message = typeof error === 'string' ? error : error?.message
  const describedBy = [hint && `${id}-hint`, message && `${id}-error`].filter(Boolean).join(' ')
  const control: Control = {
    id,
    'aria-describedby': describedBy || undefined,
    'aria-invalid': message ? true : undefined,
    'aria-required': required || undefined,
  }
  return (
    <div className={className}>
      <label
        htmlFor={id}
        className={hideLabel ? 'sr-only' : 'mb-1.5 flex items-baseline justify-between gap-2 font-medium'}
      >
        {label}
        {required && <span className="text-xs font-normal text-muted-foreground">{t.required}</span>}
      </label>
      <FieldContext value={control}>{children}</FieldContext>
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-muted-foreground text-pretty">
          {hint}
        </p>
      )}
      {message && (
        <p id={`${id}-error`} role="alert" className="mt-1.5 flex gap-1.5 text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-status-fail" />
          <span className="min-w-0">
            <span className="font-medium text-status-fail foreign">{message}</span>
            {fix && <span className="text-muted-foreground"> {fix}</span>}
          </span>
        </p>
      )}
    </div>
  )
}
