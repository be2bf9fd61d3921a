import { posix } from 'node:path'
import type { Section } from '../navigation.ts'

/** A page as it is drawn: what its file became, and where it lies. */
export interface DrawnPage {
  readonly source: string
  /** Below the root of the site, without a slash in front. */
  readonly place: string
  readonly content: string
}

export interface Surroundings {
  readonly navigation: readonly Section[]
  readonly version: string
  titleOf(source: string): string
  placeOf(source: string): string
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign)

/** From one page of the site to a file of it, whatever address the site has. */
export function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to)
}

/** One page of the site, whole. It loads nothing that does not lie beside it, and can be read without a server. */
export function drawPage(page: DrawnPage, around: Surroundings): string {
  const to = (place: string) => escaped(relative(page.place, place))
  const isHome = page.place === 'index.html'
  const title = around.titleOf(page.source)
  return `<!doctype html>
<html lang="en" data-root="${escaped(relative(page.place, 'index.html').replace(/index\.html$/, ''))}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${isHome ? 'Carl' : `${escaped(title)} · Carl`}</title>
<meta name="description" content="${escaped(summaryOf(page.content))}">
<link rel="icon" href="${to('assets/icon.svg')}">
<link rel="stylesheet" href="${to('assets/site.css')}">
<script src="${to('assets/site.js')}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="home" href="${to('index.html')}"><img src="${to('assets/icon.svg')}" alt="" width="28" height="28"> <b>Carl</b> <span>${escaped(around.version)}</span></a>
<form class="search" role="search"><input type="search" name="q" placeholder="Search" aria-label="Search the documentation" autocomplete="off" aria-controls="found"><kbd>/</kbd></form>
<button type="button" id="theme" aria-label="Light or dark"><span aria-hidden="true">◐</span></button>
<button type="button" id="menu" aria-expanded="false" aria-controls="navigation">Menu</button>
</header>
<div id="found" hidden></div>
<div class="frame">
<nav id="navigation" aria-label="Pages">${drawNavigation(page, around, to)}</nav>
<main id="content"${isHome ? ' class="front"' : ''}>
${page.content}
${isHome ? '' : drawNeighbours(page, around, to)}
</main>
${isHome ? '' : drawOutline(page.content)}
</div>
</body>
</html>
`
}

function drawNavigation(page: DrawnPage, { navigation, titleOf, placeOf }: Surroundings, to: Lead): string {
  return navigation
    .map(({ title, pages }) => {
      const items = pages.map(({ source, short }) => {
        const isHere = source === page.source ? ' aria-current="page"' : ''
        return `<li><a href="${to(placeOf(source))}"${isHere}>${escaped(short ?? titleOf(source))}</a></li>`
      })
      const isOpen = pages.some(({ source }) => source === page.source) ? ' data-here' : ''
      return `<section${isOpen}><h2>${escaped(title)}</h2><ul>${items.join('')}</ul></section>`
    })
    .join('')
}

type Lead = (place: string) => string

function drawNeighbours(page: DrawnPage, { navigation, titleOf, placeOf }: Surroundings, to: Lead): string {
  const all = navigation.flatMap(({ pages }) => pages.map(({ source }) => source))
  const at = all.indexOf(page.source)
  if (at < 0) return ''
  const link = (source: string | undefined, word: string) =>
    source === undefined
      ? '<span></span>'
      : `<a class="${word.toLowerCase()}" href="${to(placeOf(source))}"><span>${word}</span> ${escaped(titleOf(source))}</a>`
  return `<nav class="neighbours" aria-label="Neighbours">${link(all[at - 1], 'Before')}${link(all[at + 1], 'Next')}</nav>`
}

/** What is on this page, where that is enough to get lost in, and not so much that it says nothing. */
function drawOutline(content: string): string {
  const headings = [...content.matchAll(/<h2 id="([^"]+)">(.+?)<\/h2>/g)]
  if (headings.length < 2 || headings.length > 40) return ''
  const items = headings.map(
    ([, id = '', text = '']) => `<li><a href="#${id}">${text.replace(/<[^>]+>/g, '')}</a></li>`,
  )
  return `<aside aria-label="On this page"><h2>On this page</h2><ul>${items.join('')}</ul></aside>`
}

/** The first paragraph, without marks. */
export function summaryOf(content: string): string {
  const [, text = ''] = /<p>([^]*?)<\/p>/.exec(content) ?? []
  return text
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .trim()
}
