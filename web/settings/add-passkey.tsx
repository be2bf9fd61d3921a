import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ProofProblem } from '../account/proof-problem.tsx'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { makePasskey } from '../lib/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { toDevice } from './device.ts'

interface AddPasskeyProps {
  readonly onClose: () => void
  /** With the recovery codes that came with it; null when there were some. */
  readonly onAdded: (recoveryCodes: readonly string[] | null) => void
}

/** Lets the browser make a passkey, under a name to know it by. */
export function AddPasskey({ onClose, onAdded }: AddPasskeyProps) {
  const t = useMessages('settings').factors
  const ui = useMessages('ui')
  const [name, setName] = useState(() => toDevice(navigator.userAgent).system ?? '')
  const add = useMutation({
    mutationFn: async () => {
      const { token, options } = await api.factors.passkeyOptions()
      return api.factors.addPasskey({ body: { token, name, response: await makePasskey(options) } })
    },
    onSuccess: ({ recoveryCodes }) => onAdded(recoveryCodes),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!add.isPending) add.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.addPasskey}
      description={t.passkeyHow}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button type="submit" form="add-passkey" variant="primary" isLoading={add.isPending}>
            {t.goOn}
          </Button>
        </>
      }
    >
      <form id="add-passkey" onSubmit={submit} className="space-y-4">
        <Field label={t.passkeyName} hint={t.passkeyNameHint}>
          <Input
            autoFocus
            required
            maxLength={60}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        {add.error && <ProofProblem error={add.error} />}
      </form>
    </Dialog>
  )
}
