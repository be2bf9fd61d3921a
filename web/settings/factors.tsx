import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, LifeBuoy, type LucideIcon, Smartphone } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Factors, Passkey } from '../../contract/second-factors.ts'
import { factorsQuery, sessionQuery } from '../account/queries.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { hasPasskeys } from '../lib/passkeys.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { AddPasskey } from './add-passkey.tsx'
import { AddTotp } from './add-totp.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'

/** What is open above the card. */
type Open =
  | { readonly kind: 'add-totp' | 'add-passkey' | 'remove-totp' | 'new-codes' }
  | { readonly kind: 'remove-passkey'; readonly passkey: Passkey }

/** What is asked besides the password, and what helps when it is lost. */
export function FactorsCard() {
  const t = useMessages('settings').factors
  const factors = useQuery(factorsQuery)
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const close = () => setOpen(null)
  const added = (recoveryCodes: readonly string[] | null) => {
    close()
    setCodes(recoveryCodes)
    tellSuccess(t.added)
    void queries.invalidateQueries({ queryKey: ['account'] })
    // Whoever had to add one may go on only once the codes are written down.
    if (recoveryCodes === null) void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
  }
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.text}</p>
      </CardHeader>
      {factors.isPending && <SkeletonRows rows={3} />}
      {factors.isError && (
        <ErrorPanel error={factors.error} onRetry={() => void factors.refetch()} className="m-4 mt-0" />
      )}
      {factors.isSuccess && <FactorLines factors={factors.data} onOpen={setOpen} />}
      {open?.kind === 'add-totp' && <AddTotp onClose={close} onAdded={added} />}
      {open?.kind === 'add-passkey' && <AddPasskey onClose={close} onAdded={added} />}
      <RemoveFactor open={open} onClose={close} />
      <NewCodes isOpen={open?.kind === 'new-codes'} onClose={close} onMade={setCodes} />
      {codes && (
        <RecoveryCodes
          codes={codes}
          onClose={() => {
            setCodes(null)
            void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
          }}
        />
      )}
    </Card>
  )
}

interface FactorLinesProps {
  readonly factors: Factors
  readonly onOpen: (open: Open) => void
}

function FactorLines({ factors, onOpen }: FactorLinesProps) {
  const t = useMessages('settings').factors
  const { totp, passkeys, recoveryCodesLeft } = factors
  const hasAny = totp !== null || passkeys.length > 0
  return (
    <ul>
      {passkeys.map((passkey) => (
        <FactorLine
          key={passkey.id}
          icon={KeyRound}
          name={<span className="foreign">{passkey.name}</span>}
          text={
            <>
              {t.addedAt} <RelativeTime at={passkey.createdAt} />
              {passkey.host !== location.hostname && ` · ${t.forHost(passkey.host)}`}
              {passkey.lastUsedAt && (
                <>
                  {' · '}
                  {t.lastUsed} <RelativeTime at={passkey.lastUsedAt} />
                </>
              )}
            </>
          }
        >
          <Button
            size="sm"
            variant="secondary"
            aria-label={t.removeThis(passkey.name)}
            onClick={() => onOpen({ kind: 'remove-passkey', passkey })}
          >
            {t.remove}
          </Button>
        </FactorLine>
      ))}
      <FactorLine
        icon={KeyRound}
        name={t.passkey}
        text={hasPasskeys() ? t.passkeyText : t.passkeysUnavailable}
      >
        {hasPasskeys() && (
          <Button size="sm" variant="secondary" onClick={() => onOpen({ kind: 'add-passkey' })}>
            {t.addPasskey}
          </Button>
        )}
      </FactorLine>
      <FactorLine
        icon={Smartphone}
        name={t.app}
        mark={totp ? t.on : undefined}
        text={
          totp ? (
            <>
              {t.addedAt} <RelativeTime at={totp.createdAt} />
            </>
          ) : (
            t.appText
          )
        }
      >
        {totp ? (
          <Button
            size="sm"
            variant="secondary"
            aria-label={t.removeThis(t.app)}
            onClick={() => onOpen({ kind: 'remove-totp' })}
          >
            {t.remove}
          </Button>
        ) : (
          <Button size="sm" variant="secondary" onClick={() => onOpen({ kind: 'add-totp' })}>
            {t.addApp}
          </Button>
        )}
      </FactorLine>
      {hasAny && (
        <FactorLine icon={LifeBuoy} name={t.codes} text={t.codesLeft(recoveryCodesLeft)}>
          <Button size="sm" variant="secondary" onClick={() => onOpen({ kind: 'new-codes' })}>
            {t.newCodes}
          </Button>
        </FactorLine>
      )}
    </ul>
  )
}

interface FactorLineProps {
  readonly icon: LucideIcon
  readonly name: ReactNode
  readonly mark?: string | undefined
  readonly text: ReactNode
  readonly children?: ReactNode
}

function FactorLine({ icon: Icon, name, mark, text, children }: FactorLineProps) {
  return (
    <li className="flex items-center gap-3 border-t border-border px-4 py-3">
      <Icon aria-hidden className="size-5 shrink-0 text-muted-foreground max-sm:hidden" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {mark && <Badge tone="ok">{mark}</Badge>}
        </p>
        <p className="mt-0.5 text-sm text-pretty text-muted-foreground">{text}</p>
      </div>
      {children}
    </li>
  )
}

/** Ends all other sessions, so it does not happen at one click. */
function RemoveFactor({ open, onClose }: { readonly open: Open | null; readonly onClose: () => void }) {
  const t = useMessages('settings').factors
  const queries = useQueryClient()
  const asked = open?.kind === 'remove-totp' || open?.kind === 'remove-passkey' ? open : null
  const name = asked?.kind === 'remove-passkey' ? asked.passkey.name : t.app
  const remove = useMutation({
    mutationFn: (wanted: NonNullable<typeof asked>) =>
      wanted.kind === 'remove-passkey'
        ? api.factors.removePasskey({ params: { id: wanted.passkey.id } })
        : api.factors.removeTotp(),
    onSuccess: () => {
      onClose()
      tellSuccess(t.removed)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account'] }),
  })
  return (
    <ConfirmDialog
      open={asked !== null}
      onOpenChange={(isOpen) => {
        if (isOpen) return
        remove.reset()
        onClose()
      }}
      title={t.removeTitle(name)}
      description={t.removeText}
      confirmLabel={t.remove}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => asked && remove.mutate(asked)}
    />
  )
}

interface NewCodesProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onMade: (codes: readonly string[]) => void
}

function NewCodes({ isOpen, onClose, onMade }: NewCodesProps) {
  const t = useMessages('settings').factors
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () => api.factors.newRecoveryCodes(),
    onSuccess: ({ recoveryCodes }) => {
      onClose()
      onMade(recoveryCodes)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account'] }),
  })
  return (
    <ConfirmDialog
      open={isOpen}
      onOpenChange={(open) => {
        if (open) return
        make.reset()
        onClose()
      }}
      title={t.newCodesTitle}
      description={t.newCodesText}
      confirmLabel={t.newCodes}
      isPending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
    />
  )
}

interface RecoveryCodesProps {
  readonly codes: readonly string[]
  readonly onClose: () => void
}

function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  const t = useMessages('settings').factors
  return (
    <ShownOnce title={t.codesTitle} text={t.codesText} done={t.codesDone} onClose={onClose}>
      <CodeBlock code={codes.join('\n')} label={t.codes} />
    </ShownOnce>
  )
}
