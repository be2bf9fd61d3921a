/** A secret that is looked for, with a name that may be printed. */
export interface Canary {
  readonly name: string
  readonly value: string
}

/** Shorter pieces of an encoding could stand there by chance. */
const shortestForm = 10

/**
 * Finds secrets in what somebody else could read: plain, in base64 at each of its three alignments and in its form for
 * URLs, in hex, escaped for URLs, JSON (also twice) and HTML; wrapped into lines or spread by blanks; without looking
 * for the borders of words. Returns the names of those found.
 */
export function findCanaries(haystack: string | Uint8Array, canaries: readonly Canary[]): string[] {
  // Latin-1 keeps every byte, so that a binary file is looked through as well.
  const text = typeof haystack === 'string' ? haystack : Buffer.from(haystack).toString('latin1')
  const views = [text, withoutBreaks(text)]
  return canaries
    .filter(({ value }) => formsOf(value).some((form) => views.some((view) => view.includes(form))))
    .map(({ name }) => name)
}

/** Without whitespace, and without the escapes for it that JSON has. */
const withoutBreaks = (text: string): string => text.replace(/(?:\\+[nrt]|%0[ad9]|&#1[03];|=\r?\n|\s)+/gi, '')

const known = new Map<string, readonly string[]>()

function formsOf(value: string): readonly string[] {
  const already = known.get(value)
  if (already) return already
  const bytes = Buffer.from(value)
  const json = JSON.stringify(value).slice(1, -1)
  const inBase64 = [0, 1, 2].map((before) => base64Inside(bytes, before))
  const forms = [
    value,
    bytes.toString('latin1'),
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
    encodeURIComponent(value),
    new URLSearchParams({ a: value }).toString().slice(2),
    encodeURI(value),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...inBase64,
    ...inBase64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ]
  const all = [...new Set([...forms, ...forms.map(withoutBreaks)])].filter(
    ({ length }) => length >= shortestForm,
  )
  known.set(value, all)
  return all
}

/** The part of its base64 that does not depend on what stands around, when so many bytes stand before. */
function base64Inside(bytes: Buffer, before: number): string {
  const padded = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const first = Math.ceil((before * 8) / 6)
  const last = Math.floor(((before + bytes.length) * 8) / 6)
  return padded.slice(first, last)
}
