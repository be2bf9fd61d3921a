import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'

/** A heading with the name it is linked by. */
export interface Heading {
  readonly level: number
  readonly text: string
  readonly id: string
}

/** The name of a heading in a link, as code hosts make it, so that a link holds there and on the site. */
export function slugOf(text: string, taken: Map<string, number> = new Map()): string {
  const slug = text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
  const before = taken.get(slug)
  taken.set(slug, (before ?? -1) + 1)
  return before === undefined ? slug : `${slug}-${before + 1}`
}

/** The text of a heading without the marks of Markdown. */
const plain = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*\*([^*]*)\*\*/g, '$1')
    .replace(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1$2')
    .trim()

/** What of a text is not inside of a fence. */
export const withoutFences = (text: string): string => text.replace(/^( *)(`{3,})[^]*?^\1\2 *$/gm, '')

/** The headings of a text in Markdown, in their order. */
export function headingsOf(text: string): Heading[] {
  const taken = new Map<string, number>()
  return [...withoutFences(text).matchAll(/^(#{1,6}) +(.+?) *#*$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    text: plain(title),
    id: slugOf(plain(title), taken),
  }))
}

/** Where a link in a file of the repository leads; null when it leaves it. */
export function targetOf(source: string, href: string): { path: string; anchor: string } | null {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(href)) return null
  const [path = '', anchor = ''] = href.split('#')
  return {
    path: path === '' ? source : posix.join(posix.dirname(source), decodeURI(path)),
    anchor: decodeURIComponent(anchor),
  }
}

/** Links of a text in Markdown: what stands in the brackets. */
export const linksOf = (text: string): string[] =>
  [
    ...withoutFences(text)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
  ].map(([, href = '']) => href)

/** Links of files to files: those that lead nowhere, each with where it stands. */
export function brokenLinks(
  root: string,
  texts: ReadonlyMap<string, string>,
): { source: string; href: string; why: string }[] {
  const anchors = new Map<string, Set<string>>()
  const anchorsOf = (source: string) => {
    const known = anchors.get(source) ?? new Set(headingsOf(texts.get(source) ?? '').map(({ id }) => id))
    anchors.set(source, known)
    return known
  }
  return [...texts].flatMap(([source, text]) =>
    linksOf(text).flatMap((href) => {
      const target = targetOf(source, href)
      if (target === null) return []
      if (!texts.has(target.path) && !existsSync(join(root, target.path))) {
        return [{ source, href, why: 'there is no such file' }]
      }
      const isMissing =
        target.anchor !== '' && texts.has(target.path) && !anchorsOf(target.path).has(target.anchor)
      return isMissing ? [{ source, href, why: 'there is no such heading' }] : []
    }),
  )
}

/** What of a token of the parser is used. */
interface Token {
  type: string
  tag: string
  nesting: number
  content: string
  children: Token[] | null
  attrs: [name: string, value: string][] | null
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}
interface Markdown {
  set(options: { html: boolean }): void
  core: {
    ruler: {
      push(
        name: string,
        rule: (state: { tokens: Token[]; env: { page: { inputPath: string } } }) => void,
      ): void
    }
  }
  renderer: { rules: Record<string, (tokens: Token[], at: number) => string> }
}

export interface LinkPlaces {
  /** The file of the repository that a rendered file is made from. */
  sourceOf(inputPath: string): string
  /** The address of a file on the site, seen from another; null when it is not part of it. */
  addressOf(from: string, path: string): string | null
}

/** Gives headings their names, leads links to the pages of the site, and lets wide tables scroll. */
export function teach(markdown: unknown, { sourceOf, addressOf }: LinkPlaces): void {
  const parser = markdown as Markdown
  const { core, renderer } = parser
  // An angle bracket in a text is an angle bracket.
  parser.set({ html: false })
  core.ruler.push('documentation', ({ tokens, env }) => {
    const source = sourceOf(env.page.inputPath)
    const taken = new Map<string, number>()
    for (const [at, token] of tokens.entries()) {
      const inline = tokens[at + 1]
      if (token.type === 'heading_open' && inline) token.attrSet('id', slugOf(plain(inline.content), taken))
      leadLinks(token.children ?? [], source, addressOf)
    }
  })
  renderer.rules['table_open'] = () =>
    '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>\n'
  renderer.rules['table_close'] = () => '</table></div>\n'
}

function leadLinks(tokens: readonly Token[], source: string, addressOf: LinkPlaces['addressOf']): void {
  const open: boolean[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const address = leadTo(source, token.attrGet('href') ?? '', addressOf)
      open.push(address !== null)
      token.tag = address === null ? 'span' : 'a'
      token.attrs = [[address === null ? 'class' : 'href', address ?? 'file']]
    } else if (token.type === 'link_close') {
      if (!open.pop()) token.tag = 'span'
    } else if (token.type === 'image') {
      const address = leadTo(source, token.attrGet('src') ?? '', addressOf)
      if (address === null)
        throw new Error(`${source} shows ${token.attrGet('src')}, which is not part of the site`)
      token.attrSet('src', address)
    }
  }
}

/** A link to a file that is only in the repository becomes plain text. */
function leadTo(source: string, href: string, addressOf: LinkPlaces['addressOf']): string | null {
  const target = targetOf(source, href)
  if (target === null) return href
  const address = target.path === source ? '' : addressOf(source, target.path)
  if (address === null) return null
  return target.anchor === '' ? address || '#' : `${address}#${target.anchor}`
}
