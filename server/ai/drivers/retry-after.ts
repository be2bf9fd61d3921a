/** How long another side wants to be left alone, milliseconds; null when it does not say, or says nonsense. */
export function readRetryAfter(headers: Headers, now: Date): number | null {
  const exact = toNumber(headers.get('retry-after-ms'))
  if (exact !== null) return exact
  const text = headers.get('retry-after')
  const seconds = toNumber(text)
  if (seconds !== null) return Math.ceil(seconds * 1_000)
  const at = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}

const toNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,12}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null
