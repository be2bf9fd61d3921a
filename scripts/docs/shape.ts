import * as z from 'zod'
import { code, listed } from './table.ts'

/** As much of JSON Schema as a reader is told. */
export interface Shape {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly allOf?: readonly Shape[]
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly default?: unknown
  readonly title?: string
  readonly description?: string
  readonly $defs?: Readonly<Record<string, Shape>>
}

/** What somebody may send for a schema, before defaults are filled in. */
export const shapeOf = (schema: z.ZodType): Shape =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape

/** Follows references within one schema. */
export function resolved(shape: Shape, top: Shape): Shape {
  const name = shape.$ref?.split('/').at(-1)
  const meant = name === undefined ? undefined : top.$defs?.[name]
  return meant ? { ...meant, ...(shape.default !== undefined && { default: shape.default }) } : shape
}

/** The kind of a value in a word or two. */
export function kindOf(given: Shape, top: Shape): string {
  const shape = resolved(given, top)
  const choices = shape.anyOf ?? shape.oneOf
  if (choices) return listed([...new Set(choices.map((choice) => kindOf(choice, top)))])
  if (shape.const !== undefined) return code(JSON.stringify(shape.const).replaceAll('"', ''))
  if (shape.enum) return listed(shape.enum.map((value) => code(String(value))))
  if (shape.type === 'array') return `list of ${kindOf(shape.items ?? {}, top)}`
  if (shape.type === 'null') return 'nothing'
  if (Array.isArray(shape.type)) return listed(shape.type)
  return typeof shape.type === 'string' ? shape.type : 'anything'
}

/** Within which limits a value lies; empty where there are none worth telling. */
export function limitsOf({ minimum, maximum, enum: values }: Shape): string {
  if (values) return `${listed(values.map((value) => code(String(value))))}.`
  const isSaid = (figure: number | undefined): figure is number =>
    figure !== undefined && Math.abs(figure) < Number.MAX_SAFE_INTEGER
  const figure = (value: number) => value.toLocaleString('en-GB')
  if (isSaid(minimum) && isSaid(maximum)) return `From ${figure(minimum)} to ${figure(maximum)}.`
  if (isSaid(maximum)) return `At most ${figure(maximum)}.`
  return isSaid(minimum) && minimum !== 0 ? `At least ${figure(minimum)}.` : ''
}
