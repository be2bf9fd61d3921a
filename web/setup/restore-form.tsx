import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { restorePartBytes } from '../../contract/own-backup-terms.ts'
import type { RestorePreview } from '../../contract/own-backups.ts'
import { api } from '../lib/api.ts'
import { basePath } from '../lib/base.ts'
import { formatDateTime, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Progress } from '../ui/progress.tsx'
import { SecretTextField } from '../ui/secret-field.tsx'

interface Found {
  readonly ticket: string
  readonly preview: RestorePreview
}

/** Hands a backup over in parts that every proxy lets through, and has it opened. */
async function handOver(
  { token, kit, file }: { token: string; kit: string; file: File },
  onShare: (percent: number) => void,
): Promise<Found> {
  const { ticket } = await api.restore.begin({ body: { token, kit } })
  for (let at = 0; at < file.size; at += restorePartBytes) {
    const base64 = toBase64(await file.slice(at, at + restorePartBytes).arrayBuffer())
    await api.restore.part({ body: { ticket, at, base64 } })
    onShare((100 * Math.min(file.size, at + restorePartBytes)) / file.size)
  }
  return { ticket, preview: await api.restore.open({ body: { ticket } }) }
}

function toBase64(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer)
  let text = ''
  // In steps: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}

/** Restores a backup into this empty server: the other first step of the set-up. */
export function RestoreForm({ token, onBack }: { readonly token: string; readonly onBack: () => void }) {
  const t = useMessages('ownBackups').wizard
  const words = useMessages('setup').claim
  const [ownToken, setOwnToken] = useState(token)
  const [file, setFile] = useState<File | null>(null)
  const [kit, setKit] = useState('')
  const [percent, setPercent] = useState(0)
  const open = useMutation({
    mutationFn: (given: File) => handOver({ token: ownToken.trim(), kit, file: given }, setPercent),
  })
  const confirm = useMutation({
    mutationFn: ({ ticket }: Found) => api.restore.confirm({ body: { ticket } }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setPercent(0)
    if (file) open.mutate(file)
  }
  if (confirm.isSuccess) return <Restarting />
  if (open.data) {
    return (
      <div className="flex max-w-xl flex-col gap-4">
        <Contents preview={open.data.preview} />
        {confirm.isError && <ErrorPanel error={confirm.error} isCompact />}
        <div className="flex flex-wrap gap-2 max-sm:[&>button]:flex-1">
          <Button isLoading={confirm.isPending} onClick={() => confirm.mutate(open.data)}>
            {t.confirm}
          </Button>
          <Button variant="ghost" onClick={() => open.reset()}>
            {t.back}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-4" noValidate>
      {!token && (
        <Field label={words.token} hint={words.tokenHint} required>
          <Input
            mono
            value={ownToken}
            spellCheck={false}
            onChange={(event) => setOwnToken(event.target.value)}
          />
        </Field>
      )}
      <Field label={t.file} hint={t.fileHint} required>
        <Input
          type="file"
          accept=".carl"
          className="bg-card! py-1.5 file:me-3 file:border-0 file:bg-transparent file:font-medium"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
      </Field>
      <SecretTextField
        label={t.kit}
        hint={t.kitHint}
        rows={4}
        required
        value={kit}
        onChange={(event) => setKit(event.target.value)}
      />
      {open.isPending && (
        <div className="space-y-2" aria-live="polite">
          <p className="text-sm">{percent < 100 ? t.sending : t.opening}</p>
          <Progress label={t.sending} {...(percent < 100 && { percent })} />
        </div>
      )}
      {open.isError && <ErrorPanel error={open.error} isCompact />}
      <div className="flex flex-wrap gap-2 max-sm:[&>button]:flex-1">
        <Button type="submit" isLoading={open.isPending} disabled={!file || kit.trim() === ''}>
          {t.send}
        </Button>
        <Button variant="ghost" onClick={onBack}>
          {t.back}
        </Button>
      </div>
    </form>
  )
}

function Contents({ preview }: { readonly preview: RestorePreview }) {
  const t = useMessages('ownBackups').wizard
  const { createdAt, appVersion, nodes, executions, users, hasLogs, asksPassphrase } = preview
  const counts = t.counts(formatNumber(nodes), formatNumber(executions), formatNumber(users))
  return (
    <section className="rounded-md border border-border bg-card px-4 py-3">
      <h3 className="font-medium">{t.found}</h3>
      <p className="mt-2">
        {t.made} {formatDateTime(createdAt)}, <span className="foreign">{t.byVersion(appVersion)}</span>
      </p>
      <p>
        {counts}, {hasLogs ? t.logs : t.noLogs}
      </p>
      {asksPassphrase && <p className="mt-2">{t.asksPassphrase}</p>}
      <p className="mt-2 text-muted-foreground text-pretty">{t.oldOne}</p>
    </section>
  )
}

/** The server goes away for a moment, and comes back as another one. */
function Restarting() {
  const t = useMessages('ownBackups').wizard
  return (
    <div className="flex max-w-xl flex-col gap-4" aria-live="polite">
      <p>{t.restarting}</p>
      <Progress label={t.restarting} />
      <p className="text-muted-foreground">{t.signIn}</p>
      <Button asChild className="self-start">
        <a href={`${basePath}/login`}>{t.open}</a>
      </Button>
    </div>
  )
}
