import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { KeyStatus } from '../../contract/master-key.ts'
import { api, ApiError, codeOf } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { masterKeyQuery } from './queries.ts'

type Way = 'generated' | 'passphrase'

interface RotateKeyProps {
  readonly status: KeyStatus
  readonly onClose: () => void
  readonly onBegun: () => void
}

/** Asks how the new key is to be kept, and begins to change it. */
export function RotateKey({ status, onClose, onBegun }: RotateKeyProps) {
  const t = useMessages('masterKey').rotate
  const ui = useMessages('ui')
  const form = useId()
  const queries = useQueryClient()
  const isOurs = status.source === 'generated' || status.source === 'passphrase'
  const [way, setWay] = useState<Way>(status.source === 'passphrase' ? 'passphrase' : 'generated')
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [isSame, setSame] = useState(true)
  const needsPassphrase = isOurs && way === 'passphrase'
  const begin = useMutation({
    mutationFn: () =>
      api.masterKey.rotate({ body: { ...(isOurs && { to: way }), ...(needsPassphrase && { passphrase }) } }),
    onSuccess: (next) => {
      queries.setQueryData(masterKeyQuery.queryKey, next)
      onBegun()
    },
  })
  const isWeak = codeOf(begin.error) === 'vault.passphrase_weak'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const same = !needsPassphrase || passphrase === again
    setSame(same)
    if (same && !begin.isPending) begin.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.dialogTitle}
      description={t.dialogText}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button type="submit" form={form} variant="primary" isLoading={begin.isPending}>
            {t.button}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-5">
        {isOurs ? (
          <RadioCards
            label={t.how}
            name="way"
            value={way}
            onChange={({ target }) => setWay(target.value as Way)}
            options={(['generated', 'passphrase'] as const).map((one) => ({ value: one, ...t.ways[one] }))}
          />
        ) : (
          <>
            <p className="foreign">{t.elsewhere(status.place)}</p>
            <div>
              <p className="mb-1.5 font-medium">{t.command}</p>
              <CodeBlock code="head -c 32 /dev/urandom | base64" label={t.command} wrap />
            </div>
          </>
        )}
        {needsPassphrase && (
          <>
            <Field
              label={t.passphrase}
              hint={t.passphraseHint}
              error={isWeak && begin.error instanceof ApiError ? begin.error.problem.detail : undefined}
            >
              <Input
                type="password"
                autoComplete="new-password"
                required
                maxLength={1_024}
                value={passphrase}
                onChange={({ target }) => setPassphrase(target.value)}
              />
            </Field>
            <Field label={t.again} error={isSame ? undefined : t.notSame}>
              <Input
                type="password"
                autoComplete="new-password"
                required
                maxLength={1_024}
                value={again}
                onChange={({ target }) => setAgain(target.value)}
              />
            </Field>
          </>
        )}
        {begin.isError && !isWeak && <ErrorPanel error={begin.error} isCompact />}
      </form>
    </Dialog>
  )
}
