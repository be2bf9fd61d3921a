import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { ApiToken } from '../../contract/accounts.ts'
import { type Role, roles, type Scope, scopes } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { ApiError, api } from '../lib/api.ts'
import { basePath } from '../lib/base.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { RelativeTime, useNow } from '../ui/relative-time.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { tokensQuery } from './queries.ts'
import { ShownOnce } from '../ui/shown-once.tsx'

/** Tokens for scripts: made here, shown once, revoked here. */
export function TokenSettings() {
  const t = useMessages('settings').tokens
  const tokens = useQuery(tokensQuery)
  const [isMaking, setMaking] = useState(false)
  const [asked, setAsked] = useState<ApiToken | null>(null)
  const items = tokens.data?.items ?? []
  const make = (
    <Button variant="primary" onClick={() => setMaking(true)}>
      <Plus aria-hidden />
      {t.create}
    </Button>
  )
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
        {items.length > 0 && make}
      </div>
      <Card>
        {tokens.isPending && <SkeletonRows rows={3} />}
        {tokens.isError && (
          <ErrorPanel error={tokens.error} onRetry={() => void tokens.refetch()} className="m-4" />
        )}
        {tokens.isSuccess && items.length === 0 && (
          <EmptyState icon={KeyRound} title={t.none} text={t.noneText} guide="tokens-and-api" action={make} />
        )}
        {items.length > 0 && <TokenTable tokens={items} onRevoke={setAsked} />}
      </Card>
      {isMaking && <MakeToken onClose={() => setMaking(false)} />}
      <RevokeToken token={asked} onClose={() => setAsked(null)} />
    </div>
  )
}

interface TokenTableProps {
  readonly tokens: readonly ApiToken[]
  readonly onRevoke: (token: ApiToken) => void
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  const t = useMessages('settings').tokens
  const now = useNow()
  return (
    <Table label={t.caption} stack="wide">
      <TableHead>
        <Th>{t.name}</Th>
        <Th>{t.begins}</Th>
        <Th>{t.role}</Th>
        <Th>{t.limits}</Th>
        <Th>{t.created}</Th>
        <Th>{t.lastUsed}</Th>
        <Th>{t.expiry}</Th>
        <Th>
          <span className="sr-only">{t.actions}</span>
        </Th>
      </TableHead>
      <TableBody>
        {tokens.map((token) => {
          const { id, name, prefix, role, scopes: limits, createdAt, lastUsedAt, expiresAt } = token
          const isOver = expiresAt !== null && Date.parse(expiresAt) <= now
          return (
            <Row key={id}>
              <Td className="font-medium">
                <span className="foreign">{name}</span>
              </Td>
              <Td label={t.begins}>
                <code className="text-sm">{prefix}…</code>
              </Td>
              <Td label={t.role}>{t.roles[role].title}</Td>
              <Td label={t.limits}>
                {limits ? limits.map((limit) => t.scopes[limit]).join(', ') : t.noLimit}
              </Td>
              <Td label={t.created}>
                <RelativeTime at={createdAt} />
              </Td>
              <Td label={t.lastUsed}>{lastUsedAt ? <RelativeTime at={lastUsedAt} /> : t.neverUsed}</Td>
              <Td label={t.expiry}>
                {isOver ? (
                  <Badge tone="missed">{t.expired}</Badge>
                ) : expiresAt ? (
                  <RelativeTime at={expiresAt} />
                ) : (
                  t.never
                )}
              </Td>
              <Td align="right">
                <Button
                  size="sm"
                  variant="secondary"
                  aria-label={t.revokeThis(name)}
                  onClick={() => onRevoke(token)}
                >
                  {t.revoke}
                </Button>
              </Td>
            </Row>
          )
        })}
      </TableBody>
    </Table>
  )
}

const expiries = ['7', '30', '90', '365', 'never'] as const
const dayMs = 86_400_000

function MakeToken({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages('settings').tokens
  const ui = useMessages('ui')
  const user = useUser()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(user?.role === 'viewer' ? 'viewer' : 'operator')
  const [expiry, setExpiry] = useState<(typeof expiries)[number]>('90')
  const [limits, setLimits] = useState<readonly Scope[] | null>(null)
  // Never more than one has.
  const allowed = roles.slice(0, roles.indexOf(user?.role ?? 'viewer') + 1)
  const make = useMutation({
    mutationFn: () => {
      const expiresAt =
        expiry === 'never' ? null : new Date(Date.now() + Number(expiry) * dayMs).toISOString()
      return api.account.createToken({ body: { name, role, scopes: limits && [...limits], expiresAt } })
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'tokens'] }),
  })
  const issues = make.error instanceof ApiError ? make.error.issues : []
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!make.isPending) make.mutate()
  }
  if (make.data) return <MadeToken text={make.data.text} onClose={onClose} />
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.createTitle}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button type="submit" form="make-token" variant="primary" isLoading={make.isPending}>
            {t.make}
          </Button>
        </>
      }
    >
      <form id="make-token" onSubmit={submit} className="space-y-5">
        <Field label={t.name} hint={t.nameHint} error={issues.find(({ path }) => path === 'name')?.message}>
          <Input
            autoFocus
            required
            maxLength={100}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        <RadioCards
          label={t.role}
          name="role"
          value={role}
          onChange={({ target }) => setRole(target.value as Role)}
          options={allowed.map((one) => ({ value: one, ...t.roles[one] }))}
        />
        <LimitFields limits={limits} onChange={setLimits} />
        <Field label={t.expiry} hint={expiry === 'never' ? t.neverHint : undefined}>
          <Select value={expiry} onChange={({ target }) => setExpiry(target.value as typeof expiry)}>
            {expiries.map((one) => (
              <option key={one} value={one}>
                {t.expiries[one]}
              </option>
            ))}
          </Select>
        </Field>
        {make.isError && issues.length === 0 && <ErrorPanel error={make.error} isCompact />}
      </form>
    </Dialog>
  )
}

interface LimitFieldsProps {
  readonly limits: readonly Scope[] | null
  readonly onChange: (limits: readonly Scope[] | null) => void
}

/** What the token is limited to. Nothing ticked would be a token for nothing, so it means no limit. */
function LimitFields({ limits, onChange }: LimitFieldsProps) {
  const t = useMessages('settings').tokens
  const toggle = (scope: Scope, isOn: boolean) => {
    const next = scopes.filter((one) => (one === scope ? isOn : limits?.includes(one)))
    onChange(next.length > 0 ? next : null)
  }
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{t.limitTo}</legend>
      <p className="mb-2.5 text-sm text-muted-foreground">{t.limitHint}</p>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2.5">
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            label={t.scopes[scope]}
            checked={limits?.includes(scope) ?? false}
            onChange={({ target }) => toggle(scope, target.checked)}
          />
        ))}
      </div>
    </fieldset>
  )
}

function MadeToken({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  const t = useMessages('settings').tokens
  const address = `${location.origin}${basePath}/api/v1/nodes`
  return (
    <ShownOnce title={t.madeTitle} text={t.madeText} done={t.done} onClose={onClose}>
      <div className="space-y-4">
        <CodeBlock code={text} label={t.token} wrap />
        <div>
          <p className="mb-1.5 font-medium">{t.tryIt}</p>
          <CodeBlock code={`curl -H "Authorization: Bearer ${text}" ${address}`} label={t.tryIt} wrap />
        </div>
      </div>
    </ShownOnce>
  )
}

function RevokeToken({ token, onClose }: { readonly token: ApiToken | null; readonly onClose: () => void }) {
  const t = useMessages('settings').tokens
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: ({ id }: ApiToken) => api.account.revokeToken({ params: { id } }),
    onSuccess: () => {
      onClose()
      tellSuccess(t.revoked)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'tokens'] }),
  })
  return (
    <ConfirmDialog
      open={token !== null}
      onOpenChange={(open) => {
        if (open) return
        revoke.reset()
        onClose()
      }}
      title={t.revokeTitle(token?.name ?? '')}
      description={t.revokeText}
      confirmLabel={t.revoke}
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => token && revoke.mutate(token)}
    />
  )
}
