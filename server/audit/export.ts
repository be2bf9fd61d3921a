import type { AuditEntry } from '../../contract/audit.ts'
import { toCsvLine } from '../lib/csv.ts'

export type AuditFormat = 'jsonl' | 'csv'

const columns = ['seq', 'at', 'actor', 'ip', 'action', 'target', 'detail', 'hash'] as const

/** The names of the columns: what stands before the first line as CSV. */
export const csvHead = toCsvLine(columns)

/** Lines of the trail as lines of a file: whole as JSON, the detail as one field of CSV. */
export function toText(entries: readonly AuditEntry[], format: AuditFormat): string {
  if (format === 'jsonl') return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  return entries
    .map((entry) => ({ ...entry, detail: JSON.stringify(entry.detail) }))
    .map((entry) => toCsvLine(columns.map((column) => entry[column])))
    .join('')
}
