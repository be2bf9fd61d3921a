import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Provider } from '../../../contract/single-sign-on.ts'
import { useCan } from '../../account/use-session.ts'
import { ApiError, api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Switch } from '../../ui/checkbox.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'

/** What the fields hold; scopes as text with spaces between. */
interface Draft {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: string
  readonly groupClaim: string
  readonly label: string
  readonly enabled: boolean
}

const firstFields = ['issuer', 'clientId'] as const
const furtherFields = ['scopes', 'groupClaim', 'label'] as const
type TextField = (typeof firstFields)[number] | (typeof furtherFields)[number]

/** Refusals that are about one field. */
const fieldOfCode: Readonly<Record<string, keyof Draft>> = {
  'provider.secret_missing': 'clientSecret',
  'provider.not_secure': 'issuer',
}

/** Where the provider is and how to talk to it. The secret goes in only. */
export function ProviderForm({ provider }: { readonly provider: Provider | null }) {
  const t = useMessages('signIn').provider
  const queries = useQueryClient()
  const mayChange = useCan('provider.write')
  const [isRemoving, setRemoving] = useState(false)
  const [draft, setDraft] = useState<Draft>(() => toDraft(provider, t.defaultLabel))
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const refresh = () => queries.invalidateQueries({ queryKey: ['provider'] })
  const save = useMutation({
    mutationFn: () => api.provider.change({ body: toBody(draft, provider) }),
    onSuccess: async () => {
      tellSuccess(t.saved)
      await refresh()
    },
  })
  const remove = useMutation({
    mutationFn: () => api.provider.remove({}),
    onSuccess: async () => {
      setRemoving(false)
      tellSuccess(t.removed)
      await refresh()
    },
  })
  const errors = errorsOf(save.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  const hints = {
    issuer: t.issuerHint,
    clientId: undefined,
    scopes: t.scopesHint,
    groupClaim: t.groupClaimHint,
    label: t.labelHint,
  }
  const textField = (name: TextField) => (
    <Field
      key={name}
      label={t[name]}
      hint={hints[name]}
      error={errors.fields[name]}
      className={name === 'issuer' ? 'md:col-span-2' : 'min-w-0'}
    >
      <Input
        mono={name !== 'label'}
        spellCheck={false}
        autoCapitalize="none"
        inputMode={name === 'issuer' ? 'url' : 'text'}
        readOnly={!mayChange}
        value={draft[name]}
        onChange={({ target }) => set({ [name]: target.value })}
      />
    </Field>
  )
  return (
    <Card>
      <CardHeader
        actions={
          <Badge {...(provider?.enabled && { tone: 'ok' as const })}>
            {provider ? (provider.enabled ? t.on : t.off) : t.none}
          </Badge>
        }
      >
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.text}</p>
      </CardHeader>
      <CardContent className="pt-2">
        <form noValidate onSubmit={submit} className="space-y-5">
          <div className="grid grid-cols-1 gap-x-8 gap-y-5 md:grid-cols-2">
            {firstFields.map(textField)}
            <SecretField
              label={t.clientSecret}
              hint={t.clientSecretHint}
              error={errors.fields.clientSecret}
              isStored={provider?.hasSecret === true}
              readOnly={!mayChange}
              value={draft.clientSecret}
              onChange={({ target }) => set({ clientSecret: target.value })}
            />
            {furtherFields.map(textField)}
          </div>
          <Switch
            label={t.enabled}
            hint={t.enabledHint}
            disabled={!mayChange}
            checked={draft.enabled}
            onChange={({ target }) => set({ enabled: target.checked })}
          />
          {save.isError && !errors.isToldAtFields && <ErrorPanel error={save.error} isCompact />}
          {mayChange && (
            <div className="flex flex-wrap justify-end gap-2">
              {provider && (
                <Button variant="ghost" onClick={() => setRemoving(true)}>
                  {t.remove}
                </Button>
              )}
              <Button type="submit" variant="primary" isLoading={save.isPending}>
                {t.save}
              </Button>
            </div>
          )}
        </form>
      </CardContent>
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={t.removeTitle}
        description={t.removeText}
        confirmLabel={t.remove}
        isPending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  )
}

const toDraft = (provider: Provider | null, label: string): Draft => ({
  issuer: provider?.issuer ?? '',
  clientId: provider?.clientId ?? '',
  clientSecret: '',
  scopes: provider?.scopes.join(' ') ?? 'openid profile groups',
  groupClaim: provider?.groupClaim ?? 'groups',
  label: provider?.label ?? label,
  enabled: provider?.enabled ?? false,
})

function toBody({ clientSecret, scopes, issuer, ...draft }: Draft, provider: Provider | null) {
  return {
    ...draft,
    issuer: issuer.trim(),
    scopes: scopes.split(/\s+/).filter(Boolean),
    // Left empty, a stored one stays. Where there is none, there is none.
    ...(clientSecret === '' ? (provider ? {} : { clientSecret: null }) : { clientSecret }),
  }
}

function errorsOf(error: unknown) {
  const fields: Partial<Record<keyof Draft, string>> = {}
  if (!(error instanceof ApiError)) return { fields, isToldAtFields: false }
  const about = fieldOfCode[error.problem.code]
  if (about) fields[about] = `${error.problem.title}. ${error.problem.fix}`
  for (const { path, message } of error.issues) {
    const [name = ''] = path.split('.')
    if (name in toDraft(null, '')) fields[name as keyof Draft] ??= message
  }
  return { fields, isToldAtFields: Object.keys(fields).length > 0 }
}
