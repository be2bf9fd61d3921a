/** Columns that a terminal gives a text: two for wide characters (East Asian, emoji), none for combining marks. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += /\p{Mn}|\p{Me}/u.test(character) ? 0 : isWide(character) ? 2 : 1
  return columns
}

const isWide = (character: string): boolean =>
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(
    character,
  )

/** Breaks text at blanks into lines of at most `width` columns; a longer word is broken inside. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(8, width)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => pieces(one, room))) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function pieces(word: string, room: number): string[] {
  if (columnsOf(word) <= room) return [word]
  const parts: string[] = []
  let part = ''
  for (const character of word) {
    if (columnsOf(part) + columnsOf(character) > room) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part]
}

/** Fills up with blanks to `width` columns. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columnsOf(text)))

/** `██████▌░░░`: a share of a hundred, drawn in eighths of a column. */
export function toBar(percent: number, width: number): string {
  const eighths = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width * 8)
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? ''
  const full = '█'.repeat(Math.floor(eighths / 8))
  return full + part + '░'.repeat(Math.max(0, width - full.length - part.length))
}
