import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download, FileKey2, Printer } from 'lucide-react'
import { useState } from 'react'
import { createPortal } from 'react-dom'
import type { KeyStatus, RecoveryKit } from '../../contract/master-key.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { kitFileName, toKitFacts, toKitText } from './kit-text.ts'
import { masterKeyQuery } from './queries.ts'
import { ShownOnce } from '../ui/shown-once.tsx'

/** What became of the recovery kit, and the way to one. */
export function RecoveryKitCard({ status }: { readonly status: KeyStatus }) {
  const t = useMessages('masterKey').kit
  const queries = useQueryClient()
  const [isDeclining, setDeclining] = useState(false)
  const refresh = () => queries.invalidateQueries({ queryKey: masterKeyQuery.queryKey })
  const get = useMutation({
    mutationFn: () => api.masterKey.recoveryKit({}),
    onError: tellFailure,
    onSettled: refresh,
  })
  const { kit, source } = status
  const holdsKey = source === 'generated' || source === 'passphrase'
  return (
    <Card aria-label={t.title}>
      <CardHeader actions={<KitBadge kit={kit} />}>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4">
        <p className="max-w-prose text-muted-foreground text-pretty">{holdsKey ? t.text : t.textElsewhere}</p>
        <div className="flex flex-wrap gap-2">
          <Button
            variant={kit ? 'secondary' : 'primary'}
            isLoading={get.isPending}
            disabled={status.rotation !== null}
            onClick={() => get.mutate()}
          >
            <FileKey2 aria-hidden />
            {kit?.state === 'downloaded' ? t.getAgain : t.get}
          </Button>
          {!kit && (
            <Button variant="ghost" onClick={() => setDeclining(true)}>
              {t.decline}
            </Button>
          )}
        </div>
      </CardContent>
      {get.data && <Kit kit={get.data} onClose={() => get.reset()} />}
      <Decline open={isDeclining} onClose={() => setDeclining(false)} onDone={refresh} />
    </Card>
  )
}

function KitBadge({ kit }: Pick<KeyStatus, 'kit'>) {
  const t = useMessages('masterKey').kit
  if (!kit) return <Badge tone="wait">{t.due}</Badge>
  return (
    <>
      <span className="text-sm text-muted-foreground">
        <RelativeTime at={kit.at} />
      </span>
      <Badge tone={kit.state === 'downloaded' ? 'ok' : 'idle'}>
        {kit.state === 'downloaded' ? t.taken : t.declined}
      </Badge>
    </>
  )
}

function Kit({ kit, onClose }: { readonly kit: RecoveryKit; readonly onClose: () => void }) {
  const t = useMessages('masterKey')
  const text = toKitText(kit, t.sheet, location.origin)
  return (
    <ShownOnce title={t.kit.madeTitle} text={t.kit.madeText} done={t.kit.done} onClose={onClose}>
      <div className="grid gap-4">
        <div className="flex flex-wrap gap-2">
          <Button variant="secondary" onClick={() => save(kitFileName(kit), text)}>
            <Download aria-hidden />
            {t.kit.download}
          </Button>
          <Button variant="secondary" onClick={() => print()}>
            <Printer aria-hidden />
            {t.kit.print}
          </Button>
        </div>
        <CodeBlock code={text} label={t.kit.region} wrap />
      </div>
      {createPortal(<Sheet kit={kit} />, document.body)}
    </ShownOnce>
  )
}

/** What the printer gets: this alone, while it is there. */
function Sheet({ kit }: { readonly kit: RecoveryKit }) {
  const t = useMessages('masterKey').sheet
  const { facts, key, warning, steps } = toKitFacts(kit, t, location.origin)
  return (
    <div className="print-sheet" aria-hidden>
      <h1>{t.title}</h1>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {key !== null && (
        <>
          <h2>{t.masterKey}</h2>
          <p>
            <code>{key}</code>
          </p>
        </>
      )}
      <p>{warning}</p>
      <h2>{t.restore}</h2>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>{t.backups}</p>
    </div>
  )
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

interface DeclineProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly onDone: () => Promise<void>
}

function Decline({ open, onClose, onDone }: DeclineProps) {
  const t = useMessages('masterKey').kit
  const decline = useMutation({
    mutationFn: () => api.masterKey.declineKit({}),
    onSuccess: () => {
      onClose()
      tellSuccess(t.isDeclined)
    },
    onSettled: onDone,
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(isOpen) => {
        if (isOpen) return
        decline.reset()
        onClose()
      }}
      title={t.declineTitle}
      description={t.declineText}
      confirmLabel={t.declineConfirm}
      isPending={decline.isPending}
      error={decline.error}
      onConfirm={() => decline.mutate()}
    />
  )
}
