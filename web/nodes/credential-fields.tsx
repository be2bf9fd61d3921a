import { FileKey2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { UseFormRegisterReturn } from 'react-hook-form'
import type { CredentialCreate } from '../../contract/credentials.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { SecretField, SecretTextField } from '../ui/secret-field.tsx'
import type { CredentialValues } from './node-form-values.ts'

/** As much as the server takes, bytes. */
const mostKeyBytes = 65_536

interface CredentialFieldsProps {
  readonly kind: CredentialCreate['kind']
  /** Ties a field to the form around. */
  readonly field: (name: keyof CredentialValues) => UseFormRegisterReturn
  /** What is wrong with a field, and what to do about it. */
  readonly wrong: (name: keyof CredentialValues) => { readonly error?: string; readonly fix?: string }
  /** The text of a key file. */
  readonly onKeyRead: (text: string) => void
  /** Without a name it takes that of the node. */
  readonly needsName: boolean
}

/** What it takes to make a credential, by its kind. */
export function CredentialFields({ kind, field, wrong, onKeyRead, needsName }: CredentialFieldsProps) {
  const t = useMessages('nodes').form
  return (
    <div className="grid gap-4">
      <Field
        label={t.credentialName}
        required={needsName}
        {...(needsName ? {} : { hint: t.credentialNameHint })}
        {...wrong('name')}
      >
        <Input {...field('name')} />
      </Field>
      {kind === 'key' && (
        <>
          <SecretTextField
            label={t.privateKey}
            hint={t.privateKeyHint}
            required
            {...wrong('privateKey')}
            {...field('privateKey')}
          />
          <KeyFile onRead={onKeyRead} />
          <SecretField
            label={t.passphrase}
            hint={t.passphraseHint}
            {...wrong('passphrase')}
            {...field('passphrase')}
          />
        </>
      )}
      {kind === 'password' && (
        <SecretField label={t.password} required {...wrong('password')} {...field('password')} />
      )}
      <SecretField
        label={t.sudoPassword}
        hint={t.sudoPasswordHint}
        {...wrong('sudoPassword')}
        {...field('sudoPassword')}
      />
    </div>
  )
}

/** Reads a key from a file of this device. The file itself goes nowhere. */
function KeyFile({ onRead }: { readonly onRead: (text: string) => void }) {
  const t = useMessages('nodes').form
  const input = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  async function read(file: File | undefined) {
    if (!file) return
    if (file.size > mostKeyBytes) return setSaid(t.fileTooLarge)
    onRead(await file.text())
    setSaid(t.fileChosen(file.name))
  }
  return (
    <div className="-mt-1 flex flex-wrap items-center gap-3">
      <input
        ref={input}
        type="file"
        aria-label={t.chooseFile}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          void read(event.target.files?.[0])
          // The same file can be chosen again after it was changed.
          event.target.value = ''
        }}
      />
      <Button variant="secondary" size="sm" onClick={() => input.current?.click()}>
        <FileKey2 aria-hidden />
        {t.chooseFile}
      </Button>
      <span aria-live="polite" className="min-w-0 text-sm text-muted-foreground foreign">
        {said}
      </span>
    </div>
  )
}
