import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { NodeId } from '../../contract/ids.ts'
import { isLocation, type RepositoryKind, repositoryKinds, sealedKinds } from '../../contract/repositories.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { nodesQuery } from '../nodes/queries.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { repositoriesQuery } from './queries.ts'
import { SecretFields } from './secret-fields.tsx'
import { emptySecret, isComplete, toSecret } from './secret-values.ts'

/** Names a repository that no run would find, such as one at a provider. */
export function RepositoryForm({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages('backups')
  const queries = useQueryClient()
  const nodes = useQuery(nodesQuery({ limit: 200 }))
  const [nodeId, setNode] = useState<NodeId | ''>('')
  const [kind, setKind] = useState<RepositoryKind>('restic')
  const [location, setLocation] = useState('')
  const [secret, setSecret] = useState(emptySecret)
  const hasSecret = sealedKinds.includes(kind)
  const isWrong = location.trim() !== '' && !isLocation(location.trim())
  const lacksSecret = secret.password === '' && secret.variables.trim() === ''
  const isReady =
    nodeId !== '' && location.trim() !== '' && !isWrong && (!hasSecret || lacksSecret || isComplete(secret))
  const save = useMutation({
    mutationFn: (id: NodeId) =>
      api.repositories.create({
        body: {
          nodeId: id,
          kind,
          location: location.trim(),
          secret: hasSecret && !lacksSecret ? toSecret(secret) : null,
        },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: repositoriesQuery.queryKey })
      tellSuccess(t.added(location.trim()))
      onClose()
    },
  })
  const submit = () => {
    if (isReady && nodeId !== '') save.mutate(nodeId)
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t.add}
      description={t.addText}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{t.cancel}</Button>
          </DialogClose>
          <Button variant="primary" disabled={!isReady} isLoading={save.isPending} onClick={submit}>
            {t.addConfirm}
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
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.node} required>
            <Select value={nodeId} onChange={({ target }) => setNode(target.value as NodeId | '')}>
              <option value="">{t.chooseNode}</option>
              {(nodes.data?.items ?? []).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t.kind} required>
            <Select value={kind} onChange={({ target }) => setKind(target.value as RepositoryKind)}>
              {repositoryKinds.map((one) => (
                <option key={one} value={one}>
                  {t.kinds[one]}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <Field
          label={t.location}
          hint={t.locationHint}
          error={isWrong ? t.locationWrong : undefined}
          required
        >
          <Input
            mono
            spellCheck={false}
            autoCapitalize="none"
            placeholder="/srv/backup"
            value={location}
            onChange={({ target }) => setLocation(target.value)}
          />
        </Field>
        {hasSecret && <SecretFields values={secret} onChange={setSecret} />}
        {save.isError && <ErrorPanel error={save.error} isCompact />}
        {/* Enter in a field sends the form, though the button stands outside of it. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
