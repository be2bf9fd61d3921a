import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Channel, ChannelKind } from '../../../contract/notifications.ts'
import { ApiError, api } from '../../lib/api.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Dialog, DialogClose } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { Select } from '../../ui/select.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'
import { notificationsQuery } from '../queries.ts'
import {
  type ChannelField,
  channelFields,
  type Drafts,
  fromDrafts,
  kindsOffered,
  newSigningSecret,
  toDrafts,
} from './channel-fields.ts'
import { TrialProblem } from './trial-problem.tsx'

interface ChannelDialogProps {
  /** Null for a new one. */
  readonly channel: Channel | null
  readonly others: readonly Channel[]
  readonly onClose: () => void
}

const nobody = ''

const initialDrafts = (kind: ChannelKind, channel: Channel | null): Drafts => ({
  ...toDrafts(kind, channel?.settings ?? null),
  ...(channel === null && kind === 'webhook' && { secret: newSigningSecret() }),
})

/** Everything about one channel, with a test before it is saved. */
export function ChannelDialog({ channel, others, onClose }: ChannelDialogProps) {
  const t = useMessages('notifications')
  const ui = useMessages('ui')
  const queries = useQueryClient()
  const [kind, setKind] = useState<ChannelKind>(channel?.settings.kind ?? 'ntfy')
  const [name, setName] = useState(channel?.name ?? t.kinds[kind].title)
  const [enabled, setEnabled] = useState(channel?.enabled ?? true)
  const [fallbackId, setFallbackId] = useState(channel?.fallbackId ?? null)
  const [drafts, setDrafts] = useState<Drafts>(() => initialDrafts(kind, channel))
  const body = () => ({ name, enabled, fallbackId, ...fromDrafts(kind, drafts) })
  const save = useMutation({
    mutationFn: () =>
      channel
        ? api.notifications.changeChannel({ params: { id: channel.id }, body: body() })
        : api.notifications.addChannel({ body: body() }),
    onSuccess: () => {
      tellSuccess(t.saved)
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: notificationsQuery.queryKey }),
  })
  const trial = useMutation({
    mutationFn: () => api.notifications.tryChannel({ body: { id: channel?.id ?? null, channel: body() } }),
  })
  const failure = save.error ?? trial.error
  const issues = failure instanceof ApiError ? failure.issues : []
  const wrong = (path: string) =>
    issues.find((issue) => issue.path === path || issue.path.endsWith(`.${path}`))?.message
  const named = [...channelFields[kind].map((field) => field.name), 'name', 'fallbackId']
  const isUnnamed = failure !== null && !issues.some(({ path }) => named.some((one) => path.endsWith(one)))
  const choose = (next: ChannelKind) => {
    if (name === t.kinds[kind].title) setName(t.kinds[next].title)
    setKind(next)
    setDrafts(initialDrafts(next, null))
    save.reset()
    trial.reset()
  }
  const change = (field: string, draft: string | boolean) => {
    setDrafts((before) => ({ ...before, [field]: draft }))
    trial.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={channel ? t.changeTitle(channel.name) : t.addTitle}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button variant="secondary" isLoading={trial.isPending} onClick={() => trial.mutate()}>
            {t.tryIt}
          </Button>
          <Button type="submit" form="channel" variant="primary" isLoading={save.isPending}>
            {t.save}
          </Button>
        </>
      }
    >
      <form id="channel" noValidate onSubmit={submit} className="space-y-5">
        {channel === null && (
          <Field label={t.kind} hint={t.kinds[kind].text}>
            <Select value={kind} onChange={({ target }) => choose(target.value as ChannelKind)}>
              {kindsOffered.map((one) => (
                <option key={one} value={one}>
                  {t.kinds[one].title}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Field label={t.name} error={wrong('name') ?? codeText(failure, 'channel.name_taken')}>
          <Input maxLength={100} value={name} onChange={({ target }) => setName(target.value)} />
        </Field>
        {kind === 'web-push' && <p className="text-muted-foreground text-pretty">{t.webPushText}</p>}
        {channelFields[kind].map((field) => (
          <ChannelInput
            key={`${kind}.${field.name}`}
            kind={kind}
            field={field}
            draft={drafts[field.name] ?? ''}
            isStored={channel?.secrets.includes(field.name) ?? false}
            error={wrong(field.name)}
            onChange={(draft) => change(field.name, draft)}
          />
        ))}
        {channel !== null && channel.secrets.length > 0 && (
          <p className="text-sm text-muted-foreground text-pretty">{t.kept}</p>
        )}
        <Field
          label={t.fallback}
          hint={t.fallbackHint}
          error={wrong('fallbackId') ?? codeText(failure, 'channel.fallback_loop')}
        >
          <Select
            value={fallbackId ?? nobody}
            onChange={({ target }) => setFallbackId(others.find(({ id }) => id === target.value)?.id ?? null)}
          >
            <option value={nobody}>{t.nobody}</option>
            {others.map(({ id, name: other }) => (
              <option key={id} value={id}>
                {other}
              </option>
            ))}
          </Select>
        </Field>
        <Checkbox label={t.enabled} checked={enabled} onChange={({ target }) => setEnabled(target.checked)} />
        {isUnnamed && !isNamedCode(failure) && <ErrorPanel error={failure} isCompact />}
        {trial.data?.isSent && (
          <p role="status" className="flex gap-2 text-sm">
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-status-ok" />
            {t.tested(formatNumber(trial.data.durationMs))}
          </p>
        )}
        {trial.data?.problem && <TrialProblem problem={trial.data.problem} />}
      </form>
    </Dialog>
  )
}

const shownAtField = ['channel.name_taken', 'channel.fallback_loop']

const isNamedCode = (error: unknown): boolean =>
  error instanceof ApiError && shownAtField.includes(error.problem.code)

const codeText = (error: unknown, code: string): string | undefined =>
  error instanceof ApiError && error.problem.code === code
    ? `${error.problem.title}. ${error.problem.fix}`
    : undefined

interface ChannelInputProps {
  readonly kind: ChannelKind
  readonly field: ChannelField
  readonly draft: string | boolean
  readonly isStored: boolean
  readonly error: string | undefined
  readonly onChange: (draft: string | boolean) => void
}

function ChannelInput({ kind, field, draft, isStored, error, onChange }: ChannelInputProps) {
  const t = useMessages('notifications')
  const { name, type } = field
  const label = t.fields[name] ?? name
  const hint = t.hints[`${kind}.${name}`]
  const required = field.isRequired === true
  if (type === 'flag') {
    return (
      <Checkbox label={label} checked={draft === true} onChange={({ target }) => onChange(target.checked)} />
    )
  }
  if (type === 'secret') {
    return (
      <SecretField
        label={label}
        hint={hint}
        error={error}
        required={required && !isStored}
        isStored={isStored}
        autoComplete="off"
        value={String(draft)}
        onChange={({ target }) => onChange(target.value)}
      />
    )
  }
  if (type === 'choice') {
    return (
      <Field label={label} hint={hint} error={error}>
        <Select value={String(draft)} onChange={({ target }) => onChange(target.value)}>
          {field.options.map((option) => (
            <option key={option} value={option}>
              {t.choices[option] ?? option}
            </option>
          ))}
        </Select>
      </Field>
    )
  }
  return (
    <Field label={label} hint={hint} error={error} required={required}>
      <Input
        mono
        spellCheck={false}
        autoCapitalize="none"
        inputMode={type === 'number' ? 'numeric' : undefined}
        value={String(draft)}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  )
}
