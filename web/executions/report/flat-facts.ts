import { type Facts, isRecord } from './json.ts'
import { toReadable } from './readable.ts'

/** A single value among the facts, with the way to it. Places in lists count from 1. */
export interface Leaf {
  readonly path: readonly string[]
  /** The names on the way, joined by `_`: what says how to read it. */
  readonly name: string
  readonly value: unknown
}

/** More than this nobody searches in a browser; 3 MB of facts have fewer. */
const mostLeaves = 100_000

/** Every single value of the facts, in their order. */
export function flatten(facts: Facts): Leaf[] {
  const leaves: Leaf[] = []
  const walk = (value: unknown, path: readonly string[], name: string) => {
    if (leaves.length >= mostLeaves) return
    if (Array.isArray(value) && value.length > 0)
      for (const [index, one] of value.entries()) walk(one, [...path, String(index + 1)], name)
    else if (isRecord(value) && Object.keys(value).length > 0)
      for (const [key, one] of Object.entries(value)) walk(one, [...path, key], name ? `${name}_${key}` : key)
    else leaves.push({ path, name, value: isRecord(value) ? null : value })
  }
  walk(facts, [], '')
  return leaves
}

/** The values whose way, raw value or readable value has every word of the term; case does not matter. */
export function matchingLeaves(leaves: readonly Leaf[], term: string): Leaf[] {
  const words = term.toLowerCase().split(/\s+/).filter(Boolean)
  return leaves.filter(({ path, name, value }) => {
    const text = `${path.join(' ').replaceAll('_', ' ')} ${path.join(' ')} ${String(value)}`.toLowerCase()
    if (words.every((word) => text.includes(word))) return true
    if (typeof value !== 'number') return false
    const readable = `${text} ${toReadable(name, value).toLowerCase()}`
    return words.every((word) => readable.includes(word))
  })
}
