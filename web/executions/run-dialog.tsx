import { useQuery } from '@tanstack/react-query'
import { ChevronRight, FlaskConical, Play } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { AgentId } from '../../contract/ids.ts'
import { checkOptions, isChanged } from '../agents/option-rules.ts'
import { OptionsForm } from '../agents/options-form.tsx'
import { agentsQuery } from '../agents/queries.ts'
import { estimateQuery } from '../costs/queries.ts'
import { ApiError } from '../lib/api.ts'
import { formatDuration, formatMoney } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import type { RunRequest } from '../lib/run-request.ts'
import { Button } from '../ui/button.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { useStart } from './list-queries.ts'
import { ResolvedNodes } from './resolved-nodes.tsx'
import { useWhyNotRun } from './run-button.tsx'
import { termsOf, toSelection } from './selection.ts'
import { TargetField } from './target-field.tsx'
import { useResolved } from './use-resolved.ts'

interface RunDialogProps extends RunRequest {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

/** Asks for whatever is not known yet about a run (agent, nodes, options), shows what it means, and starts it. */
export function RunDialog({ open, onOpenChange, ...request }: RunDialogProps) {
  // What was typed before goes with the closing.
  if (!open) return null
  return <OpenRunDialog {...request} onClose={() => onOpenChange(false)} />
}

function OpenRunDialog({ onClose, ...request }: RunRequest & { readonly onClose: () => void }) {
  const t = useMessages('runDialog')
  const words = useMessages('executions')
  const formId = useId()
  const agents = useQuery(agentsQuery)
  const why = useWhyNotRun()
  const start = useStart({ onStarted: onClose })

  const [chosen, setChosen] = useState<AgentId | undefined>(request.agentId)
  const [selection, setSelection] = useState(toSelection(request.targets))
  const [options, setOptions] = useState<Readonly<Record<string, unknown>>>(request.options ?? {})
  const [dryRun, setDryRun] = useState(request.dryRun ?? false)
  const [timeLimit, setTimeLimit] = useState(request.timeoutS ? String(request.timeoutS) : '')
  const [isChecked, setChecked] = useState(false)

  const items = agents.data?.items ?? []
  // Where there is one agent only, nobody has to choose.
  const only = items.length === 1 ? items[0]?.manifest.id : undefined
  const agentId = chosen ?? only
  const manifest = items.find((one) => one.manifest.id === agentId)?.manifest
  const terms = termsOf(selection)
  const resolved = useResolved(agentId, terms)
  const count = resolved.eligible.length

  const issues = start.error instanceof ApiError ? start.error.issues : []
  const timeWrong = manifest && wrongTime(timeLimit, manifest.timeoutS.max)
  const optionsWrong = manifest ? checkOptions(manifest.options, options).length > 0 : false
  const isDry = dryRun && (manifest?.actions.length ?? 0) > 0
  const problem = fieldOf(start.error)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (!manifest || terms.length === 0 || timeWrong || optionsWrong || why !== null || start.isPending)
      return
    start.mutate({
      agentId: manifest.id,
      targets: terms,
      options,
      dryRun: isDry,
      timeoutS: timeLimit.trim() === '' ? null : Number(timeLimit),
    })
  }

  const startLabel = count === 0 ? t.startNone : isDry ? t.startDry(count) : t.start(count)
  const startButton = (
    <Button type="submit" form={formId} isLoading={start.isPending} aria-disabled={why !== null || undefined}>
      {isDry ? <FlaskConical aria-hidden /> : <Play aria-hidden />}
      {startLabel}
    </Button>
  )

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={manifest && request.agentId ? words.runTitle(manifest.title) : words.runAnAgent}
      {...(manifest ? { description: manifest.description } : {})}
      footer={
        <>
          <RunCost agentId={agentId} nodes={count} />
          <DialogClose>
            <Button variant="secondary">{words.list.cancel}</Button>
          </DialogClose>
          {why === null ? startButton : <Tooltip content={why}>{startButton}</Tooltip>}
        </>
      }
    >
      {/* Room for the suggestions below a field, so that they are not cut where little else stands. */}
      <form id={formId} noValidate onSubmit={submit} className="space-y-5 md:min-h-80">
        {agents.isError && <ErrorPanel error={agents.error} onRetry={() => void agents.refetch()} />}
        {agents.isPending && <Skeleton className="h-9 w-full" />}
        {!request.agentId && items.length > 1 && (
          <Field label={t.agent} required error={isChecked && !agentId ? t.chooseAgent : undefined}>
            <Select
              value={agentId ?? ''}
              onChange={(event) => {
                setChosen(event.target.value || undefined)
                setOptions({})
                start.reset()
              }}
            >
              <option value="">{t.chooseAgent}</option>
              {items.map((one) => (
                <option key={one.manifest.id} value={one.manifest.id}>
                  {one.manifest.title}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {agents.isSuccess && items.length === 0 && <p>{t.noAgents}</p>}

        <div className="space-y-2">
          <Field
            label={t.nodes}
            required
            hint={words.targets.hint}
            error={
              problem === 'targets' && start.error instanceof ApiError
                ? start.error.problem.detail
                : isChecked && terms.length === 0
                  ? words.targets.none
                  : undefined
            }
            fix={
              problem === 'targets' && start.error instanceof ApiError ? start.error.problem.fix : undefined
            }
          >
            <TargetField
              value={selection}
              onChange={(value) => {
                setSelection(value)
                if (problem === 'targets') start.reset()
              }}
            />
          </Field>
          {agentId && terms.length > 0 && <ResolvedNodes resolved={resolved} isEmpty={false} />}
        </div>

        {manifest && (
          <>
            {manifest.actions.length > 0 ? (
              <Switch
                label={t.dryRunLabel}
                hint={t.dryRunHint}
                checked={dryRun}
                onChange={(event) => setDryRun(event.target.checked)}
              />
            ) : (
              <p className="text-sm text-muted-foreground">{t.readsOnly}</p>
            )}
            <Details
              manifest={manifest}
              options={options}
              isOpen={optionsWrong || Boolean(timeWrong) || issues.length > 0 || Boolean(request.options)}
            >
              <OptionsForm
                schema={manifest.options}
                value={options}
                onChange={setOptions}
                issues={issues}
                isChecked={isChecked}
              />
              <Field
                label={t.timeLimit}
                hint={t.timeLimitHint(
                  formatDuration(manifest.timeoutS.default * 1_000),
                  formatDuration(manifest.timeoutS.max * 1_000),
                )}
                error={
                  timeWrong
                    ? t.timeLimitWrong(String(manifest.timeoutS.max))
                    : issues.find(({ path }) => path === 'timeoutS')?.message
                }
              >
                <Input
                  inputMode="numeric"
                  placeholder={String(manifest.timeoutS.default)}
                  value={timeLimit}
                  onChange={(event) => setTimeLimit(event.target.value)}
                />
              </Field>
            </Details>
          </>
        )}
        {start.isError && problem === null && <ErrorPanel error={start.error} />}
      </form>
    </Dialog>
  )
}

/** What the model will cost in this run. Whoever may not see costs is told nothing. */
function RunCost({ agentId, nodes }: { readonly agentId: AgentId | undefined; readonly nodes: number }) {
  const t = useMessages('runDialog')
  const estimate = useQuery({ ...estimateQuery(agentId ?? ''), enabled: agentId !== undefined }).data
  const many = Math.max(1, nodes)
  const text =
    estimate === undefined
      ? ''
      : !estimate.isAiOn
        ? t.costFree
        : estimate.billing !== 'metered'
          ? t.costPaid
          : t.cost(formatMoney(many * estimate.likelyNanoUsd), formatMoney(many * estimate.mostNanoUsd))
  return (
    <p aria-live="polite" className="me-auto text-sm text-muted-foreground max-md:w-full">
      {text}
    </p>
  )
}

interface DetailsProps {
  readonly manifest: AgentManifest
  readonly options: Readonly<Record<string, unknown>>
  readonly isOpen: boolean
  readonly children: React.ReactNode
}

/** What most runs leave as it is, folded away until it matters. */
function Details({ manifest, options, isOpen, children }: DetailsProps) {
  const t = useMessages('runDialog')
  const changed = Object.entries(manifest.options.properties).filter(([name, schema]) =>
    isChanged(name, schema, options),
  ).length
  return (
    <details open={isOpen || undefined} className="group rounded-md border border-border">
      <summary className="flex list-none min-h-9 items-center gap-2 rounded-md px-3 font-medium select-none hover:bg-muted pointer-coarse:min-h-11">
        <ChevronRight
          aria-hidden
          className="size-4 text-muted-foreground transition-transform group-open:rotate-90"
        />
        {t.options}
        {changed > 0 && (
          <span className="text-sm font-normal text-muted-foreground">{t.optionsChanged(changed)}</span>
        )}
      </summary>
      <div className="space-y-4 border-t border-border p-3">{children}</div>
    </details>
  )
}

function wrongTime(text: string, most: number): boolean {
  if (text.trim() === '') return false
  const seconds = Number(text)
  return !(Number.isInteger(seconds) && seconds >= 1 && seconds <= most)
}

/** The field that a refusal is about; null for one that is about none of them. */
function fieldOf(error: unknown): 'targets' | 'options' | null {
  if (!(error instanceof ApiError)) return null
  if (['node.none_selected', 'node.agent_not_allowed'].includes(error.problem.code)) return 'targets'
  const known = error.issues.some(({ path }) => path.startsWith('options') || path === 'timeoutS')
  return known ? 'options' : null
}
