import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { ActionType } from '../../contract/actions.ts'
import type { Policy } from '../../contract/plans.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatBytes } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { policiesQuery } from './queries.ts'

/** What may be approved in advance; the server refuses all others. */
const kinds = [
  'docker.image.remove',
  'docker.container.remove',
  'docker.buildcache.prune',
  'file.remove',
  'smart.selftest.start',
  'zfs.scrub.start',
  'md.check.start',
] as const satisfies readonly ActionType[]
/** Those that only start something that reads: they free nothing, so no size limits them. */
const withoutSize: ReadonlySet<ActionType> = new Set([
  'smart.selftest.start',
  'zfs.scrub.start',
  'md.check.start',
])

/** What is approved without asking: nothing, unless an administrator sets it up. */
export function Policies() {
  const t = useMessages('plans')
  const policies = useQuery(policiesQuery)
  const mayWrite = useCan('policy.write')
  return (
    <Card aria-label={t.policiesTitle}>
      <CardHeader actions={mayWrite && <Add />}>
        <CardTitle>{t.policiesTitle}</CardTitle>
        <p className="max-w-prose text-sm text-muted-foreground text-pretty">{t.policiesText}</p>
      </CardHeader>
      {policies.isPending && <SkeletonRows rows={2} />}
      {policies.isError && (
        <CardContent>
          <ErrorPanel error={policies.error} onRetry={() => void policies.refetch()} isCompact />
        </CardContent>
      )}
      {policies.data?.items.length === 0 && (
        <CardContent className="text-muted-foreground">{t.policiesNone}</CardContent>
      )}
      <ul className="divide-y divide-border">
        {policies.data?.items.map((policy) => (
          <Item key={policy.id} policy={policy} />
        ))}
      </ul>
    </Card>
  )
}

function Item({ policy }: { readonly policy: Policy }) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const mayWrite = useCan('policy.write')
  const remove = useMutation({
    mutationFn: () => api.policies.remove({ params: { id: policy.id } }),
    onSuccess: () => {
      tellSuccess(t.policyRemoved)
      return queries.invalidateQueries({ queryKey: ['plans'] })
    },
    onError: tellFailure,
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">{t.kinds[policy.type]}</p>
        <p className="text-sm text-muted-foreground foreign">
          {policy.targets.join(', ')} ·{' '}
          {!withoutSize.has(policy.type) && `${t.policyUpTo(formatBytes(policy.maxBytes))} · `}
          {t.by(policy.createdBy)}
        </p>
      </div>
      {mayWrite && (
        <Button size="sm" variant="secondary" isLoading={remove.isPending} onClick={() => remove.mutate()}>
          {t.policyRemove}
        </Button>
      )}
    </li>
  )
}

function Add() {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [type, setType] = useState<(typeof kinds)[number]>('docker.image.remove')
  const [targets, setTargets] = useState('')
  const [megabytes, setMegabytes] = useState('1000')
  const terms = targets
    .split(',')
    .map((term) => term.trim())
    .filter(Boolean)
  const hasSize = !withoutSize.has(type)
  const maxBytes = hasSize ? Math.round(Number(megabytes) * 1_000_000) : 0
  const isReady = terms.length > 0 && megabytes.trim() !== '' && maxBytes >= 0
  const create = useMutation({
    mutationFn: () => api.policies.create({ body: { type, targets: terms, maxBytes } }),
    onSuccess: async () => {
      tellSuccess(t.policyAdded)
      setOpen(false)
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
  })
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        {t.policyAdd}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setOpen}
        variant="approve"
        title={t.policyAddTitle}
        description={t.policyAddText}
        confirmLabel={t.policyAdd}
        isPending={create.isPending}
        error={create.error}
        onConfirm={() => isReady && create.mutate()}
      >
        <Field label={t.policyKind}>
          <Select
            value={type}
            onChange={(event) => {
              const chosen = kinds.find((kind) => kind === event.target.value)
              if (chosen) setType(chosen)
            }}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t.kinds[kind]}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t.policyTargets} hint={t.policyTargetsHint} required>
          <Input value={targets} spellCheck={false} onChange={(event) => setTargets(event.target.value)} />
        </Field>
        {hasSize && (
          <Field label={t.policySize} required>
            <Input
              inputMode="numeric"
              value={megabytes}
              onChange={(event) => setMegabytes(event.target.value)}
            />
          </Field>
        )}
      </ConfirmDialog>
    </>
  )
}
