import { describe, expect, test } from 'vitest'
import css from './styles.css?raw'

const sources = import.meta.glob<string>(
  ['./**/*.{ts,tsx}', '!./**/*.stories.tsx', '!./**/*.test.ts', '!./messages/**'],
  { query: '?raw', import: 'default', eager: true },
)

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

/** `status-wait`, or `status-wait/8`: a token, with how much of it in percent. */
type Colour = string

const statuses = ['ok', 'run', 'wait', 'fail', 'missed', 'idle'].map((name) => `status-${name}`)
const ansi = Array.from({ length: 16 }, (_, number) => `ansi-${number}`)
const charts = [1, 2, 3, 4, 5].map((number) => `chart-${number}`)
const grounds = ['background', 'card', 'muted']

/** What is written on any ground. */
const texts = ['foreground', 'muted-foreground', 'primary', ...statuses]
/** What is written on one ground only: `background` on `foreground`, and each name that ends so on its own. */
const textsOfOneGround = ['background', 'primary-foreground']
/** The light grounds below text, with what else is written there than the two greys and their own colour. */
const tints: Readonly<Record<Colour, readonly string[]>> = {
  ...Object.fromEntries(statuses.map((status) => [`${status}/8`, []])),
  'primary/6': statuses,
  'primary/8': [],
  // Lines of a log: marked, an error, a warning.
  'primary/12': [...ansi, ...statuses],
  'status-fail/7': [...ansi, ...statuses],
  'status-wait/7': [...ansi, ...statuses],
  'status-fail/5': [],
  'status-wait/5': [],
  'status-missed/5': [],
  'status-wait/10': [],
  'status-ok/15': [],
  'muted/40': texts,
  'muted/50': texts,
  'muted/60': texts,
  'background/90': texts,
}
/** Where words are marked, they are written in the full colour alone. */
const markers = ['status-wait/20', 'status-wait/35', ...ansi.map((name) => `${name}/18`)]
/** What is filled and says something by its shape: dots, bars, switches. */
const shapes = [
  ...statuses,
  ...charts,
  'foreground',
  'muted-foreground',
  'muted-foreground/70',
  'status-missed/80',
  // What joins the groups of the topology.
  'chart-1/85',
]
/** Lines between things, the shade behind a dialog, and what has an edge of its own: told apart without them as well. */
const ornaments = ['border', 'shade', 'muted-foreground/25']

describe.each([
  ['light', "[data-theme='light']"],
  ['dark', "[data-theme='dark']"],
])('in the %s theme', (_, selector) => {
  const tokens = tokensOf(selector)
  /** A colour as it is seen on a ground. */
  const seen = (colour: Colour, ground?: Rgb): Rgb => {
    const [name = '', percent = '100'] = colour.split('/')
    const token = tokens.get(name)
    if (!token) throw new Error(`no token --${name}`)
    const whole = toLinearRgb(token)
    return ground && percent !== '100' ? over(whole, Number(percent) / 100, ground) : whole
  }
  const onAll = (colour: Colour, below = grounds) => below.map((ground) => seen(colour, seen(ground)))

  test.each([...texts, ...ansi].flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    '%s can be read on %s',
    (text, ground) => {
      expect(contrast(seen(text), seen(ground))).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(
    Object.entries(tints).flatMap(([tint, more]) => {
      const own = tint.split('/')[0] ?? ''
      const written = ['foreground', 'muted-foreground', ...(texts.includes(own) ? [own] : []), ...more]
      return [...new Set(written)].map((text) => [text, tint] as const)
    }),
  )('%s can be read on the tint %s', (text, tint) => {
    for (const ground of onAll(tint, ['background', 'card'])) {
      expect(contrast(seen(text), ground)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test.each(markers)('marked words can be read on %s', (marker) => {
    for (const ground of onAll(marker)) {
      expect(contrast(seen('foreground'), ground)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test.each(pairsInOneClass())('%s can be read on %s, as one element has them', (text, ground) => {
    for (const below of onAll(ground)) expect(contrast(seen(text), below)).toBeGreaterThanOrEqual(4.5)
  })

  test('what is selected can be read', () => {
    for (const ground of onAll('primary/25')) {
      expect(contrast(seen('foreground'), ground)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test.each(
    ['input', 'ring', 'primary', ...shapes].flatMap((line) =>
      grounds.map((ground) => [line, ground] as const),
    ),
  )('the edge or the shape of something in %s is seen on %s', (line, ground) => {
    expect(contrast(seen(line, seen(ground)), seen(ground))).toBeGreaterThanOrEqual(3)
  })
})

test('every colour that a part of the dashboard uses has a rule above', () => {
  const ruled = {
    text: [...texts, ...textsOfOneGround, ...charts, ...ansi],
    bg: [...grounds, ...Object.keys(tints), ...markers, ...shapes, ...ornaments, ...onlyBelowText()],
  }
  const unruled = used().flatMap(({ kind, colour, file }) =>
    ruled[kind].includes(colour) ? [] : [`${kind}-${colour} in ${file}`],
  )
  expect(unruled).toEqual([])
})

test('no class names a colour that is no token: it would be none at all', () => {
  const names = [...tokensOf("[data-theme='light']").keys()]
  const known = new Set([...names, ...wordsOfTailwind])
  const one = /(?<=['"` :])(?:text|bg|border|fill|stroke|divide|decoration|outline)-([a-z]+(?:-[a-z0-9]+)*)/g
  const unknown = Object.entries(sources).flatMap(([file, text]) =>
    listsOf(text).flatMap((list) =>
      [...list.matchAll(one)].flatMap(([all, name = '']) => (known.has(name) ? [] : [`${all} in ${file}`])),
    ),
  )
  expect(unknown).toEqual([])
})

test('what is written on one ground only names its ground', () => {
  const alone = used().filter(
    ({ kind, colour, beside }) =>
      kind === 'text' && textsOfOneGround.includes(colour) && !beside.some((other) => other.kind === 'bg'),
  )
  expect(alone.map(({ colour, file }) => `text-${colour} in ${file}`)).toEqual([
    // The sign in a box that is checked.
    'text-background in ./ui/checkbox.tsx',
  ])
})

test('both themes know the same tokens', () => {
  expect([...tokensOf("[data-theme='dark']").keys()]).toEqual([...tokensOf("[data-theme='light']").keys()])
})

interface Use {
  readonly kind: 'text' | 'bg'
  readonly colour: Colour
  /** The states in which it counts: `hover:`, `data-[state=active]:`. */
  readonly variants: string
  readonly file: string
  /** The colours of the same list of classes. */
  readonly beside: readonly Use[]
}

/** What follows text-, bg-, border- and their like, and is no colour of ours. */
const wordsOfTailwind = [
  'xs',
  'sm',
  'base',
  'lg',
  'xl',
  '2xl',
  'start',
  'end',
  'center',
  'pretty',
  'balance',
  'inherit',
  't',
  'b',
  's',
  'e',
  'x',
  'y',
  't-0',
  's-0',
  's-2',
  'dashed',
  'collapse',
  'none',
  'offset-0',
  'offset-2',
  // The shade behind a dialog is no ground of anything.
  'transparent',
  'current',
  'shade',
]

/** The strings of a source; its classes are in some of them. */
const listsOf = (text: string) => [...text.matchAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g)].map(([list]) => list)

/** Every colour of text and ground that stands in a list of classes, in the sources of the dashboard. */
function used(): Use[] {
  const names = [...tokensOf("[data-theme='light']").keys()].toSorted((a, b) => b.length - a.length)
  const one = new RegExp(
    `(?<![\\w-])((?:[\\w-]+(?:\\[[^\\]\\s]*\\])?:)*)(text|bg)-(?:\\(--)?(${names.join('|')})\\)?(?:/(\\d+))?(?![\\w-])`,
    'g',
  )
  return Object.entries(sources).flatMap(([file, text]) =>
    listsOf(text).flatMap((list) => {
      const beside: Use[] = []
      for (const [, variants = '', kind, name, percent] of list.matchAll(one)) {
        const colour = percent === undefined ? (name ?? '') : `${name}/${percent}`
        beside.push({ kind: kind as Use['kind'], colour, variants, file, beside })
      }
      return beside
    }),
  )
}

/** What the classes of one element say of text and ground: in each state that names a ground, the text of that state. */
function pairsInOneClass(): (readonly [Colour, Colour])[] {
  const pairs = new Map<string, readonly [Colour, Colour]>()
  for (const { kind, colour: ground, variants, beside } of used()) {
    // A bar below a tab, and the thumb of a switch, are no ground of the text beside them.
    if (kind !== 'bg' || /(after|before|checked):/.test(variants)) continue
    const written = beside.filter((other) => other.kind === 'text')
    const ofState = written.filter((other) => other.variants === variants)
    for (const { colour } of ofState.length > 0
      ? ofState
      : written.filter((other) => other.variants === '')) {
      pairs.set(`${colour} ${ground}`, [colour, ground])
    }
  }
  return [...pairs.values()]
}

/** Grounds that are always named together with the text on them. */
const onlyBelowText = () => pairsInOneClass().map(([, ground]) => ground)
