import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck, CircleMinus, CircleX, FlaskConical, TriangleAlert } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { AiSetup, AiState, AiTest, Depth, KeyedDriver } from '../../contract/ai.ts'
import { useCan } from '../account/use-session.ts'
import { agentsQuery } from '../agents/queries.ts'
import { aiQuery } from '../costs/queries.ts'
import { api } from '../lib/api.ts'
import { formatDateTime, formatMoney, formatNumber, formatPercent } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SecretField } from '../ui/secret-field.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'

const drivers = ['none', 'anthropic', 'openai-compatible', 'claude-code'] as const

/** Who is asked for explanations, by which key, and whether it works. */
export function AiSettings() {
  const state = useQuery(aiQuery)
  if (state.isPending)
    return (
      <Card>
        <SkeletonRows rows={6} />
      </Card>
    )
  if (state.isError) return <ErrorPanel error={state.error} onRetry={() => void state.refetch()} />
  return <AiForm state={state.data} />
}

function AiForm({ state }: { readonly state: AiState }) {
  const t = useMessages('ai')
  const queries = useQueryClient()
  const mayWrite = useCan('ai.write')
  const [draft, setDraft] = useState<AiSetup | null>(null)
  const setup = draft ?? state.setup
  const isDirty = draft !== null && JSON.stringify(draft) !== JSON.stringify(state.setup)
  const save = useMutation({
    // What is chosen for single nodes is changed on their own pages, maybe since this was begun.
    mutationFn: () => {
      const { nodesOff, explain } = state.setup
      const { rawLogNodes } = explain
      return api.ai.setUp({ body: { ...setup, nodesOff, explain: { ...setup.explain, rawLogNodes } } })
    },
    onSuccess: (saved) => {
      queries.setQueryData(aiQuery.queryKey, saved)
      setDraft(null)
      tellSuccess(t.saved)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isDirty && !save.isPending) save.mutate()
  }
  const change = (part: Partial<AiSetup>) => setDraft({ ...setup, ...part })
  const { driver } = state.setup
  return (
    <div className="grid gap-4">
      <p className="text-muted-foreground text-pretty">{mayWrite ? t.text : `${t.text} ${t.readOnly}`}</p>
      {state.isStandIn && driver !== 'anthropic' && (
        <p
          role="note"
          className="flex gap-2 rounded-lg border border-status-wait px-4 py-3 text-sm text-status-wait"
        >
          <FlaskConical aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t.standIn}
        </p>
      )}
      {state.pause && (
        <Card role="status" className="flex gap-2 p-4 text-sm">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-status-wait" />
          <span>
            <span className="block font-medium">{t.paused(formatDateTime(state.pause.until))}</span>
            <span className="text-muted-foreground foreign">{state.pause.why}</span>
          </span>
        </Card>
      )}
      <form noValidate onSubmit={submit}>
        <fieldset disabled={!mayWrite} className="grid gap-4">
          <Card>
            <CardContent className="grid gap-5 pt-4">
              <RadioCards
                label={t.driver}
                name="driver"
                columns={2}
                value={setup.driver}
                disabled={!mayWrite}
                options={drivers.map((value) => ({
                  value,
                  title: t.drivers[value][0],
                  text: t.drivers[value][1],
                }))}
                onChange={({ target }) =>
                  change({ driver: drivers.find((one) => one === target.value) ?? 'none' })
                }
              />
              <DriverFields state={state} setup={setup} onChange={change} />
            </CardContent>
          </Card>
          {setup.driver !== 'none' && <Explanations setup={setup} onChange={change} />}
          {setup.driver !== 'none' && <TakenOut setup={setup} onChange={change} />}
          {save.isError && <ErrorPanel error={save.error} isCompact />}
          {mayWrite && isDirty && (
            <div className="flex justify-end gap-2">
              <Button variant="ghost" onClick={() => setDraft(null)}>
                {t.discard}
              </Button>
              <Button type="submit" variant="primary" isLoading={save.isPending}>
                {t.save}
              </Button>
            </div>
          )}
        </fieldset>
      </form>
      {mayWrite && (driver === 'anthropic' || driver === 'openai-compatible') && !state.isStandIn && (
        <KeyCard key={driver} driver={driver} state={state} />
      )}
      {mayWrite && driver !== 'none' && <TestCard isDirty={isDirty} />}
    </div>
  )
}

interface PartProps {
  readonly setup: AiSetup
  readonly onChange: (part: Partial<AiSetup>) => void
}

/** What the chosen one needs to know. */
function DriverFields({ state, setup, onChange }: PartProps & { readonly state: AiState }) {
  const t = useMessages('ai')
  const { driver, anthropic, local, claudeCode } = setup
  switch (driver) {
    case 'none':
      return null
    case 'anthropic': {
      const set = (part: Partial<typeof anthropic>) => onChange({ anthropic: { ...anthropic, ...part } })
      return (
        <div className="grid gap-5 md:grid-cols-2">
          <TextField label={t.cheap} value={anthropic.cheap} onChange={(cheap) => set({ cheap })} />
          <TextField
            label={t.deep}
            hint={t.deepHint}
            value={anthropic.deep}
            onChange={(deep) => set({ deep })}
          />
          <TextField
            label={t.address}
            hint={t.addressHint}
            value={anthropic.baseUrl}
            onChange={(baseUrl) => set({ baseUrl })}
          />
        </div>
      )
    }
    case 'openai-compatible': {
      const set = (part: Partial<typeof local>) => onChange({ local: { ...local, ...part } })
      return (
        <div className="grid gap-5 md:grid-cols-2">
          <TextField
            label={t.address}
            hint={t.addressHint}
            value={local.baseUrl}
            onChange={(baseUrl) => set({ baseUrl })}
          />
          <TextField
            label={t.context}
            hint={t.contextHint}
            value={String(local.contextTokens)}
            onChange={(text) => set({ contextTokens: Number(text.replace(/\D/g, '')) })}
          />
          <TextField label={t.cheap} value={local.cheap} onChange={(cheap) => set({ cheap })} />
          <TextField
            label={t.deep}
            hint={t.sameAsCheap}
            value={local.deep}
            onChange={(deep) => set({ deep })}
          />
          <Checkbox
            label={t.isFree}
            checked={local.isFree}
            onChange={({ target }) => set({ isFree: target.checked })}
          />
        </div>
      )
    }
    case 'claude-code': {
      const set = (part: Partial<typeof claudeCode>) => onChange({ claudeCode: { ...claudeCode, ...part } })
      return (
        <div className="grid gap-5 md:grid-cols-2">
          <div className="grid gap-3 rounded-lg border border-status-wait p-4 text-sm md:col-span-2">
            <p className="text-pretty">{t.notice}</p>
            <Checkbox
              label={t.hasReadNotice}
              checked={claudeCode.hasReadNotice}
              onChange={({ target }) => set({ hasReadNotice: target.checked })}
            />
          </div>
          <TextField label={t.cheap} value={claudeCode.cheap} onChange={(cheap) => set({ cheap })} />
          <TextField
            label={t.deep}
            hint={t.deepHint}
            value={claudeCode.deep}
            onChange={(deep) => set({ deep })}
          />
          <TextField
            label={t.callsPerDay}
            hint={t.callsToday(state.claudeCodeCallsToday)}
            value={String(claudeCode.callsPerDay)}
            onChange={(text) => set({ callsPerDay: Number(text.replace(/\D/g, '')) })}
          />
        </div>
      )
    }
  }
}

interface TextFieldProps {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onChange: (value: string) => void
}

const TextField = ({ label, hint, value, onChange }: TextFieldProps) => (
  <Field label={label} hint={hint}>
    <Input mono spellCheck={false} value={value} onChange={({ target }) => onChange(target.value)} />
  </Field>
)

const languages = ['en', 'de'] as const

/** How explanations are written, gathered and used again. */
function Explanations({ setup: { driver, explain }, onChange }: PartProps) {
  const t = useMessages('ai')
  const set = (part: Partial<typeof explain>) => onChange({ explain: { ...explain, ...part } })
  const digits = (text: string, most: number) => Math.min(Number(text.replace(/\D/g, '')), most)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.explanations}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-5 pt-2 md:grid-cols-2">
        <Field label={t.language}>
          <Select
            value={explain.language}
            onChange={({ target }) =>
              set({ language: languages.find((one) => one === target.value) ?? 'en' })
            }
          >
            {languages.map((value) => (
              <option key={value} value={value}>
                {t.languages[value]}
              </option>
            ))}
          </Select>
        </Field>
        <TextField
          label={t.window}
          hint={t.windowHint}
          value={String(explain.windowS)}
          onChange={(text) => set({ windowS: digits(text, 600) })}
        />
        {driver === 'anthropic' && (
          <Field label={t.wait} hint={t.waitHint}>
            <Select
              value={String(explain.waitH)}
              onChange={({ target }) => set({ waitH: Number(target.value) })}
            >
              {[...new Set([0, 4, 12, 24, explain.waitH])].map((value) => (
                <option key={value} value={value}>
                  {value === 0 ? t.waitNot : t.waitUpTo(formatNumber(value))}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Field label={t.similarity} hint={t.similarityHint}>
          <Select
            value={String(explain.similarity)}
            onChange={({ target }) => set({ similarity: Number(target.value) })}
          >
            {similarities(explain.similarity).map((value) => (
              <option key={value} value={value}>
                {value === 1 ? t.onlyEqual : formatPercent(value * 100)}
              </option>
            ))}
          </Select>
        </Field>
      </CardContent>
    </Card>
  )
}

/** Those to choose from, and the one that was set elsewhere. */
const similarities = (now: number): number[] =>
  [...new Set([0.9, 0.95, 0.98, 1, now])].toSorted((a, b) => a - b)

/** Agents that never go to a model. Nodes are taken out on their own page. */
function TakenOut({ setup, onChange }: PartProps) {
  const t = useMessages('ai')
  const agents = useQuery(agentsQuery)
  const { agentsOff } = setup
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.takenOut}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.takenOutText}</p>
      </CardHeader>
      <CardContent className="grid gap-3 pt-2 sm:grid-cols-2">
        {agents.data?.items.map(({ manifest: { id, title } }) => (
          <Checkbox
            key={id}
            label={title}
            checked={agentsOff.includes(id)}
            onChange={({ target }) =>
              onChange({
                agentsOff: target.checked ? [...agentsOff, id] : agentsOff.filter((one) => one !== id),
              })
            }
          />
        ))}
      </CardContent>
    </Card>
  )
}

function KeyCard({ driver, state }: { readonly driver: KeyedDriver; readonly state: AiState }) {
  const t = useMessages('ai')
  const queries = useQueryClient()
  const [key, setKey] = useState('')
  const stored = state.keys[driver]
  const take = (saved: AiState) => queries.setQueryData(aiQuery.queryKey, saved)
  const put = useMutation({
    mutationFn: () => api.ai.putKey({ params: { driver }, body: { key } }),
    onSuccess: (saved) => {
      take(saved)
      setKey('')
      tellSuccess(t.keySaved)
    },
  })
  const remove = useMutation({
    mutationFn: () => api.ai.removeKey({ params: { driver } }),
    onSuccess: (saved) => {
      take(saved)
      tellSuccess(t.keyRemoved)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '' && !put.isPending) put.mutate()
  }
  return (
    <Card>
      <CardContent className="pt-4">
        <form noValidate className="grid gap-3" onSubmit={submit}>
          <SecretField
            label={t.key}
            hint={driver === 'anthropic' ? t.keyHint : t.keyOptional}
            isStored={stored !== null}
            autoComplete="off"
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
          <div className="flex flex-wrap items-center gap-2">
            {stored && (
              <span className="text-sm text-muted-foreground">
                <RelativeTime at={stored.setAt} /> · <span className="foreign">{stored.baseUrl}</span>
              </span>
            )}
            <span className="ms-auto flex gap-2">
              {stored && (
                <Button variant="ghost" isLoading={remove.isPending} onClick={() => remove.mutate()}>
                  {t.removeKey}
                </Button>
              )}
              <Button type="submit" variant="primary" disabled={key.trim() === ''} isLoading={put.isPending}>
                {stored ? t.replaceKey : t.saveKey}
              </Button>
            </span>
          </div>
          {put.isError && <ErrorPanel error={put.error} isCompact />}
          {remove.isError && <ErrorPanel error={remove.error} isCompact />}
        </form>
      </CardContent>
    </Card>
  )
}

function TestCard({ isDirty }: { readonly isDirty: boolean }) {
  const t = useMessages('ai')
  const queries = useQueryClient()
  const test = useMutation({
    mutationFn: (depth: Depth) => api.ai.test({ body: { depth } }),
    onSettled: () => queries.invalidateQueries({ queryKey: aiQuery.queryKey }),
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.test}</CardTitle>
        <p className="text-sm text-muted-foreground">{isDirty ? t.unsaved : t.testText}</p>
      </CardHeader>
      <CardContent className="grid gap-4 pt-2">
        <div className="flex flex-wrap gap-2">
          <Button disabled={isDirty} isLoading={test.isPending} onClick={() => test.mutate('cheap')}>
            {t.test}
          </Button>
          <Button variant="ghost" disabled={isDirty || test.isPending} onClick={() => test.mutate('deep')}>
            {t.testDeep}
          </Button>
        </div>
        {test.isError && <ErrorPanel error={test.error} isCompact />}
        {test.data && <TestResult result={test.data} />}
      </CardContent>
    </Card>
  )
}

const icons = { ok: CircleCheck, failed: CircleX, skipped: CircleMinus }
const looks = { ok: 'text-status-ok', failed: 'text-status-fail', skipped: 'text-muted-foreground' }

function TestResult({ result: { model, readiness, call } }: { readonly result: AiTest }) {
  const t = useMessages('ai')
  return (
    <div role="status" className="grid gap-3">
      <p className="font-medium foreign">{readiness.isReady ? t.ready(model) : t.notReady(model)}</p>
      <ol className="grid gap-2 text-sm">
        {readiness.steps.map(({ step, state, detail, fix }) => {
          const Icon = icons[state]
          return (
            <li key={step} className="flex gap-2">
              <Icon aria-label={t.states[state]} className={`mt-0.5 size-4 shrink-0 ${looks[state]}`} />
              <span className="min-w-0">
                <span className="font-medium">{t.steps[step]}</span>{' '}
                <span className="text-muted-foreground foreign">{detail}</span>
                {fix && <span className="block foreign">{fix}</span>}
              </span>
            </li>
          )
        })}
      </ol>
      {call && (
        <p className="text-sm">
          {call.costNanoUsd === 0 ? t.free : t.price(formatMoney(call.costNanoUsd))}{' '}
          <span className="text-muted-foreground">
            {t.tokens(
              formatNumber(call.inputTokens),
              formatNumber(call.outputTokens),
              formatNumber(Math.round(call.durationMs / 100) / 10),
            )}
          </span>
          {call.costNanoUsd > 0 && !call.isPriceKnown && <span className="block">{t.unknownPrice}</span>}
        </p>
      )}
    </div>
  )
}
