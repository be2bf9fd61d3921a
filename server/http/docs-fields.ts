import { type Html, html } from './escape.ts'

/** As much of JSON Schema as the contract comes to. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
}

interface Field {
  readonly name: string
  readonly schema: Schema
  readonly isRequired: boolean
}

/** One field in a list: name, type, limits, description, and the fields within. */
export function fieldItem({ name, schema, isRequired }: Field): Html {
  const limits = limitsOf(schema)
  return html`<li><code class="name">${name}</code> <span class="type">${typeOf(schema)}</span>${
    isRequired ? null : html` <span class="optional">optional</span>`
  }${limits.length > 0 && html` <span class="limits">${limits.join(' · ')}</span>`}${
    schema.description !== undefined && html`<p>${schema.description}</p>`
  }${fieldsWithin(schema)}</li>`
}

/** The fields inside a schema, however they are wrapped: in a list, in something nullable, in one of several kinds. */
export function fieldsWithin(schema: Schema): Html | null {
  if (schema.items) return fieldsWithin(schema.items)
  const kinds = kindsOf(schema)
  if (kinds.length === 1 && kinds[0]) return fieldsWithin(kinds[0])
  if (kinds.length > 1) {
    const lists = kinds.map(fieldsWithin).filter((list) => list !== null)
    return lists.length > 0 ? html`${lists}` : null
  }
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return null
  return html`<ul class="fields">${fields.map(([name, field]) =>
    fieldItem({ name, schema: field, isRequired: schema.required?.includes(name) ?? false }),
  )}</ul>`
}

/** The type in a few words; shapes that have a name are links to it. */
export function typeOf(schema: Schema): Html {
  const name = nameOf(schema)
  if (name !== null) return html`<a href="#shape-${name}">${name}</a>`
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
  const union = schema.oneOf ?? schema.anyOf
  if (union) {
    const words = [...new Map(union.map(typeOf).map((word) => [word.html, word])).values()]
    return html`${words.map((word, at) => html`${at > 0 && ' or '}${word}`)}`
  }
  if (schema.items) return html`list of ${typeOf(schema.items)}`
  if (typeof schema.additionalProperties === 'object' && !schema.properties) {
    return html`map of ${typeOf(schema.additionalProperties)}`
  }
  if (schema.format === 'date-time') return html`instant`
  return html`${[schema.type ?? 'anything'].flat().join(' or ')}`
}

/** The name of a shape that is described once for all; null for others. */
export function nameOf({ $ref }: Schema): string | null {
  return /^#\/components\/schemas\/(\w+)$/.exec($ref ?? '')?.[1] ?? null
}

const kindsOf = (schema: Schema): readonly Schema[] =>
  (schema.oneOf ?? schema.anyOf ?? []).filter(({ type }) => type !== 'null')

function limitsOf(schema: Schema): string[] {
  const { minimum, maximum, maxLength, maxItems } = schema
  const limits: string[] = []
  // Zod writes the bounds of safe integers where nobody set any.
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (low !== undefined && high !== undefined) limits.push(`${low} to ${high}`)
  else if (low !== undefined) limits.push(`at least ${low}`)
  else if (high !== undefined) limits.push(`at most ${high}`)
  if (maxLength !== undefined) limits.push(`at most ${maxLength} characters`)
  if (maxItems !== undefined) limits.push(`at most ${maxItems}`)
  if (schema.default !== undefined) limits.push(`default ${JSON.stringify(schema.default)}`)
  return limits
}
