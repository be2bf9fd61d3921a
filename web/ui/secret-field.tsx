import { clsx } from 'clsx'
import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { Field } from './field.tsx'
import { IconButton } from './button.tsx'
import { Input, Textarea } from './input.tsx'

type FieldProps = Omit<ComponentProps<typeof Field>, 'children'>

interface Kind {
  /** One is stored already: it is never shown again, and stays when this is left empty. */
  readonly isStored?: boolean
}

/** Not a password field: a browser would offer to store what is no password of this site. */
const maskedLook = 'masked'

/** A secret of one line, such as a passphrase or a sudo password. */
export function SecretField({
  isStored = false,
  label,
  hint,
  error,
  fix,
  required = false,
  className,
  ...rest
}: FieldProps & Kind & Omit<ComponentProps<typeof Input>, 'type' | keyof FieldProps>) {
  return (
    <SecretFrame {...{ isStored, label, hint, error, fix, required, className }}>
      {(look) => (
        <Input
          mono
          spellCheck={false}
          autoCapitalize="none"
          placeholder={isStored ? '••••••••' : undefined}
          {...rest}
          className={look}
        />
      )}
    </SecretFrame>
  )
}

/** A secret of many lines: a private key. */
export function SecretTextField({
  isStored = false,
  label,
  hint,
  error,
  fix,
  required = false,
  className,
  ...rest
}: FieldProps & Kind & Omit<ComponentProps<typeof Textarea>, keyof FieldProps>) {
  return (
    <SecretFrame {...{ isStored, label, hint, error, fix, required, className }}>
      {(look) => (
        <Textarea
          mono
          rows={6}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          {...rest}
          className={look}
        />
      )}
    </SecretFrame>
  )
}

interface SecretFrameProps extends Omit<FieldProps, 'className'>, Kind {
  readonly className: string | undefined
  /** What is typed into, as it is to look. */
  readonly children: (look: string) => ReactNode
}

/** A field that hides what is typed until somebody wants to see it. */
function SecretFrame({ isStored = false, hint, className, children, ...field }: SecretFrameProps) {
  const t = useMessages('fields')
  const [isShown, setShown] = useState(false)
  return (
    <Field {...field} hint={isStored ? t.secret.kept : hint} className={clsx(className)}>
      <span className="relative block">
        {children(clsx('pe-10', !isShown && maskedLook))}
        <Reveal isShown={isShown} onChange={setShown} />
      </span>
    </Field>
  )
}

function Reveal({
  isShown,
  onChange,
}: {
  readonly isShown: boolean
  readonly onChange: (shown: boolean) => void
}) {
  const t = useMessages('fields')
  return (
    <IconButton
      size="sm"
      label={isShown ? t.secret.hide : t.secret.show}
      icon={isShown ? EyeOff : Eye}
      aria-pressed={isShown}
      className="absolute! top-1 end-1"
      onClick={() => onChange(!isShown)}
    />
  )
}
