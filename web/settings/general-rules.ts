import * as z from 'zod'
import { settings as shape, type Settings } from '../../contract/settings.ts'

/** Set on a page of their own, which also shows what they lead to. */
const elsewhere = ['outgoing', 'outgoingHosts'] as const

export type SettingName = Exclude<keyof Settings, (typeof elsewhere)[number]>
type NamesOf<Value> = { [Name in SettingName]: Settings[Name] extends Value ? Name : never }[SettingName]
type NumberName = NamesOf<number>
/** One word of a few. */
export type ChoiceName = NamesOf<string>

/** What is in the fields: text, also for numbers, so that half-typed ones stay. */
export type Drafts = Readonly<Record<SettingName, string>>

/** What is wrong with one field. */
export type SettingProblem =
  | { readonly kind: 'number' | 'integer' }
  | { readonly kind: 'range'; readonly least: number; readonly most: number }
  | { readonly kind: 'network'; readonly line: string }
  | { readonly kind: 'most'; readonly count: number }

export const settingNames = (Object.keys(shape.shape) as (keyof Settings)[]).filter(
  (name): name is SettingName => !(elsewhere as readonly string[]).includes(name),
)
export const defaults: Settings = shape.parse({})

/** Bounds of a number, from the contract. */
export function boundsOf(name: NumberName): { readonly least: number; readonly most: number } {
  const { minValue, maxValue } = shape.shape[name].unwrap()
  return { least: minValue ?? 0, most: maxValue ?? Number.MAX_SAFE_INTEGER }
}

const fieldOf = (name: SettingName): z.ZodType => shape.shape[name].unwrap()

export const isNumber = (name: SettingName): name is NumberName => fieldOf(name) instanceof z.ZodNumber
export const isChoice = (name: SettingName): name is ChoiceName => fieldOf(name) instanceof z.ZodEnum

/** The words of a choice, from the contract. */
export const choicesOf = (name: ChoiceName): readonly Settings[ChoiceName][] =>
  shape.shape[name].unwrap().options

export const toDraft = (value: number | string | readonly string[]): string =>
  Array.isArray(value) ? value.join('\n') : String(value)

export const toDrafts = (values: Settings): Drafts =>
  Object.fromEntries(settingNames.map((name) => [name, toDraft(values[name])])) as Record<SettingName, string>

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean)

/** What a field means, or what is wrong with it. */
export function readDraft(
  name: SettingName,
  draft: string,
): { readonly value: number | string | string[] } | { readonly problem: SettingProblem } {
  // A list to choose from holds nothing that could be wrong.
  if (isChoice(name)) return { value: draft }
  if (!isNumber(name)) {
    const field = shape.shape.allowedNetworks.unwrap()
    const lines = linesOf(draft)
    const parsed = field.safeParse(lines)
    if (parsed.success) return { value: parsed.data }
    const at = parsed.error.issues.map(({ path }) => path[0]).find((one) => typeof one === 'number')
    return {
      problem: at === undefined ? { kind: 'most', count: 100 } : { kind: 'network', line: lines[at] ?? '' },
    }
  }
  const text = draft.trim().replace(',', '.')
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) return { problem: { kind: 'number' } }
  if (shape.shape[name].unwrap().safeParse(value).success) return { value }
  const { least, most } = boundsOf(name)
  if (value < least || value > most) return { problem: { kind: 'range', least, most } }
  return { problem: { kind: 'integer' } }
}

/** Only what differs from what is in force, and what is wrong with the rest. */
export function readDrafts(drafts: Drafts, current: Settings) {
  const problems: Partial<Record<SettingName, SettingProblem>> = {}
  const changes: Partial<Record<SettingName, number | string | string[]>> = {}
  const changed: SettingName[] = []
  for (const name of settingNames) {
    const read = readDraft(name, drafts[name])
    if ('problem' in read) {
      problems[name] = read.problem
      changed.push(name)
    } else if (toDraft(read.value) !== toDraft(current[name])) {
      changes[name] = read.value
      changed.push(name)
    }
  }
  return { changes: changes as z.input<typeof shape>, problems, changed }
}
