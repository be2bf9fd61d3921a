import { useId } from 'react'
import { useMessages } from '../lib/messages.ts'
import { SecretField, SecretTextField } from '../ui/secret-field.tsx'
import { parseVariables, type SecretValues } from './secret-values.ts'

interface SecretFieldsProps {
  readonly values: SecretValues
  readonly onChange: (values: SecretValues) => void
  /** Names of the variables that are stored now; all of them are replaced. */
  readonly stored?: readonly string[]
}

/** The password of a repository, and what its provider wants besides. */
export function SecretFields({ values, onChange, stored = [] }: SecretFieldsProps) {
  const t = useMessages('backups')
  const id = useId()
  const { wrong } = parseVariables(values.variables)
  return (
    <>
      <SecretField
        label={t.password}
        hint={t.passwordHint}
        autoComplete="off"
        name={`${id}-password`}
        value={values.password}
        onChange={({ target }) => onChange({ ...values, password: target.value })}
        required
      />
      <SecretTextField
        label={t.variables}
        hint={stored.length > 0 ? t.variablesStored(stored.join(', ')) : t.variablesHint}
        error={wrong === null ? undefined : t.variableWrong(wrong)}
        rows={3}
        value={values.variables}
        onChange={({ target }) => onChange({ ...values, variables: target.value })}
      />
    </>
  )
}
