/** One of the sixteen colours of a terminal; each theme has its own. */
export type AnsiColour = number

/** How a stretch of text looks. */
export interface Look {
  readonly colour: AnsiColour | null
  readonly ground: AnsiColour | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly strike: boolean
  readonly inverse: boolean
}

/** A stretch of `plain` that has a look of its own; what lies between has none. */
export interface Stretch {
  readonly start: number
  readonly end: number
  readonly look: Look
}

export interface AnsiText {
  /** What there is to read: escapes are gone, and other control characters are visible signs. */
  readonly plain: string
  readonly stretches: readonly Stretch[]
}

const none: Look = {
  colour: null,
  ground: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
}

/** Control characters but tab, and the marks that turn the direction of text around. */
const special = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
const specials = new RegExp(special, 'g')
/**
 * An escape from its first character on: a control sequence; a string command with its end (one without an end must
 * not swallow the text behind it, nor be looked for again and again); or a short escape.
 */
const escape =
  /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]|\u001b/y

/** Reads text with the escapes of a terminal. Only colours and emphasis are obeyed; everything else is dropped. */
export function readAnsi(text: string): AnsiText {
  if (!special.test(text)) return { plain: text, stretches: [] }
  let plain = ''
  let look = none
  let start = 0
  const stretches: Stretch[] = []
  const end = () => {
    if (look !== none && plain.length > start) stretches.push({ start, end: plain.length, look })
    start = plain.length
  }
  for (let at = 0; at < text.length; ) {
    escape.lastIndex = at
    const found = escape.exec(text)
    if (found) {
      at = escape.lastIndex
      if (found[2] !== 'm') continue
      end()
      look = changed(look, found[1] ?? '')
      continue
    }
    const until = nextSpecial(text, at)
    plain += until > at ? text.slice(at, until) : visible(text.charCodeAt(at))
    at = Math.max(until, at + 1)
  }
  end()
  return { plain, stretches }
}

/** The text alone, for the clipboard: without escapes and control characters. */
export function cleanText(text: string): string {
  return special.test(text) ? withoutSigns(readAnsi(text).plain) : text
}

/** Text from the screen, without the signs that stand there for control characters. */
export const withoutSigns = (plain: string): string => plain.replace(signs, '')

/** What `visible` makes. */
const signs = /[\u2400-\u241f\u2421]|⟨U\+[0-9A-F]{4}⟩/g

function nextSpecial(text: string, from: number): number {
  specials.lastIndex = from
  return specials.exec(text)?.index ?? text.length
}

/** A sign in place of a character that cannot be seen, or would move what can. */
function visible(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** The look after one sequence of “select graphic rendition”. */
function changed(before: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number)
  let look = before
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 38 || code === 48) {
      const { colour, length } = extended(codes.slice(at + 1))
      look = { ...look, [code === 38 ? 'colour' : 'ground']: colour }
      at += length
    } else look = code === 0 ? none : { ...look, ...simple(code) }
  }
  return isPlain(look) ? none : look
}

const isPlain = ({ colour, ground, ...emphasis }: Look): boolean =>
  colour === null && ground === null && !Object.values(emphasis).some(Boolean)

function simple(code: number): Partial<Look> {
  if (code >= 30 && code <= 37) return { colour: code - 30 }
  if (code >= 90 && code <= 97) return { colour: code - 90 + 8 }
  if (code >= 40 && code <= 47) return { ground: code - 40 }
  if (code >= 100 && code <= 107) return { ground: code - 100 + 8 }
  switch (code) {
    case 1:
      return { bold: true }
    case 2:
      return { dim: true }
    case 3:
      return { italic: true }
    case 4:
    case 21:
      return { underline: true }
    case 7:
      return { inverse: true }
    case 9:
      return { strike: true }
    case 22:
      return { bold: false, dim: false }
    case 23:
      return { italic: false }
    case 24:
      return { underline: false }
    case 27:
      return { inverse: false }
    case 29:
      return { strike: false }
    case 39:
      return { colour: null }
    case 49:
      return { ground: null }
    default:
      // Blinking, and text that hides: nothing on a page may do that.
      return {}
  }
}

/** The colour behind 38 or 48, and how many numbers say it. */
function extended([kind, ...rest]: readonly number[]): { colour: AnsiColour | null; length: number } {
  if (kind === 5) return { colour: fromPalette(rest[0] ?? 0), length: 2 }
  if (kind === 2) return { colour: nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), length: 4 }
  return { colour: null, length: kind === undefined ? 0 : 1 }
}

function fromPalette(index: number): AnsiColour {
  if (index < 16) return index
  if (index >= 232) return grey((index - 232) / 23)
  const cube = index - 16
  const step = (level: number) => (level === 0 ? 0 : 55 + level * 40)
  return nearest(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6))
}

/**
 * The colour of the theme that comes closest by its hue. The exact one is not shown: it was chosen for a ground that is
 * not ours, and may be unreadable here.
 */
function nearest(red: number, green: number, blue: number): AnsiColour {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most - least < 0.2 * most || most === 0) return grey(most / 255)
  const isHigh = (value: number) => value > (most + least) / 2
  const hue = (isHigh(red) ? 1 : 0) + (isHigh(green) ? 2 : 0) + (isHigh(blue) ? 4 : 0)
  return most > 200 ? hue + 8 : hue
}

const grey = (lightness: number): AnsiColour =>
  lightness < 0.2 ? 0 : lightness < 0.5 ? 8 : lightness < 0.85 ? 7 : 15
