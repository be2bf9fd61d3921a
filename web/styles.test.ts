import { describe, expect, test } from 'vitest'
import css from './styles.css?raw'

/** Lightness, chroma, hue in degrees. */
type Oklch = readonly [number, number, number]
/** Linear light, 0–1. */
type Rgb = readonly [number, number, number]

/** The tokens of one block of the style sheet. */
function tokensOf(selector: string): Map<string, Oklch> {
  const block = css.split(`${selector} {`)[1]?.split('\n}')[0] ?? ''
  const line = /--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g
  return new Map(
    [...block.matchAll(line)].map(([, name = '', l, c, h]) => [name, [Number(l), Number(c), Number(h)]]),
  )
}

/** By the matrices of CSS Color 4; what the screen cannot show is cut off, as browsers do. */
function toLinearRgb([l, c, h]: Oklch): Rgb {
  const a = c * Math.cos((h * Math.PI) / 180)
  const b = c * Math.sin((h * Math.PI) / 180)
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  const cut = (value: number) => Math.min(1, Math.max(0, value))
  return [
    cut(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    cut(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    cut(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ]
}

const encode = (value: number) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055)
const decode = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** A colour with some transparency over another, as it is seen. */
const over = (top: Rgb, alpha: number, ground: Rgb): Rgb => {
  const mix = (index: 0 | 1 | 2) => decode(alpha * encode(top[index]) + (1 - alpha) * encode(ground[index]))
  return [mix(0), mix(1), mix(2)]
}

const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue

/** WCAG 2.2, 1–21. */
function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

const statuses = ['ok', 'run', 'wait', 'fail', 'missed', 'idle'].map((name) => `status-${name}`)
const ansi = Array.from({ length: 16 }, (_, number) => `ansi-${number}`)
const grounds = ['background', 'card', 'muted']

describe.each([
  ['light', "[data-theme='light']"],
  ['dark', "[data-theme='dark']"],
])('in the %s theme', (_, selector) => {
  const tokens = tokensOf(selector)
  const colour = (name: string): Rgb => {
    const token = tokens.get(name)
    if (!token) throw new Error(`no token --${name}`)
    return toLinearRgb(token)
  }

  test.each(
    ['foreground', 'muted-foreground', 'primary', ...statuses, ...ansi].flatMap((text) =>
      grounds.map((ground) => [text, ground] as const),
    ),
  )('%s can be read on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test.each([
    ['background', 'foreground', 1],
    ['background', 'foreground', 0.85],
    ['primary-foreground', 'primary', 1],
    ['primary-foreground', 'primary', 0.9],
    ['primary-foreground', 'status-fail', 1],
    ['primary-foreground', 'status-fail', 0.9],
    ...statuses.map((status) => [status, status, 0.08] as const),
  ] as const)('%s can be read on %s at %d', (text, ground, alpha) => {
    for (const below of grounds) {
      expect(contrast(colour(text), over(colour(ground), alpha, colour(below)))).toBeGreaterThanOrEqual(4.5)
    }
  })

  test.each(
    ['input', 'ring', ...statuses].flatMap((line) => grounds.map((ground) => [line, ground] as const)),
  )('the edge of a control in %s is seen on %s', (line, ground) => {
    expect(contrast(colour(line), colour(ground))).toBeGreaterThanOrEqual(3)
  })
})

test('both themes know the same tokens', () => {
  expect([...tokensOf("[data-theme='dark']").keys()]).toEqual([...tokensOf("[data-theme='light']").keys()])
})
