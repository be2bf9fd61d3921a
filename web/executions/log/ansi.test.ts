import { describe, expect, test } from 'vitest'
import { cleanText, type Look, readAnsi } from './ansi.ts'

const esc = '\u001b['

/** The text with each stretch in braces, e.g. `{c1:red}`. */
function drawn(text: string): string {
  const { plain, stretches } = readAnsi(text)
  let out = ''
  let at = 0
  for (const { start, end, look } of stretches) {
    out += `${plain.slice(at, start)}{${named(look)}:${plain.slice(start, end)}}`
    at = end
  }
  return out + plain.slice(at)
}

function named({ colour, ground, ...emphasis }: Look): string {
  const words = Object.entries(emphasis).filter(([, is]) => is)
  return [
    colour === null ? '' : `c${colour}`,
    ground === null ? '' : `g${ground}`,
    ...words.map(([word]) => word),
  ]
    .filter(Boolean)
    .join(' ')
}

describe('colours and emphasis', () => {
  test.each<[what: string, text: string, drawn: string]>([
    ['text without escapes', 'plain', 'plain'],
    ['a colour and its end', `${esc}31mred${esc}0m.`, '{c1:red}.'],
    ['an empty sequence ends all', `${esc}1;31mred${esc}m.`, '{c1 bold:red}.'],
    ['a bright colour', `${esc}92mgreen`, '{c10:green}'],
    ['a ground', `${esc}30;43mblack on yellow${esc}49;39m.`, '{c0 g3:black on yellow}.'],
    [
      'emphasis that is taken back',
      `${esc}1mbold${esc}22m ${esc}3mitalic${esc}23m`,
      '{bold:bold} {italic:italic}',
    ],
    ['colours that add up', `${esc}31mred ${esc}1mbold`, '{c1:red }{c1 bold:bold}'],
    ['256 colours, the first sixteen', `${esc}38;5;12mblue`, '{c12:blue}'],
    ['256 colours, the cube', `${esc}38;5;196mred`, '{c9:red}'],
    ['256 colours, greys', `${esc}38;5;240mgrey`, '{c8:grey}'],
    ['true colour, by its hue', `${esc}38;2;10;120;20mgreen`, '{c2:green}'],
    ['true colour, with what follows it', `${esc}48;2;200;0;0;1mred ground`, '{g1 bold:red ground}'],
    ['colons as separators', `${esc}38:5:3mbrown`, '{c3:brown}'],
    ['inverse', `${esc}7mturned${esc}27m.`, '{inverse:turned}.'],
    ['text that hides is shown', `${esc}8msecret`, 'secret'],
    ['blinking is not done', `${esc}5mlook`, 'look'],
    ['a colour cut off in the middle', `${esc}38;5mx`, '{c0:x}'],
  ])('%s', (_what, text, expected) => {
    expect(drawn(text)).toBe(expected)
  })
})

describe('everything else that a terminal would obey is dropped or shown', () => {
  test.each<[what: string, text: string, plain: string]>([
    ['moving the cursor', `a${esc}2Ab${esc}10;20Hc`, 'abc'],
    ['clearing the screen', `${esc}2J${esc}Hclean`, 'clean'],
    ['a private mode', `${esc}?25lhidden cursor`, 'hidden cursor'],
    ['a window title', '\u001b]0;owned\u0007text', 'text'],
    ['a link', '\u001b]8;;https://example.com\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['a string command without an end', '\u001b]0;title and text', '0;title and text'],
    ['a device control string', '\u001bPq#0;2\u001b\\text', 'text'],
    ['a character set', '\u001b(0text', 'text'],
    ['a control sequence of one character', '\u009b31mred', 'red'],
    ['an escape at the end', 'text\u001b', 'text'],
    ['an unfinished sequence', `text${esc}31`, 'text31'],
    ['a tab stays', 'a\tb', 'a\tb'],
    ['other control characters are signs', 'a\u0000\u0007\u0008\r\u007fb', 'a␀␇␈␍␡b'],
    ['the second set of control characters is named', 'a\u0085b', 'a⟨U+0085⟩b'],
    ['marks that turn text around are named', 'gpj.\u202eexe', 'gpj.⟨U+202E⟩exe'],
    ['right-to-left text itself stays', 'שלום', 'שלום'],
  ])('%s', (_what, text, plain) => {
    expect(readAnsi(text).plain).toBe(plain)
  })

  test('a text made to be read again and again takes no longer than others', () => {
    for (const unit of ['\u0090', '\u001b]', '\u009b', '\u001b[1;', '\u0098a']) {
      expect(readAnsi(unit.repeat(131_072)).plain.length).toBeGreaterThanOrEqual(0)
    }
  })
})

test('the clipboard gets text without escapes and signs', () => {
  expect(cleanText(`${esc}31mred${esc}0m\u0007 and\u202e more`)).toBe('red and more')
})
