import { toPrintable } from './printable.ts'

/** One line of CSV (RFC 4180, UTF-8) with its end. No text in it can become a formula, none has control characters. */
export const toCsvLine = (values: readonly (string | number | null | undefined)[]): string =>
  `${values.map(toField).join(',')}\r\n`

function toField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = withoutFormula(toPrintable(value))
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

/** Spreadsheets run what starts with one of these, some also behind blanks or in full width: an apostrophe makes it text. */
const withoutFormula = (text: string): string =>
  /^[\s\ufffd]*[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text
