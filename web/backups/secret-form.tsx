import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Repository } from '../../contract/repositories.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { repositoriesQuery } from './queries.ts'
import { SecretFields } from './secret-fields.tsx'
import { emptySecret, isComplete, toSecret } from './secret-values.ts'

interface SecretFormProps {
  readonly repository: Repository
  readonly onClose: () => void
}

/** Stores what opens a repository, or replaces it; what is stored is never shown. */
export function SecretForm({ repository, onClose }: SecretFormProps) {
  const t = useMessages('backups')
  const queries = useQueryClient()
  const [values, setValues] = useState(emptySecret)
  const { id, location, secret } = repository
  const save = useMutation({
    mutationFn: () => api.repositories.setSecret({ params: { id }, body: toSecret(values) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: repositoriesQuery.queryKey })
      tellSuccess(t.secretStored(location))
      onClose()
    },
  })
  const submit = () => {
    if (isComplete(values)) save.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={secret ? t.replaceSecret : t.enterSecret}
      description={`${location}. ${t.secretText}`}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{t.cancel}</Button>
          </DialogClose>
          <Button
            variant="primary"
            disabled={!isComplete(values)}
            isLoading={save.isPending}
            onClick={submit}
          >
            {t.store}
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <SecretFields values={values} onChange={setValues} stored={secret?.variables ?? []} />
        {save.isError && <ErrorPanel error={save.error} isCompact />}
        {/* Enter in a field sends the form, though the button stands outside of it. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
