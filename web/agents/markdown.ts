/** The Markdown of a README, as a tree that is drawn by React. HTML in it is text like any other. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | {
      readonly kind: 'table'
      readonly head: readonly (readonly Inline[])[]
      readonly rows: readonly (readonly (readonly Inline[])[])[]
    }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'rule' }

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly children: readonly Inline[] }
  /** Never opened: only told where it would lead. Null for what is no web address. */
  | { readonly kind: 'link'; readonly children: readonly Inline[]; readonly host: string | null }

/** A manual is shorter; the rest of a longer one is left out, and of a longer paragraph taken as plain text. */
const longestRead = 200_000
const longestParagraph = 20_000
const deepest = 6

export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.slice(0, longestRead).replaceAll('\r\n', '\n').split('\n'), 0)
}

const fence = /^ {0,3}(```+|~~~+)/
const heading = /^ {0,3}(#{1,6})\s+(.*)$/
const bullet = /^( {0,3})([-*+]|\d{1,9}[.)])\s+(.*)$/
const rule = /^ {0,3}([-*_])( *\1){2,} *$/
const quote = /^ {0,3}> ?/
/** The line below the head of a table. Said without a pattern that could try for long. */
function isTableLine(line: string): boolean {
  return line.includes('-') && line.includes('|') && /^[ :|-]+$/.test(line)
}

/** A title may be closed by as many signs as opened it. */
function trimTitle(title: string): string {
  let end = title.length
  while (end > 0 && (title[end - 1] === '#' || title[end - 1] === ' ')) end -= 1
  return title.slice(0, end)
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = []
  let at = 0
  const lineAt = (place: number): string => lines[place] ?? ''
  /** Takes lines while they belong together. */
  const takeWhile = (belongs: (line: string) => boolean): string[] => {
    const from = at
    while (at < lines.length && belongs(lineAt(at))) at += 1
    return lines.slice(from, at)
  }

  while (at < lines.length) {
    const line = lineAt(at)
    const [, fenced] = fence.exec(line) ?? []
    const [, marks, title] = heading.exec(line) ?? []
    if (line.trim() === '') {
      at += 1
    } else if (fenced) {
      at += 1
      const text = takeWhile((one) => !one.trim().startsWith(fenced)).join('\n')
      at += 1
      blocks.push({ kind: 'code', text })
    } else if (marks) {
      at += 1
      blocks.push({ kind: 'heading', level: marks.length, children: parseInline(trimTitle(title ?? '')) })
    } else if (rule.test(line)) {
      at += 1
      blocks.push({ kind: 'rule' })
    } else if (quote.test(line) && depth < deepest) {
      const inner = takeWhile((one) => quote.test(one)).map((one) => one.replace(quote, ''))
      blocks.push({ kind: 'quote', children: parseBlocks(inner, depth + 1) })
    } else if (bullet.test(line) && depth < deepest) {
      const taken = takeList(lines, at, depth)
      blocks.push(taken.list)
      at = taken.next
    } else if (line.includes('|') && isTableLine(lineAt(at + 1))) {
      const head = cellsOf(line)
      at += 2
      const rows = takeWhile((one) => one.includes('|') && one.trim() !== '').map(cellsOf)
      blocks.push({ kind: 'table', head, rows: rows.map((row) => head.map((_, place) => row[place] ?? [])) })
    } else {
      // Its first line in any case, so that whatever it is, reading goes on.
      at += 1
      const more = takeWhile((one) => one.trim() !== '' && !startsBlock(one))
      blocks.push({
        kind: 'paragraph',
        children: parseInline([line, ...more].map((one) => one.trim()).join(' ')),
      })
    }
  }
  return blocks
}

const startsBlock = (line: string): boolean =>
  [fence, heading, bullet, rule, quote].some((pattern) => pattern.test(line))

/** A list with its items; what is indented below an item belongs to it. */
function takeList(lines: readonly string[], from: number, depth: number) {
  const ordered = /\d/.test(bullet.exec(lines[from] ?? '')?.[2] ?? '')
  const items: string[][] = []
  let next = from
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? ''
    const [, indent = '', mark = '', rest = ''] = bullet.exec(line) ?? []
    const item = items.at(-1)
    if (mark && indent.length < 2 && /\d/.test(mark) === ordered) items.push([rest])
    else if (item && /^\s{2,}\S/.test(line)) item.push(line.replace(/^ {2,4}/, ''))
    else if (item && line.trim() !== '' && !mark && !startsBlock(line) && lines[next - 1]?.trim() !== '') {
      item.push(line)
    } else if (line.trim() === '' && /^\s{2,}\S|^ {0,1}([-*+]|\d+[.)])\s/.test(lines[next + 1] ?? '')) {
      item?.push('')
    } else break
  }
  const list: Block = { kind: 'list', ordered, items: items.map((item) => parseBlocks(item, depth + 1)) }
  // At least one line is taken, whatever it is.
  return { list, next: Math.max(next, from + 1) }
}

/** The cells of a table line; a `\|` and a `|` between backticks are text. */
function cellsOf(line: string): Inline[][] {
  const cells: string[] = ['']
  let isCode = false
  const text = line.trim().replace(/^\|/, '').replace(/\|$/, '')
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '`') isCode = !isCode
    if (character === '\\' && text[at + 1] === '|') {
      cells[cells.length - 1] += '|'
      at += 1
    } else if (character === '|' && !isCode) cells.push('')
    else cells[cells.length - 1] += character
  }
  return cells.map((cell) => parseInline(cell.trim()))
}

/** Code, strong, emphasis and links. Read once from left to right; a mark without its other half is text. */
export function parseInline(text: string, depth = 0): Inline[] {
  if (depth > deepest || text.length > longestParagraph) return text ? [{ kind: 'text', text }] : []
  const parts: Inline[] = []
  let plain = ''
  const push = (part: Inline) => {
    if (plain) parts.push({ kind: 'text', text: plain })
    plain = ''
    parts.push(part)
  }
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    const found = partAt(text, at, depth)
    if (found) {
      push(found.part)
      at = found.next
    } else if (character === '\\' && /[\\`*_{}[\]()#+.!|<>-]/.test(text[at + 1] ?? '')) {
      plain += text[at + 1]
      at += 2
    } else {
      plain += character
      at += 1
    }
  }
  if (plain) parts.push({ kind: 'text', text: plain })
  return parts
}

interface Found {
  readonly part: Inline
  readonly next: number
}

function partAt(text: string, at: number, depth: number): Found | undefined {
  const character = text[at]
  if (character === '`') {
    const [ticks = '`'] = /^`+/.exec(text.slice(at, at + 4)) ?? []
    const end = text.indexOf(ticks, at + ticks.length)
    if (end < 0) return undefined
    return {
      part: { kind: 'code', text: text.slice(at + ticks.length, end).trim() },
      next: end + ticks.length,
    }
  }
  if (character === '*' || character === '_') {
    const mark = text[at + 1] === character ? character + character : character
    const inner = at + mark.length
    const end = text.indexOf(mark, inner + 1)
    const isWord = character === '_' && /\w/.test(text[at - 1] ?? '')
    if (end < 0 || isWord || /\s/.test(text[inner] ?? ' ') || /\s/.test(text[end - 1] ?? ' '))
      return undefined
    const children = parseInline(text.slice(inner, end), depth + 1)
    return { part: { kind: mark.length === 2 ? 'strong' : 'em', children }, next: end + mark.length }
  }
  const isImage = character === '!' && text[at + 1] === '['
  if (character === '[' || isImage) {
    const from = at + (isImage ? 2 : 1)
    const middle = text.indexOf('](', from)
    const end = middle < 0 ? -1 : text.indexOf(')', middle)
    if (end < 0) return undefined
    const children = parseInline(text.slice(from, middle), depth + 1)
    return { part: { kind: 'link', children, host: hostOf(text.slice(middle + 2, end)) }, next: end + 1 }
  }
  return undefined
}

/** Where a link would lead, for people to judge; null for everything but the web. */
function hostOf(target: string): string | null {
  const [address = ''] = target.trim().split(/\s/)
  if (!/^https?:\/\//i.test(address)) return null
  try {
    return new URL(address).host
  } catch {
    return null
  }
}
