import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toNestErrors } from '@hookform/resolvers'
import { useState } from 'react'
import { type Resolver, useForm } from 'react-hook-form'
import { type Credential, type CredentialCreate, credentialCreate } from '../../contract/credentials.ts'
import { api, ApiError } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { CredentialFields } from '../nodes/credential-fields.tsx'
import {
  type CredentialValues,
  emptyCredential,
  fieldsOf,
  toCredential,
  toFieldErrors,
} from '../nodes/node-form-values.ts'
import { credentialsQuery } from '../nodes/queries.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'

interface CredentialFormProps {
  /** The one whose secret is replaced; without one a new one is stored. */
  readonly credential: Credential | null
  readonly onSaved: (credential: Credential) => void
  readonly onClose: () => void
}

const kinds = ['generate', 'key', 'password'] as const

/** Stores a credential, or replaces the secret of one. */
export function CredentialForm({ credential, onSaved, onClose }: CredentialFormProps) {
  const t = useMessages('credentials')
  const words = useMessages('nodes').form
  const queries = useQueryClient()
  const [kind, setKind] = useState<CredentialCreate['kind']>(
    credential?.kind === 'password' ? 'password' : 'generate',
  )
  const form = useForm<CredentialValues, unknown, CredentialCreate>({
    resolver: resolverOf(kind),
    defaultValues: { ...emptyCredential, name: credential?.name ?? '' },
  })
  const save = useMutation({
    mutationFn: (body: CredentialCreate) =>
      credential
        ? api.credentials.replace({ params: { id: credential.id }, body })
        : api.credentials.create({ body }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: credentialsQuery.queryKey })
      void queries.invalidateQueries({ queryKey: ['nodes'] })
      onSaved(saved)
    },
    onError: (error) => {
      for (const { name, message } of told(error)) {
        form.setError(name, { type: 'server', message }, { shouldFocus: true })
      }
    },
  })
  const submit = form.handleSubmit((wanted) => save.mutate(wanted))

  function wrong(name: keyof CredentialValues): { error?: string; fix?: string } {
    const { error } = form.getFieldState(name, form.formState)
    if (!error) return {}
    if (error.type !== 'server')
      return { error: words.wrong[`login.${name}`] ?? error.message ?? words.failed }
    const fix = save.error instanceof ApiError ? save.error.problem.fix : undefined
    return { error: error.message ?? words.failed, ...(fix && { fix }) }
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={credential ? t.replaceTitle(credential.name) : t.add}
      {...(credential && { description: t.replaceText })}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{words.cancel}</Button>
          </DialogClose>
          <Button variant="primary" isLoading={save.isPending} onClick={() => void submit()}>
            {credential ? t.replace : t.create}
          </Button>
        </>
      }
    >
      <form noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
        <RadioCards
          label={t.kind}
          name="kind"
          value={kind}
          options={kinds.map((value) => ({
            value,
            title: t.kindTexts[value][0],
            text: t.kindTexts[value][1],
          }))}
          onChange={(event) => {
            setKind(kinds.find((one) => one === event.target.value) ?? kind)
            form.clearErrors()
          }}
        />
        <CredentialFields
          kind={kind}
          needsName
          field={(name) => form.register(name)}
          wrong={wrong}
          onKeyRead={(text) => {
            form.setValue('privateKey', text)
            form.clearErrors('privateKey')
          }}
        />
        {save.isError && told(save.error).length === 0 && <ErrorPanel error={save.error} isCompact />}
        {/* Enter in a field sends the form, though the button stands outside of it. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}

/** Checks by the rules of the contract. */
const resolverOf =
  (kind: CredentialCreate['kind']): Resolver<CredentialValues, unknown, CredentialCreate> =>
  (values, _context, options) => {
    const parsed = credentialCreate.safeParse(toCredential(kind, values, ''))
    if (parsed.success) return { values: parsed.data, errors: {} }
    return { values: {}, errors: toNestErrors<CredentialValues>(toFieldErrors(parsed.error.issues), options) }
  }

/** What the server said about single fields; they are the same as in the form of a node. */
function told(error: unknown): { name: keyof CredentialValues; message: string }[] {
  if (!(error instanceof ApiError)) return []
  const { code, title } = error.problem
  return fieldsOf(code, title, error.issues).map(({ name, message }) => ({
    name: name.split('.')[1] as keyof CredentialValues,
    message,
  }))
}
