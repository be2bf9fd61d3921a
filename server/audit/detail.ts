import { isSecretName, mask } from '../lib/secret-names.ts'

/** Most characters of one text of a detail. A command line of an agent fits. */
const longestText = 2_000
const mostItems = 100
const deepest = 5
/** Most characters of the JSON of a whole detail. */
const largest = 16_000

/** A detail as JSON that is small and free of secrets: long texts and lists are cut, and say so. */
export function toDetailText(detail: Record<string, unknown>): string {
  const text = JSON.stringify(bounded(detail, 0))
  if (text.length <= largest) return text
  return JSON.stringify({ cut: true, fields: Object.keys(detail).slice(0, mostItems).map(shortened) })
}

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shortened(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  // Dates, and secrets, which print a mask.
  if ('toJSON' in value && typeof value.toJSON === 'function') return bounded(value.toJSON(), depth + 1)
  if (depth >= deepest) return '…'
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => bounded(item, depth + 1))
    return value.length > mostItems ? [...items, `… ${value.length - mostItems} more`] : items
  }
  const entries = Object.entries(value)
  const kept = entries
    .slice(0, mostItems)
    .map(([name, field]) => [
      shortened(name),
      isSecretName(name) && typeof field !== 'boolean' && field !== null ? mask : bounded(field, depth + 1),
    ])
  return Object.fromEntries(
    entries.length > mostItems ? [...kept, ['…', `${entries.length - mostItems} more`]] : kept,
  )
}

const shortened = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText).toWellFormed()}…`
