import { posix } from 'node:path'

/** A site in memory: the text of each page by its place, and the places of all other files. */
export interface SiteFiles {
  readonly pages: ReadonlyMap<string, string>
  readonly files: ReadonlySet<string>
}

const attributes = /<([a-z]+)\b[^>]*?\s(href|src)="([^"]*)"/g

/** What is wrong with the links of a site, each in one line: what leads nowhere, and what would be fetched from elsewhere. */
export function problemsOf({ pages, files }: SiteFiles): string[] {
  const ids = new Map([...pages].map(([place, html]) => [place, idsOf(html)]))
  return [...pages].flatMap(([place, html]) => [
    ...[...html.matchAll(attributes)].flatMap(([, tag = '', , address = '']) =>
      problemOf(place, tag, address.replaceAll('&amp;', '&')),
    ),
    ...twice(html).map((id) => `${place}: the name ${id} is there twice`),
  ])

  function problemOf(place: string, tag: string, address: string): string[] {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(address)) {
      return tag === 'a' ? [] : [`${place}: ${tag} loads ${address}`]
    }
    const [path = '', anchor = ''] = address.split('#')
    const target = path === '' ? place : posix.join(posix.dirname(place), decodeURI(path))
    if (target.startsWith('..') || path.startsWith('/')) return [`${place}: ${address} leaves the site`]
    if (!pages.has(target) && !files.has(target)) return [`${place}: there is no ${target}`]
    if (anchor === '' || !pages.has(target) || ids.get(target)?.has(decodeURIComponent(anchor))) return []
    return [`${place}: there is no ${anchor} in ${target}`]
  }
}

const idsOf = (html: string): Set<string> =>
  new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id))

function twice(html: string): string[] {
  const all = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id)
  return [...new Set(all.filter((id, at) => all.indexOf(id) !== at))]
}

/** What a style sheet loads from elsewhere, and what of it is not there. */
export function problemsOfStyle(place: string, css: string, files: ReadonlySet<string>): string[] {
  return [...css.matchAll(/url\(\s*['"]?([^'")]+)['"]?\s*\)|@import\s+['"]([^'"]+)['"]/g)].flatMap(
    ([, url, imported]) => {
      const address = url ?? imported ?? ''
      if (address.startsWith('data:')) return []
      const target = posix.join(posix.dirname(place), address)
      return files.has(target) ? [] : [`${place}: there is no ${address}`]
    },
  )
}
