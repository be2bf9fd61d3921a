import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Settings } from '../../contract/settings.ts'
import { useCan } from '../account/use-session.ts'
import { ApiError, api } from '../lib/api.ts'
import { formatNumber } from '../lib/format.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input, Textarea } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import {
  boundsOf,
  type ChoiceName,
  choicesOf,
  defaults,
  type Drafts,
  isChoice,
  isNumber,
  readDrafts,
  type SettingName,
  type SettingProblem,
  toDraft,
  toDrafts,
} from './general-rules.ts'
import { settingsQuery } from './queries.ts'

const groups = {
  nodes: ['allowedNetworks', 'connectionsPerHour'],
  keys: ['sshKeyRotationDays', 'sshKeyRotation'],
  executions: ['maxExecutions', 'maxExecutionsPerNode', 'secondApproval', 'trashMaxGib', 'registryLookups'],
  keeping: ['retentionDays', 'logsMaxMib', 'auditRetentionDays', 'commandRetentionDays'],
  sessions: ['secondFactorRequired', 'sessionIdleHours', 'sessionMaxHours'],
} as const satisfies Record<string, readonly SettingName[]>
const groupNames = Object.keys(groups) as (keyof typeof groups)[]

/** What an administrator can set while the server runs. */
export function GeneralSettings() {
  const settings = useQuery(settingsQuery)
  if (settings.isPending) return <GeneralSkeleton />
  if (settings.isError) return <ErrorPanel error={settings.error} onRetry={() => void settings.refetch()} />
  return <GeneralForm current={settings.data} />
}

function GeneralForm({ current }: { readonly current: Settings }) {
  const t = useMessages('settings')
  const queries = useQueryClient()
  const mayChange = useCan('settings.write')
  /** Only the fields somebody touched: the others follow what others save meanwhile. */
  const [touched, setTouched] = useState<Partial<Drafts>>({})
  const drafts: Drafts = { ...toDrafts(current), ...touched }
  const { changes, problems, changed } = readDrafts(drafts, current)
  const isDirty = changed.length > 0
  const save = useMutation({
    mutationFn: () => api.settings.change({ body: changes }),
    onSuccess: (saved) => {
      queries.setQueryData(settingsQuery.queryKey, saved)
      setTouched({})
      tellSuccess(t.general.saved)
    },
  })
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  const issues = save.error instanceof ApiError ? save.error.issues : []
  const errorOf = (name: SettingName): string | undefined => {
    const problem = problems[name]
    if (problem) return toWords(problem, t)
    return issues.find(({ path }) => path === name || path.startsWith(`${name}.`))?.message
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [wrong] = Object.keys(problems)
    if (wrong)
      document
        .querySelector<HTMLElement>(`[data-setting="${wrong}"] input, [data-setting="${wrong}"] textarea`)
        ?.focus()
    else if (isDirty && !save.isPending) save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      {!mayChange && <p className="text-muted-foreground">{t.readOnly}</p>}
      {groupNames.map((group) => (
        <Card key={group}>
          <CardHeader>
            <CardTitle>{t.general.groups[group].title}</CardTitle>
            <p className="text-sm text-muted-foreground">{t.general.groups[group].text}</p>
          </CardHeader>
          <CardContent className="grid grid-cols-1 gap-x-8 gap-y-5 pt-2 md:grid-cols-2">
            {groups[group].map((name) => (
              <Setting
                key={name}
                name={name}
                draft={drafts[name]}
                error={errorOf(name)}
                isChanged={changed.includes(name)}
                isReadOnly={!mayChange}
                onChange={(draft) => setTouched((before) => ({ ...before, [name]: draft }))}
              />
            ))}
          </CardContent>
        </Card>
      ))}
      {save.isError && issues.length === 0 && <ErrorPanel error={save.error} />}
      {isDirty && (
        <div className="sticky bottom-20 z-10 flex animate-rise flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-border bg-card px-4 py-3 shadow-overlay md:bottom-4">
          <p role="status" className="font-medium">
            {t.general.unsaved(changed.length)}
          </p>
          <div className="ms-auto flex gap-2">
            <Button variant="ghost" onClick={() => setTouched({})}>
              {t.general.discard}
            </Button>
            <Button type="submit" variant="primary" isLoading={save.isPending}>
              {t.general.save}
            </Button>
          </div>
        </div>
      )}
      <ConfirmDialog
        open={blocker.status === 'blocked'}
        onOpenChange={(open) => !open && blocker.reset?.()}
        title={t.general.leaveTitle}
        description={t.general.leaveText}
        confirmLabel={t.general.leave}
        onConfirm={() => blocker.proceed?.()}
      />
    </form>
  )
}

interface SettingProps {
  readonly name: SettingName
  readonly draft: string
  readonly error: string | undefined
  readonly isChanged: boolean
  readonly isReadOnly: boolean
  readonly onChange: (draft: string) => void
}

function Setting({ name, draft, error, isChanged, isReadOnly, onChange }: SettingProps) {
  const { general: t } = useMessages('settings')
  const usual = toDraft(defaults[name])
  const hint = [t.hints[name]]
  if (isNumber(name)) {
    const { least, most } = boundsOf(name)
    hint.push(
      t.range(formatNumber(least, 2), formatNumber(most, 2)),
      `${t.default(formatNumber(defaults[name], 2))}.`,
    )
  }
  if (isChoice(name)) hint.push(`${t.default(wordsOf(name, t)[defaults[name]] ?? '')}.`)
  return (
    <div
      data-setting={name}
      className={
        isNumber(name) || isChoice(name)
          ? 'flex max-w-md min-w-0 items-start gap-1'
          : 'flex max-w-xl min-w-0 items-start gap-1 md:col-span-2'
      }
    >
      <Field
        label={
          <span className="flex flex-wrap items-center gap-2">
            {t.names[name]}
            {isChanged && <Badge tone="wait">{t.changed}</Badge>}
          </span>
        }
        hint={hint.join(' ')}
        error={error}
        className="min-w-0 flex-1"
      >
        {isChoice(name) ? (
          <Choice name={name} draft={draft} isReadOnly={isReadOnly} onChange={onChange} />
        ) : isNumber(name) ? (
          <Input
            inputMode="decimal"
            value={draft}
            readOnly={isReadOnly}
            onChange={({ target }) => onChange(target.value)}
            className="max-w-44 tabular-nums"
          />
        ) : (
          <Textarea
            mono
            rows={6}
            spellCheck={false}
            value={draft}
            readOnly={isReadOnly}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </Field>
      {!isReadOnly && draft !== usual && (
        <IconButton size="sm" icon={Undo2} label={t.reset(t.names[name])} onClick={() => onChange(usual)} />
      )}
    </div>
  )
}

/** What the words of a choice say on the screen. */
const wordsOf = (name: ChoiceName, t: Messages['settings']['general']): Readonly<Record<string, string>> =>
  t.choices[name]

type ChoiceProps = Pick<SettingProps, 'draft' | 'isReadOnly' | 'onChange'> & { readonly name: ChoiceName }

function Choice({ name, draft, isReadOnly, onChange }: ChoiceProps) {
  const words = wordsOf(name, useMessages('settings').general)
  return (
    <Select
      value={draft}
      disabled={isReadOnly}
      onChange={({ target }) => onChange(target.value)}
      className="max-w-64"
    >
      {choicesOf(name).map((choice) => (
        <option key={choice} value={choice}>
          {words[choice]}
        </option>
      ))}
    </Select>
  )
}

function toWords(problem: SettingProblem, { general: { wrong: t } }: Messages['settings']): string {
  switch (problem.kind) {
    case 'number':
      return t.number
    case 'integer':
      return t.integer
    case 'range':
      return t.range(formatNumber(problem.least, 2), formatNumber(problem.most, 2))
    case 'network':
      return t.network(problem.line)
    case 'most':
      return t.most(problem.count)
  }
}

function GeneralSkeleton() {
  return (
    <Loading className="space-y-4">
      {groupNames.map((group) => (
        <Card key={group} className="space-y-4 p-4">
          <Skeleton className="h-5 w-40" />
          <div className="grid gap-8 md:grid-cols-2">
            <Skeleton className="h-16" />
            <Skeleton className="h-16" />
          </div>
        </Card>
      ))}
    </Loading>
  )
}
