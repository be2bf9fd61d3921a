import { describe, expect, test } from 'vitest'
import { type Block, type Inline, parseInline, parseMarkdown } from './markdown.ts'

/** A tree in short: what is drawn, and around what. */
function draw(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'heading':
          return `h${block.level}(${line(block.children)})`
        case 'paragraph':
          return `p(${line(block.children)})`
        case 'code':
          return `pre(${block.text})`
        case 'list':
          return `${block.ordered ? 'ol' : 'ul'}(${block.items.map(draw).join(' / ')})`
        case 'table':
          return `table(${[block.head, ...block.rows].map((row) => row.map(line).join(' | ')).join(' / ')})`
        case 'quote':
          return `quote(${draw(block.children)})`
        case 'rule':
          return 'hr'
      }
    })
    .join(' ')
}

const line = (parts: readonly Inline[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      if (part.kind === 'code') return `code(${part.text})`
      if (part.kind === 'link') return `link(${line(part.children)} → ${part.host})`
      return `${part.kind}(${'children' in part ? line(part.children) : part.text})`
    })
    .join('')

describe('a README is read', () => {
  test.each([
    ['headings', '# One\n## Two ##', 'h1(One) h2(Two)'],
    ['paragraphs over several lines', 'one\ntwo\n\nthree', 'p(one two) p(three)'],
    [
      'code blocks as they are',
      '```sh\n# not a heading\n  rm *\n```\nafter',
      'pre(# not a heading\n  rm *) p(after)',
    ],
    ['a code block without an end', '```\nrest', 'pre(rest)'],
    ['lists', '- one\n- two\n  goes on\n- three', 'ul(p(one) / p(two goes on) / p(three))'],
    ['numbered lists', '1. one\n2. two\n\nafter', 'ol(p(one) / p(two)) p(after)'],
    ['lists in lists', '- one\n  - inner\n- two', 'ul(p(one) ul(p(inner)) / p(two))'],
    [
      'tables',
      '| a | b |\n| --- | --- |\n| `x|y` | z\\|z |\n| short |',
      'table(a | b / code(x|y) | z|z / short | )',
    ],
    ['quotes and rules', '> said\n> so\n\n---', 'quote(p(said so)) hr'],
    ['windows line ends', '# One\r\n\r\ntwo', 'h1(One) p(two)'],
  ])('%s', (_, text, wanted) => {
    expect(draw(parseMarkdown(text))).toBe(wanted)
  })
})

describe('a line is read', () => {
  test.each([
    ['code', 'run `a *b*` now', 'run code(a *b*) now'],
    ['strong and emphasis', '**very** *much* _so_', 'strong(very) em(much) em(so)'],
    ['names with underscores', 'disk_warn_pct and a_b', 'disk_warn_pct and a_b'],
    ['stars that are none', '2 * 3 * 4', '2 * 3 * 4'],
    ['marks without their other half', '**open `tick [link', '**open `tick [link'],
    ['escapes', '\\*not\\* \\`code\\`', '*not* `code`'],
    ['a link, with the host it leads to', '[docs](https://example.org/a?b "t")', 'link(docs → example.org)'],
    ['a picture as its words', '![logo](https://example.org/x.png)', 'link(logo → example.org)'],
  ])('%s', (_, text, wanted) => {
    expect(line(parseInline(text))).toBe(wanted)
  })
})

describe('what wants to break out stays text', () => {
  test.each([
    ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
    ['an autolink', '<javascript:alert(1)>'],
    ['an entity', '&lt;b&gt; &#x3C;'],
  ])('%s', (_, text) => {
    expect(draw(parseMarkdown(text))).toBe(`p(${text})`)
  })

  test.each([
    ['a script', '[click](javascript:alert)'],
    ['a script in disguise', '[click](JaVaScRiPt:x)'],
    ['data', '[click](data:text/html;base64,x)'],
    ['a path of this server', '[click](/api/v1/session)'],
    ['another scheme relative address', '[click](//evil.example)'],
    ['no address at all', '[click](https://)'],
  ])('a link to %s leads nowhere', (_, text) => {
    expect(line(parseInline(text))).toBe('link(click → null)')
  })

  test.each([
    ['brackets without end', '['.repeat(200_000)],
    ['stars without end', '*a'.repeat(100_000)],
    ['quotes in quotes', `${'>'.repeat(100_000)} x`],
    ['lists in lists', Array.from({ length: 2_000 }, (_, at) => `${'  '.repeat(at)}- x`).join('\n')],
    ['a table of bars', `${'|'.repeat(50_000)}\n${'|-'.repeat(50_000)}|`],
    ['backticks', '`'.repeat(199_999)],
    ['a title of signs', `# ${'# '.repeat(90_000)}x`],
    ['a title of spaces', `# x${' '.repeat(190_000)}x`],
    ['almost a rule', `${'- '.repeat(90_000)}x`],
    ['almost a table line', `a|b\n${'-'.repeat(100_000)}x`],
  ])('%s are read to their end', (_, text) => {
    expect(parseMarkdown(text).length).toBeGreaterThan(0)
  })
})
