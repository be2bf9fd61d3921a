import type { AgentManifest } from '../../contract/agent-manifest.ts'

export type OptionsSchema = AgentManifest['options']
export type OptionSchema = OptionsSchema['properties'][string]
export type OptionValues = Readonly<Record<string, unknown>>

/** What is wrong with one option, before the server is asked. `limit` is what the words about it need. */
export interface OptionProblem {
  readonly name: string
  readonly kind:
    | 'missing'
    | 'number'
    | 'integer'
    | 'least'
    | 'most'
    | 'shortest'
    | 'longest'
    | 'fewest'
    | 'atMost'
    | 'twice'
    | 'choice'
    | 'pattern'
  readonly limit: string
  /** The entry of a list that it is about. */
  readonly entry: string | null
}

/** How an option is asked for. */
export type OptionControl =
  | { readonly kind: 'text' | 'number' | 'switch' }
  | { readonly kind: 'choice' | 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'list'; readonly ofNumbers: boolean }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)

/** The words an option allows, as text; undefined where anything goes. */
function choicesOf(schema: Record<string, unknown>): readonly string[] | undefined {
  const { enum: allowed } = schema
  return Array.isArray(allowed) && allowed.length > 0 && allowed.every(isPlain)
    ? allowed.map(String)
    : undefined
}

const itemsOf = ({ items }: OptionSchema): Record<string, unknown> => (isRecord(items) ? items : {})
const isNumeric = ({ type }: { readonly type?: unknown }): boolean => type === 'number' || type === 'integer'

export function controlOf(schema: OptionSchema): OptionControl {
  if (schema.type === 'boolean') return { kind: 'switch' }
  if (schema.type === 'array') {
    const choices = choicesOf(itemsOf(schema))
    return choices ? { kind: 'choices', choices } : { kind: 'list', ofNumbers: isNumeric(itemsOf(schema)) }
  }
  const choices = choicesOf(schema)
  if (choices) return { kind: 'choice', choices }
  return { kind: isNumeric(schema) ? 'number' : 'text' }
}

/** The value that counts when nobody chooses one. */
export const defaultOf = (schema: OptionSchema): unknown => schema.default

/** What counts now: the given value, else the default. */
export const valueOf = (name: string, schema: OptionSchema, values: OptionValues): unknown =>
  Object.hasOwn(values, name) ? values[name] : defaultOf(schema)

/** Whether a value is another one than the default. */
export function isChanged(name: string, schema: OptionSchema, values: OptionValues): boolean {
  if (!Object.hasOwn(values, name)) return false
  return JSON.stringify(values[name]) !== JSON.stringify(defaultOf(schema))
}

/** The values with one of them set; `undefined`, and the default itself, take it away again. */
export function withOption(
  values: OptionValues,
  name: string,
  schema: OptionSchema,
  value: unknown,
): Record<string, unknown> {
  const { [name]: _before, ...rest } = values
  if (value === undefined || JSON.stringify(value) === JSON.stringify(defaultOf(schema))) return rest
  return { ...rest, [name]: value }
}

/** What is wrong, by the rules the server judges by, in the order of the form. The server has the last word. */
export function checkOptions(schema: OptionsSchema, values: OptionValues): OptionProblem[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties).flatMap(([name, option]) => {
    const value = valueOf(name, option, values)
    const tell = (kind: OptionProblem['kind'], limit: unknown = '', entry: string | null = null) => [
      { name, kind, limit: String(limit), entry },
    ]
    if (value === undefined) return required.has(name) ? tell('missing') : []
    if (!Array.isArray(value)) return checkOne(option, value, tell, null)

    const least = numberOf(option.minItems)
    const most = numberOf(option.maxItems)
    if (least !== undefined && value.length < least) return tell('fewest', least)
    if (most !== undefined && value.length > most) return tell('atMost', most)
    const twice = option.uniqueItems === true && value.find((entry, at) => value.indexOf(entry) !== at)
    if (twice !== false && twice !== undefined) return tell('twice', '', String(twice))
    const items = itemsOf(option)
    for (const entry of value) {
      const [wrong] = checkOne(items, entry, tell, String(entry))
      if (wrong) return [wrong]
    }
    return []
  })
}

type Tell = (kind: OptionProblem['kind'], limit?: unknown, entry?: string | null) => OptionProblem[]

function checkOne(
  schema: Record<string, unknown>,
  value: unknown,
  tell: Tell,
  entry: string | null,
): OptionProblem[] {
  const choices = choicesOf(schema)
  if (choices && !choices.includes(String(value))) return tell('choice', choices.join(', '), entry)
  if (isNumeric(schema)) {
    if (typeof value !== 'number') return tell('number', '', entry)
    if (schema.type === 'integer' && !Number.isInteger(value)) return tell('integer', '', entry)
    const least = numberOf(schema.minimum)
    const most = numberOf(schema.maximum)
    if (least !== undefined && value < least) return tell('least', least, entry)
    if (most !== undefined && value > most) return tell('most', most, entry)
    return []
  }
  if (typeof value !== 'string') return []
  const shortest = numberOf(schema.minLength)
  const longest = numberOf(schema.maxLength)
  const { length } = [...value]
  if (shortest !== undefined && length < shortest) return tell('shortest', shortest, entry)
  if (longest !== undefined && length > longest) return tell('longest', longest, entry)
  return fits(schema.pattern, value) ? [] : tell('pattern', schema.pattern, entry)
}

/** Longer texts and patterns are left to the server, milliseconds of a browser being what somebody waits for. */
const longestTried = 1_000
/** A repeated group that repeats inside, or has alternatives, may take years for one text. */
const mayTakeYears = /\([^)]*[*+{|][^)]*\)\s*[*+{]/

function fits(pattern: unknown, text: string): boolean {
  if (typeof pattern !== 'string' || pattern.length > 200 || text.length > longestTried) return true
  if (mayTakeYears.test(pattern)) return true
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    // No pattern at all; the server refuses such a manifest, and here nobody can do anything about it.
    return true
  }
}

/** What was typed, as the number it means; the text itself where it means none, so that it stays on screen. */
export function parseNumber(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const value = Number(trimmed.replace(',', '.'))
  return Number.isFinite(value) ? value : text
}

/** Lines as the entries of a list; empty ones are none. */
export function parseLines(text: string, ofNumbers: boolean): (string | number)[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => (ofNumbers ? (parseNumber(line) ?? line) : line))
}
