import { clsx } from 'clsx'
import { Undo2 } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import type { Issue } from '../../contract/errors.ts'
import { formatNumber } from '../lib/format.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { Field } from '../ui/field.tsx'
import { Input, Textarea } from '../ui/input.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Select } from '../ui/select.tsx'
import {
  checkOptions,
  controlOf,
  defaultOf,
  isChanged,
  type OptionProblem,
  type OptionSchema,
  type OptionsSchema,
  type OptionValues,
  parseLines,
  parseNumber,
  valueOf,
  withOption,
} from './option-rules.ts'

/** So many options need no search. */
const fewOptions = 8

export interface OptionsFormProps {
  /** `options` of a manifest. Whatever it says is shown as text and nothing else. */
  readonly schema: OptionsSchema
  /** Only what differs from the defaults; the rest may be left out. */
  readonly value: OptionValues
  readonly onChange: (value: Record<string, unknown>) => void
  /** What the server refused, by `options.<name>`. */
  readonly issues?: readonly Issue[]
  /** Somebody tried to go on: also tell what is missing. */
  readonly isChecked?: boolean
}

/** One field for each option of an agent, made from its manifest. `checkOptions` tells whether all of them are right. */
export function OptionsForm({ schema, value, onChange, issues = [], isChecked = false }: OptionsFormProps) {
  const t = useMessages('agents')
  const [search, setSearch] = useState('')
  const options = Object.entries(schema.properties)
  const problems = new Map(checkOptions(schema, value).map((problem) => [problem.name, problem]))
  const changed = options.filter(([name, option]) => isChanged(name, option, value))
  if (options.length === 0) return <p className="text-muted-foreground">{t.optionsNone}</p>

  const errorOf = (name: string): string | undefined => {
    const problem = problems.get(name)
    if (problem && (problem.kind !== 'missing' || isChecked)) return toWords(problem, t)
    const issue = issues.find(({ path }) => path === `options.${name}` || path.startsWith(`options.${name}.`))
    return issue?.message
  }
  const shown = options.filter(([name, option]) => {
    // What is wrong stays in sight, whatever is looked for.
    if (errorOf(name)) return true
    const words = `${name} ${option.title ?? ''} ${option.description ?? ''}`.toLocaleLowerCase()
    return words.includes(search.trim().toLocaleLowerCase())
  })
  return (
    <div className="space-y-4">
      {options.length > fewOptions && (
        <SearchInput label={t.options.search} value={search} onChange={setSearch} />
      )}
      {changed.length > 0 && (
        <p className="flex flex-wrap items-center justify-between gap-2 text-sm text-muted-foreground">
          <span role="status">{t.options.changedCount(changed.length)}</span>
          <Button size="sm" variant="ghost" onClick={() => onChange({})}>
            <Undo2 aria-hidden />
            {t.options.resetAll}
          </Button>
        </p>
      )}
      {shown.length === 0 && <p className="text-muted-foreground">{t.options.noneFound}</p>}
      <div className="grid grid-cols-1 gap-x-6 gap-y-5 sm:grid-cols-2">
        {shown.map(([name, option]) => (
          <Option
            key={name}
            name={name}
            schema={option}
            isRequired={schema.required?.includes(name) ?? false}
            values={value}
            error={errorOf(name)}
            onChange={(next) => onChange(withOption(value, name, option, next))}
          />
        ))}
      </div>
    </div>
  )
}

function toWords({ kind, limit, entry }: OptionProblem, { options: t }: Messages['agents']): string {
  const words = t.wrong[kind](limit)
  return entry === null ? words : t.ofEntry(entry, words)
}

interface OptionProps {
  readonly name: string
  readonly schema: OptionSchema
  readonly isRequired: boolean
  readonly values: OptionValues
  readonly error: string | undefined
  readonly onChange: (value: unknown) => void
}

function Option({ name, schema, isRequired, values, error, onChange }: OptionProps) {
  const t = useMessages('agents')
  const control = controlOf(schema)
  const value = valueOf(name, schema, values)
  const title = schema.title ?? name
  const isOther = isChanged(name, schema, values)
  const label = (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <span className="foreign">{title}</span>
      {isOther && <Badge tone="run">{t.options.changed}</Badge>}
    </span>
  )
  const reset = isOther && (
    <IconButton
      size="sm"
      icon={Undo2}
      label={t.options.resetThis(title)}
      onClick={() => onChange(undefined)}
      className="-my-1 shrink-0"
    />
  )
  // Kept on one line, so that nobody reads half of it.
  const range = control.kind === 'number' ? rangeOf(schema, t)?.replaceAll(' ', '\u00A0') : undefined
  const parts = [
    schema.description,
    control.kind === 'list' ? t.options.onePerLine : undefined,
    range && `${range}.`,
    isOther ? `${t.options.default(toText(defaultOf(schema), t))}.` : undefined,
  ]
  const hint = <span className="foreign">{parts.filter(Boolean).join(' ')}</span>

  if (control.kind === 'switch') {
    return (
      <SwitchOption
        label={label}
        hint={hint}
        error={error}
        reset={reset}
        isOn={value === true}
        onChange={onChange}
      />
    )
  }
  if (control.kind === 'choices') {
    return (
      <ChoicesOption
        label={label}
        hint={hint}
        error={error}
        reset={reset}
        choices={control.choices}
        chosen={Array.isArray(value) ? value.map(String) : []}
        onChange={(chosen) => {
          const { enum: allowed = [] } = schema.items as { readonly enum?: unknown[] }
          onChange(allowed.filter((one) => chosen.includes(String(one))))
        }}
      />
    )
  }
  return (
    <div className={clsx('flex min-w-0 items-start gap-1', control.kind === 'list' && 'sm:col-span-2')}>
      <Field label={label} hint={hint} error={error} required={isRequired} className="min-w-0 flex-1">
        {control.kind === 'choice' && (
          <Select
            value={value === undefined ? '' : toPlain(value)}
            onChange={({ target }) => {
              const { enum: allowed } = schema as { readonly enum?: unknown[] }
              onChange(allowed?.find((one) => String(one) === target.value))
            }}
          >
            {value === undefined && <option value="">{t.options.choose}</option>}
            {control.choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </Select>
        )}
        {control.kind === 'number' && (
          <Drafted
            text={toPlain(value)}
            render={(draft) => (
              <Input {...draft} inputMode={schema.type === 'integer' ? 'numeric' : 'decimal'} />
            )}
            onChange={(text) => onChange(parseNumber(text))}
          />
        )}
        {control.kind === 'text' && (
          <Input
            mono
            value={toPlain(value)}
            onChange={({ target }) =>
              onChange(target.value === '' && defaultOf(schema) === undefined ? undefined : target.value)
            }
          />
        )}
        {control.kind === 'list' && (
          <Drafted
            text={Array.isArray(value) ? value.map(toPlain).join('\n') : ''}
            render={(draft) => <Textarea {...draft} mono rows={3} spellCheck={false} />}
            onChange={(text) => onChange(parseLines(text, control.ofNumbers))}
          />
        )}
      </Field>
      {reset}
    </div>
  )
}

interface Draft {
  readonly value: string
  readonly onChange: (event: { readonly target: { readonly value: string } }) => void
  readonly onBlur: () => void
}

interface DraftedProps {
  readonly text: string
  readonly onChange: (text: string) => void
  readonly render: (draft: Draft) => ReactNode
}

/** While somebody types, their own text stays (`0.` on the way to `0.5`); afterwards the value it means. */
function Drafted({ text, onChange, render }: DraftedProps) {
  const [draft, setDraft] = useState<string | null>(null)
  return render({
    value: draft ?? text,
    onChange: ({ target }) => {
      setDraft(target.value)
      onChange(target.value)
    },
    onBlur: () => setDraft(null),
  })
}

interface PartProps {
  readonly label: ReactNode
  readonly hint: ReactNode
  readonly error: string | undefined
  readonly reset: ReactNode
}

function SwitchOption(
  props: PartProps & { readonly isOn: boolean; readonly onChange: (isOn: boolean) => void },
) {
  const { label, hint, error, reset, isOn, onChange } = props
  return (
    <div className="flex min-w-0 items-start gap-1">
      <div className="min-w-0 flex-1">
        <Switch
          label={<span className="font-medium">{label}</span>}
          hint={hint}
          checked={isOn}
          onChange={({ target }) => onChange(target.checked)}
        />
        {error && <OptionError text={error} />}
      </div>
      {reset}
    </div>
  )
}

function OptionError({ text }: { readonly text: string }) {
  return (
    <p role="alert" className="mt-1.5 text-sm font-medium text-status-fail foreign">
      {text}
    </p>
  )
}

interface ChoicesOptionProps extends PartProps {
  readonly choices: readonly string[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

function ChoicesOption({ label, hint, error, reset, choices, chosen, onChange }: ChoicesOptionProps) {
  const id = useId()
  return (
    <fieldset className="min-w-0 sm:col-span-2" aria-describedby={`${id}-hint`}>
      <legend className="mb-1.5 font-medium">
        <span className="flex items-center gap-1">
          {label}
          {reset}
        </span>
      </legend>
      <div className="flex flex-wrap gap-2">
        {choices.map((choice) => (
          <label
            key={choice}
            className="flex h-8 cursor-pointer items-center gap-2 rounded-md border border-border px-2.5 has-checked:border-input has-checked:bg-muted has-focus-visible:outline-2 has-focus-visible:outline-ring pointer-coarse:h-11"
          >
            <input
              type="checkbox"
              checked={chosen.includes(choice)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, choice] : chosen.filter((one) => one !== choice))
              }
              className="size-4 accent-foreground outline-none"
            />
            <span className="foreign">{choice}</span>
          </label>
        ))}
      </div>
      <p id={`${id}-hint`} className="mt-1.5 text-sm text-muted-foreground">
        {hint}
      </p>
      {error && <OptionError text={error} />}
    </fieldset>
  )
}

function toPlain(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A value in words, as a hint says it. */
function toText(value: unknown, { options: t }: Messages['agents']): string {
  if (typeof value === 'boolean') return value ? t.on : t.off
  if (typeof value === 'number') return formatNumber(value, 6)
  if (Array.isArray(value)) return value.length === 0 ? t.nothing : value.map(toPlain).join(', ')
  return toPlain(value) || t.nothing
}

function rangeOf({ minimum, maximum }: OptionSchema, { options: t }: Messages['agents']): string | undefined {
  const least = typeof minimum === 'number' ? formatNumber(minimum, 6) : undefined
  const most = typeof maximum === 'number' ? formatNumber(maximum, 6) : undefined
  if (least !== undefined && most !== undefined) return t.range(least, most)
  if (least !== undefined) return t.atLeast(least)
  return most === undefined ? undefined : t.upTo(most)
}
