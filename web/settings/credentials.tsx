import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EllipsisVertical, KeyRound, LockKeyhole, Plus, RefreshCw, RotateCcwKey, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Credential } from '../../contract/credentials.ts'
import type { NodeId } from '../../contract/ids.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { keysQuery } from '../nodes/key-queries.ts'
import { credentialsQuery, nodeQuery } from '../nodes/queries.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Copyable } from '../ui/copyable.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { RemoveDialog } from '../ui/remove-dialog.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { CredentialForm } from './credential-form.tsx'
import { NodeKeys } from './node-keys.tsx'

/** What opens nodes: kept, replaced and forgotten here, never shown. */
export function Credentials() {
  const t = useMessages('credentials')
  const mayRead = useCan('credential.read')
  const credentials = useQuery({ ...credentialsQuery, enabled: mayRead })
  const [form, setForm] = useState<{ readonly credential: Credential | null } | null>(null)
  const [made, setMade] = useState<Credential | null>(null)
  if (!mayRead) return <EmptyState icon={LockKeyhole} title={t.title} text={t.forbidden} />
  const items = credentials.data?.items ?? []
  const add = (
    <Button variant="primary" onClick={() => setForm({ credential: null })}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  )
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted-foreground">{t.text}</p>
        {items.length > 0 && add}
      </div>
      {made?.publicKey && (
        <Card className="grid grid-cols-1 gap-2 p-4" role="status">
          <p className="font-medium">
            <span className="foreign">{t.created(made.name)}</span> {t.createdText}
          </p>
          <CodeBlock label={t.publicKey} code={made.publicKey} wrap />
        </Card>
      )}
      {credentials.isError && (
        <ErrorPanel error={credentials.error} onRetry={() => void credentials.refetch()} />
      )}
      {credentials.isPending && (
        <Card>
          <SkeletonRows rows={4} />
        </Card>
      )}
      {credentials.data && items.length === 0 && (
        <Card>
          <EmptyState icon={KeyRound} title={t.none} text={t.noneText} guide="add-a-node" action={add} />
        </Card>
      )}
      {items.length > 0 && (
        <ul aria-label={t.caption} className="grid grid-cols-1 gap-3">
          {items.map((credential) => (
            <li key={credential.id}>
              <CredentialCard credential={credential} onReplace={() => setForm({ credential })} />
            </li>
          ))}
        </ul>
      )}
      {items.length > 0 && <NodeKeys />}
      {form && (
        <CredentialForm
          credential={form.credential}
          onClose={() => setForm(null)}
          onSaved={(saved) => {
            tellSuccess(form.credential ? t.replaced(saved.name) : t.created(saved.name))
            setMade(saved)
            setForm(null)
          }}
        />
      )}
    </div>
  )
}

function CredentialCard({
  credential,
  onReplace,
}: {
  readonly credential: Credential
  readonly onReplace: () => void
}) {
  const t = useMessages('credentials')
  const mayWrite = useCan('credential.write')
  const { name, kind, publicKey, fingerprint, hasSudoPassword, nodeIds, secretSetAt } = credential
  const words = useMessages('keys')
  const [isRemoving, setRemoving] = useState(false)
  const [isRotating, setRotating] = useState(false)
  return (
    <Card className="p-4">
      <div className="flex items-center gap-3">
        <KeyRound aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <h3 className="min-w-0 truncate font-semibold foreign">{name}</h3>
        <Badge>{t.kinds[kind]}</Badge>
        {mayWrite && (
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <IconButton size="sm" label={t.actions(name)} icon={EllipsisVertical} className="ms-auto" />
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              {kind === 'key' && nodeIds.length > 0 && (
                <DropdownMenuItem onSelect={() => setRotating(true)}>
                  <RotateCcwKey aria-hidden />
                  {words.onePerNode}
                </DropdownMenuItem>
              )}
              <DropdownMenuItem onSelect={onReplace}>
                <RefreshCw aria-hidden />
                {t.replace}
              </DropdownMenuItem>
              <DropdownMenuItem danger onSelect={() => setRemoving(true)}>
                <Trash2 aria-hidden />
                {t.remove}
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        )}
      </div>
      <dl className="mt-3 grid grid-cols-1 gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
        {publicKey && (
          <>
            <dt className="text-muted-foreground">{t.publicKeyLabel}</dt>
            <dd className="min-w-0">
              <Copyable value={publicKey} what={t.publicKey} />
            </dd>
          </>
        )}
        {fingerprint && (
          <>
            <dt className="text-muted-foreground">{t.fingerprint}</dt>
            <dd className="min-w-0">
              <code className="wrap-anywhere foreign">{fingerprint}</code>
            </dd>
          </>
        )}
        <dt className="text-muted-foreground">{t.usedBy}</dt>
        <dd>
          <Users ids={nodeIds} />
        </dd>
        <dt className="text-muted-foreground">{t.sudo}</dt>
        <dd>{hasSudoPassword ? t.sudoSet : t.sudoNone}</dd>
        <dt className="text-muted-foreground">{t.age}</dt>
        <dd>
          <RelativeTime at={secretSetAt} />
        </dd>
        <NextDue id={credential.id} />
      </dl>
      <RemoveCredential credential={credential} open={isRemoving} onOpenChange={setRemoving} />
      <RotateDialog credential={credential} open={isRotating} onOpenChange={setRotating} />
    </Card>
  )
}

/** When the first of the keys of its nodes is due; nothing where none is. */
function NextDue({ id }: { readonly id: Credential['id'] }) {
  const t = useMessages('keys')
  const { data } = useQuery(keysQuery)
  const [first] = (data?.items ?? [])
    .flatMap(({ credentialId, dueAt }) => (credentialId === id && dueAt ? [dueAt] : []))
    .toSorted()
  if (first === undefined) return null
  return (
    <>
      <dt className="text-muted-foreground">{t.nextDue}</dt>
      <dd>
        <RelativeTime at={first} />
      </dd>
    </>
  )
}

/** Names beyond these are only counted. */
const shownNodes = 5

function Users({ ids }: { readonly ids: readonly NodeId[] }) {
  const t = useMessages('credentials')
  if (ids.length === 0) return <span className="text-muted-foreground">{t.unused}</span>
  const rest = ids.length - shownNodes
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1">
      {ids.slice(0, shownNodes).map((id) => (
        <UserLink key={id} id={id} />
      ))}
      {rest > 0 && <span className="text-muted-foreground">{t.andMore(formatNumber(rest))}</span>}
    </span>
  )
}

function UserLink({ id }: { readonly id: NodeId }) {
  const { data } = useQuery(nodeQuery(id))
  return (
    <Link to="/nodes/$id" params={{ id }} className="max-w-64 truncate underline foreign">
      {data?.name ?? id}
    </Link>
  )
}

interface CredentialDialogProps {
  readonly credential: Credential
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

function RemoveCredential({ credential, open, onOpenChange }: CredentialDialogProps) {
  const t = useMessages('credentials')
  const { id, name, nodeIds } = credential
  const queries = useQueryClient()
  return (
    <RemoveDialog
      name={name}
      words={t}
      isTyped
      remove={() => api.credentials.remove({ params: { id } })}
      onRemoved={() => onOpenChange(false)}
      onSettled={() => queries.invalidateQueries({ queryKey: credentialsQuery.queryKey })}
      open={open}
      onOpenChange={onOpenChange}
    >
      {nodeIds.length > 0 && (
        <div className="grid gap-1 text-sm">
          <p className="text-muted-foreground">{t.usedBy}</p>
          <Users ids={nodeIds} />
        </div>
      )}
    </RemoveDialog>
  )
}

/** Each node gets a key of its own; one that refuses does not hold up the others. */
function RotateDialog({ credential, open, onOpenChange }: CredentialDialogProps) {
  const t = useMessages('keys')
  const { name, nodeIds, isUploaded } = credential
  const queries = useQueryClient()
  const rotate = useMutation({
    mutationFn: () =>
      Promise.allSettled(
        nodeIds.map((id) => api.keys.rotate({ params: { id }, body: { removesUploaded: isUploaded } })),
      ),
    onSuccess: (results) => {
      const failed = results.filter(({ status }) => status === 'rejected').length
      tellSuccess(
        t.allBegun(formatNumber(results.length - failed)),
        failed > 0 ? { text: t.someFailed(formatNumber(failed)) } : {},
      )
      onOpenChange(false)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={<span className="foreign">{t.allTitle(name)}</span>}
      description={isUploaded ? `${t.allText} ${t.uploadedText}` : t.allText}
      confirmLabel={isUploaded ? t.uploadedConfirm : t.rotate}
      variant={isUploaded ? 'danger' : 'primary'}
      isPending={rotate.isPending}
      onConfirm={() => rotate.mutate()}
    >
      <div className="grid gap-1 text-sm">
        <Users ids={nodeIds} />
      </div>
    </ConfirmDialog>
  )
}
