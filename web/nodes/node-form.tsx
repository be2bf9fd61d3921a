import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronRight, TriangleAlert } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Controller, useForm, useWatch } from 'react-hook-form'
import type { Credential } from '../../contract/credentials.ts'
import type { Node } from '../../contract/nodes.ts'
import { api, ApiError } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Checkbox, Switch } from '../ui/checkbox.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { Select } from '../ui/select.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { TagInput } from '../ui/tag-input.tsx'
import { AgentChoice } from './agent-choice.tsx'
import { CredentialFields } from './credential-fields.tsx'
import {
  changesOf,
  emptyCredential,
  type FieldName,
  fieldsOf,
  type LoginKind,
  type NodeFormValues,
  resolveNodeForm,
  toFormValues,
  type WantedNode,
} from './node-form-values.ts'
import { credentialsQuery, nodesQuery } from './queries.ts'

interface NodeFormProps {
  /** The node to change; without one, a new one is added. */
  readonly node?: Node
  /** What a new node begins with, e.g. the credential that was pasted on it. */
  readonly initial?: Partial<Pick<Node, 'username' | 'credentialId' | 'elevation' | 'allowedAgents'>>
  readonly onSaved: (node: Node) => void
  readonly onCancel?: () => void
}

/** Adds or changes a node. Whatever the server refuses is said at its field, and nothing typed is lost. */
export function NodeForm(props: NodeFormProps) {
  const credentials = useQuery(credentialsQuery)
  if (credentials.isError) {
    return <ErrorPanel error={credentials.error} onRetry={() => void credentials.refetch()} />
  }
  if (credentials.isPending) return <NodeFormSkeleton />
  return <LoadedForm {...props} credentials={credentials.data.items} />
}

function NodeFormSkeleton() {
  return (
    <Loading className="grid gap-4">
      {[56, 44].map((height) => (
        <Card key={height} className="grid gap-4 p-4">
          <Skeleton className="h-5 w-32" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </Card>
      ))}
    </Loading>
  )
}

function LoadedForm({
  node,
  initial = {},
  credentials,
  onSaved,
  onCancel,
}: NodeFormProps & { readonly credentials: readonly Credential[] }) {
  const t = useMessages('nodes').form
  const queries = useQueryClient()
  // What somebody else changes meanwhile is not what was changed here.
  const [opened, setOpened] = useState(node)
  const form = useForm<NodeFormValues, unknown, WantedNode>({
    resolver: resolveNodeForm,
    defaultValues: withInitial(toFormValues(node ?? null, credentials), initial),
  })
  const { register, control, formState } = form
  const [kind, elevation, isLegacy, host, port, username] = useWatch({
    control,
    name: [
      'login.kind',
      'node.elevation',
      'node.legacyAlgorithms',
      'node.host',
      'node.port',
      'node.username',
    ],
  })

  const save = useMutation({
    mutationFn: async ({ node: settings, login }: WantedNode): Promise<Node> => {
      const credentialId = await credentialOf(login)
      const wanted = { ...settings, credentialId }
      if (!opened) return api.nodes.create({ body: wanted })
      return api.nodes.change({ params: { id: opened.id }, body: changesOf(opened, wanted) })
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: ['nodes'] })
      void queries.invalidateQueries({ queryKey: credentialsQuery.queryKey })
      form.reset(toFormValues(saved, []))
      if (opened) setOpened(saved)
      onSaved(saved)
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return
      const { code, title } = error.problem
      for (const [place, { name, message }] of fieldsOf(code, title, error.issues).entries()) {
        form.setError(name, { type: 'server', message }, { shouldFocus: place === 0 })
      }
    },
  })

  async function credentialOf(login: WantedNode['login']) {
    if (login.kind === 'later') return null
    if (login.kind === 'existing') return login.credentialId
    const made = await api.credentials.create({ body: login })
    queries.setQueryData(credentialsQuery.queryKey, {
      items: [...credentials.filter(({ id }) => id !== made.id), made],
    })
    // Should the node be refused now, the next attempt takes the credential that is there already.
    form.setValue('login', { ...emptyCredential, kind: 'existing', credentialId: made.id })
    return made.id
  }

  function wrong(name: FieldName): { error?: string; fix?: string } {
    const { error } = form.getFieldState(name, formState)
    if (!error) return {}
    if (error.type !== 'server') return { error: t.wrong[name] ?? error.message ?? t.failed }
    const fix = save.error instanceof ApiError ? save.error.problem.fix : undefined
    return { error: error.message ?? t.failed, ...(fix && { fix }) }
  }

  const isToldAtField =
    save.error instanceof ApiError &&
    fieldsOf(save.error.problem.code, save.error.problem.title, save.error.issues).length > 0
  const isOtherMachine = node && node.hostKeys.length > 0 && (host !== node.host || port !== node.port)

  return (
    <form
      noValidate
      className="grid max-w-3xl gap-4"
      onSubmit={(event) => void form.handleSubmit((wanted) => save.mutate(wanted))(event)}
    >
      <Section title={t.machine}>
        <Field label={t.name} hint={t.nameHint} required {...wrong('node.name')}>
          <Input {...register('node.name')} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
          <Field label={t.host} hint={t.hostHint} required {...wrong('node.host')}>
            <Input mono inputMode="url" autoCapitalize="none" spellCheck={false} {...register('node.host')} />
          </Field>
          <Field label={t.port} required {...wrong('node.port')}>
            <Input
              mono
              type="number"
              inputMode="numeric"
              min={1}
              max={65_535}
              {...register('node.port', { valueAsNumber: true })}
            />
          </Field>
        </div>
        {isOtherMachine && <Remark>{t.otherMachine}</Remark>}
        <Field label={t.username} hint={t.usernameHint} required {...wrong('node.username')}>
          <Input mono autoCapitalize="none" spellCheck={false} {...register('node.username')} />
        </Field>
        <Controller
          control={control}
          name="node.tags"
          render={({ field }) => (
            <Field label={t.tags} hint={t.tagsHint} {...wrong('node.tags')}>
              <TagInput value={field.value} onChange={field.onChange} onBlur={field.onBlur} />
            </Field>
          )}
        />
      </Section>

      <Section title={t.login}>
        <RadioCards
          label={<span className="sr-only">{t.login}</span>}
          options={loginKinds.map((value) => ({
            value,
            title: t.logins[value][0],
            text: t.logins[value][1],
            disabled: value === 'existing' && credentials.length === 0,
          }))}
          columns={2}
          {...register('login.kind')}
        />
        {kind === 'existing' && (
          <Field label={t.credential} required {...wrong('login.credentialId')}>
            <Select {...register('login.credentialId')}>
              <option value="">{t.chooseCredential}</option>
              {credentials.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {kind !== 'existing' && kind !== 'later' && (
          <CredentialFields
            kind={kind}
            needsName={false}
            field={(name) => register(`login.${name}`)}
            wrong={(name) => wrong(`login.${name}`)}
            onKeyRead={(text) => {
              form.setValue('login.privateKey', text, { shouldDirty: true })
              form.clearErrors('login.privateKey')
            }}
          />
        )}
      </Section>

      <Section title={t.rights}>
        <RadioCards
          label={<span className="sr-only">{t.rights}</span>}
          options={elevations.map((value) => ({
            value,
            title: t.elevations[value][0],
            text: t.elevations[value][1],
          }))}
          columns={3}
          {...register('node.elevation')}
        />
        {kind === 'existing' && elevation !== 'none' && username !== 'root' && (
          <p className="text-sm text-muted-foreground">
            {t.sudoPassword}: {t.sudoPasswordKept}
          </p>
        )}
      </Section>

      <More hasWrong={moreFields.some((name) => form.getFieldState(name, formState).invalid)}>
        <JumpField node={node}>
          {(options) => (
            <Field label={t.jump} hint={t.jumpHint} {...wrong('node.jumpNodeId')}>
              <Select {...register('node.jumpNodeId')}>
                <option value="">{t.noJump}</option>
                {options}
              </Select>
            </Field>
          )}
        </JumpField>
        <RadioCards
          label={t.transport}
          options={(['builtin', 'openssh'] as const).map((value) => ({
            value,
            title: t.transports[value][0],
            text: t.transports[value][1],
          }))}
          columns={2}
          {...register('node.transport')}
        />
        <Controller
          control={control}
          name="node.allowedAgents"
          render={({ field }) => <AgentChoice value={field.value} onChange={field.onChange} />}
        />
        <Field label={t.connections} hint={t.connectionsHint} {...wrong('node.connectionsPerHour')}>
          <Input mono inputMode="numeric" className="sm:max-w-40" {...register('node.connectionsPerHour')} />
        </Field>
        <div className="grid gap-3">
          <Checkbox label={t.legacy} hint={t.legacyHint} {...register('node.legacyAlgorithms')} />
          {isLegacy && <Remark>{t.legacyWarning}</Remark>}
        </div>
        <Switch label={t.paused} hint={t.pausedHint} {...register('node.paused')} />
      </More>

      {save.isError && !isToldAtField && <ErrorPanel title={t.failed} error={save.error} isCompact />}
      <div className="flex flex-wrap items-center justify-end gap-2 max-sm:*:flex-1">
        {node && formState.isDirty && (
          <span role="status" className="me-auto text-sm text-muted-foreground max-sm:basis-full">
            {t.unsaved}
          </span>
        )}
        {onCancel && (
          <Button variant="ghost" onClick={onCancel}>
            {t.cancel}
          </Button>
        )}
        <Button type="submit" variant="primary" isLoading={save.isPending}>
          {node ? t.save : t.saveNew}
        </Button>
      </div>
    </form>
  )
}

const loginKinds: readonly LoginKind[] = ['existing', 'generate', 'key', 'password', 'later']
const elevations = ['none', 'commands', 'root'] as const
const moreFields = ['node.jumpNodeId', 'node.connectionsPerHour', 'node.allowedAgents'] as const

function withInitial(values: NodeFormValues, initial: NonNullable<NodeFormProps['initial']>): NodeFormValues {
  const { username, elevation, credentialId, allowedAgents } = initial
  return {
    node: {
      ...values.node,
      ...(username && { username }),
      ...(elevation && { elevation }),
      ...(allowedAgents !== undefined && { allowedAgents: allowedAgents && [...allowedAgents] }),
    },
    login: credentialId ? { ...values.login, kind: 'existing', credentialId } : values.login,
  }
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4">{children}</CardContent>
    </Card>
  )
}

/** Settings that most nodes do without. Opens by itself when something inside is wrong. */
function More({ hasWrong, children }: { readonly hasWrong: boolean; readonly children: ReactNode }) {
  const t = useMessages('nodes').form
  const [isOpen, setOpen] = useState(false)
  return (
    <details
      open={isOpen || hasWrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group rounded-lg border border-border bg-card"
    >
      <summary className="flex min-h-12 list-none flex-wrap items-center gap-x-2 rounded-lg px-4 py-2">
        <ChevronRight
          aria-hidden
          className="size-4 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <span className="font-semibold">{t.more}</span>
        <span className="min-w-0 text-sm text-muted-foreground max-sm:basis-full max-sm:ps-6">
          {t.moreHint}
        </span>
      </summary>
      <div className="grid gap-5 px-4 pt-1 pb-4">{children}</div>
    </details>
  )
}

function Remark({ children }: { readonly children: ReactNode }) {
  return (
    <p
      role="status"
      className="flex gap-2 rounded-md border border-status-wait/35 bg-status-wait/8 p-3 text-sm"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-status-wait" />
      <span>{children}</span>
    </p>
  )
}

/** More than this many nodes nobody picks from a list. */
const mostJumpHosts = 200

/** The nodes that may lead to this one; never the node itself. */
function JumpField({
  node,
  children,
}: {
  readonly node: Node | undefined
  readonly children: (options: ReactNode) => ReactNode
}) {
  const { data } = useQuery(nodesQuery({ limit: mostJumpHosts }))
  const candidates = data?.items.filter(({ id }) => id !== node?.id) ?? []
  const isKnown = !node?.jumpNodeId || candidates.some(({ id }) => id === node.jumpNodeId)
  return children(
    <>
      {!isKnown && node?.jumpNodeId && <option value={node.jumpNodeId}>{node.jumpNodeId}</option>}
      {candidates.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </>,
  )
}
