/** A number as somebody wrote it, with the unit behind it. */
export interface SaidNumber {
  readonly value: number
  /** Digits behind the point: how exactly it was said. */
  readonly decimals: number
  readonly unit: string
}

const written =
  /(?<![\w.])(\d{1,3}(?:[ \u00a0,.']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?:[\s\u00a0]?([%°A-Za-zµ]{1,12}))?/g

/** Numbers of a text. A thousand may be written 1,000, 1.000 or 1 000. */
export function numbersIn(text: string): SaidNumber[] {
  return [...text.matchAll(written)].map(([, digits = '', unit = '']) => {
    const { value, decimals } = parse(digits)
    return { value, decimals, unit: unit.toLowerCase() }
  })
}

function parse(digits: string): { value: number; decimals: number } {
  const plain = digits.replace(/[ \u00a0']/g, '')
  const isGrouped = /^\d{1,3}(?:([,.])\d{3})+$/.test(plain) && !plain.startsWith('0')
  if (isGrouped) return { value: Number(plain.replace(/[,.]/g, '')), decimals: 0 }
  const mark = Math.max(plain.lastIndexOf(','), plain.lastIndexOf('.'))
  if (mark < 0) return { value: Number(plain), decimals: 0 }
  const whole = plain.slice(0, mark).replace(/[,.]/g, '')
  const part = plain.slice(mark + 1)
  return { value: Number(`${whole}.${part}`), decimals: part.length }
}

const bytes: Readonly<Record<string, readonly number[]>> = {
  kb: [1e3, 1024],
  mb: [1e6, 1024 ** 2],
  gb: [1e9, 1024 ** 3],
  tb: [1e12, 1024 ** 4],
  kib: [1024],
  mib: [1024 ** 2],
  gib: [1024 ** 3],
  tib: [1024 ** 4],
}
const seconds: readonly (readonly [RegExp, number])[] = [
  [/^(?:min|minutes?|minuten?)$/, 60],
  [/^(?:h|hours?|stunden?)$/, 3_600],
  [/^(?:d|days?|tage?n?)$/, 86_400],
  [/^(?:weeks?|wochen?)$/, 604_800],
]

/** What a number in an answer may have been rounded from: itself, or bytes and seconds in the unit that was said. */
function scalesOf(unit: string): readonly number[] {
  const inBytes = Object.hasOwn(bytes, unit) ? (bytes[unit] ?? []) : []
  const inSeconds = seconds.flatMap(([name, scale]) => (name.test(unit) ? [scale] : []))
  return [1, ...inBytes, ...inSeconds]
}

/** Says whether one of the values, rounded as far as the number was, is the number. Nothing is rounded to zero. */
export function isSaidBy({ value, decimals, unit }: SaidNumber, values: readonly number[]): boolean {
  const tolerance = 0.5 * 10 ** -decimals + 1e-9
  return values.some((one) =>
    scalesOf(unit).some((scale) => {
      const scaled = Math.abs(one) / scale
      if (scaled === value) return true
      // A count is said as it is; only what was measured or scaled is rounded.
      return !(scale === 1 && Number.isInteger(one)) && value !== 0 && Math.abs(scaled - value) <= tolerance
    }),
  )
}

/** Every number of some evidence, also those inside its texts. */
export function valuesIn(what: unknown): number[] {
  if (typeof what === 'number') return [what]
  if (typeof what === 'string') return numbersIn(what).map(({ value }) => value)
  if (Array.isArray(what)) return what.flatMap(valuesIn)
  if (typeof what === 'object' && what !== null) return Object.values(what).flatMap(valuesIn)
  return []
}
