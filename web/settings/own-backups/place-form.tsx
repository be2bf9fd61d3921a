import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Cloud, Folder, Server } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { PlaceSettings } from '../../../contract/own-backups.ts'
import { ApiError, api, codeOf } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Dialog, DialogClose } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { SecretTextField } from '../../ui/secret-field.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'
import { ownBackupsQuery } from '../queries.ts'

type Kind = PlaceSettings['kind']

const empty = {
  path: '',
  host: '',
  port: '22',
  username: '',
  folder: '',
  endpoint: '',
  region: 'us-east-1',
  bucket: '',
  prefix: '',
  accessKeyId: '',
}
type Drafts = typeof empty

function toSettings(kind: Kind, drafts: Drafts, hostKey: string | null): PlaceSettings {
  switch (kind) {
    case 'folder':
      return { kind, path: drafts.path }
    case 'sftp': {
      const { host, port, username, folder } = drafts
      return { kind, host, port: Number(port), username, folder, hostKey }
    }
    case 's3': {
      const { endpoint, region, bucket, prefix, accessKeyId } = drafts
      return { kind, endpoint, region, bucket, prefix, accessKeyId }
    }
  }
}

/** The fingerprint in what the server answered; it is hostile text, so nothing else of it is taken. */
const fingerprintIn = (error: unknown): string | null =>
  error instanceof ApiError && codeOf(error) === 'own-backup.host_key_unknown'
    ? (/SHA256:[A-Za-z0-9+/]{43}/.exec(error.problem.detail)?.[0] ?? null)
    : null

/** Names a place, tries it, and adds it when it works. */
export function PlaceForm({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages('ownBackups')
  const ui = useMessages('ui')
  const formId = useId()
  const queries = useQueryClient()
  const [kind, setKind] = useState<Kind>('folder')
  const [drafts, setDrafts] = useState(empty)
  const [secret, setSecret] = useState('')
  const add = useMutation({
    mutationFn: (hostKey: string | null) =>
      api.ownBackups.addPlace({
        body: { settings: toSettings(kind, drafts, hostKey), secret: kind === 'folder' ? null : secret },
      }),
    onSuccess: () => {
      tellSuccess(t.added)
      void queries.invalidateQueries({ queryKey: ownBackupsQuery.queryKey })
      onClose()
    },
  })
  const shown = fingerprintIn(add.error)
  const issueOf = (name: string) =>
    add.error instanceof ApiError
      ? add.error.issues.find(({ path }) => path === `settings.${name}`)?.message
      : undefined
  const hasIssues = add.error instanceof ApiError && add.error.issues.length > 0
  const field = (name: keyof Drafts, label: string, hint?: string) => (
    <Field label={label} hint={hint} error={issueOf(name)} required={name !== 'prefix'}>
      <Input
        mono
        value={drafts[name]}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        inputMode={name === 'port' ? 'numeric' : 'text'}
        onChange={({ target }) => setDrafts({ ...drafts, [name]: target.value })}
      />
    </Field>
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(shown)
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t.addTitle}
      description={t.addText}
      footer={
        <>
          <DialogClose>
            <Button variant="secondary">{ui.cancel}</Button>
          </DialogClose>
          <Button type="submit" form={formId} variant="primary" isLoading={add.isPending}>
            {shown ? t.confirm : t.save}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <RadioCards
          label={t.kind}
          name="kind"
          columns={3}
          value={kind}
          onChange={({ target }) => {
            setKind(target.value as Kind)
            add.reset()
          }}
          options={[
            { value: 'folder', ...t.kinds.folder, icon: Folder },
            { value: 'sftp', ...t.kinds.sftp, icon: Server },
            { value: 's3', ...t.kinds.s3, icon: Cloud },
          ]}
        />
        {kind === 'folder' && field('path', t.path, t.pathHint)}
        {kind === 'sftp' && (
          <>
            <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
              {field('host', t.host)}
              {field('port', t.port)}
            </div>
            {field('username', t.username)}
            {field('folder', t.remoteFolder, t.remoteFolderHint)}
          </>
        )}
        {kind === 's3' && (
          <>
            {field('endpoint', t.endpoint, t.endpointHint)}
            <div className="grid gap-4 sm:grid-cols-2">
              {field('bucket', t.bucket)}
              {field('region', t.region)}
            </div>
            {field('prefix', t.prefix, t.prefixHint)}
            {field('accessKeyId', t.accessKeyId)}
          </>
        )}
        {kind !== 'folder' && (
          <SecretTextField
            label={kind === 's3' ? t.secretAccessKey : t.secret}
            hint={kind === 's3' ? undefined : t.secretHint}
            rows={kind === 's3' ? 1 : 3}
            required
            value={secret}
            onChange={({ target }) => setSecret(target.value)}
          />
        )}
        {shown && (
          <div role="alert" className="rounded-md border border-border bg-muted px-3 py-2.5">
            <p className="font-medium">{t.confirmKey}</p>
            <p className="mb-2 text-sm text-muted-foreground">{t.confirmKeyText}</p>
            <CodeBlock label={t.confirmKeyText} code={shown} wrap />
          </div>
        )}
        {add.isError && !shown && !hasIssues && <ErrorPanel error={add.error} isCompact />}
      </form>
    </Dialog>
  )
}
