import { expect, test } from 'vitest'
import { problemsOf, problemsOfStyle } from './links.ts'

const site = (pages: Record<string, string>, files: string[] = []) => ({
  pages: new Map(Object.entries(pages)),
  files: new Set([...files, ...Object.keys(pages)]),
})

test.each<[name: string, html: string, problem: string | null]>([
  ['a page beside it', '<a href="b.html">b</a>', null],
  ['a heading of another page', '<a href="b.html#two">b</a>', null],
  ['a heading of the page itself', '<h2 id="here">h</h2><a href="#here">h</a>', null],
  ['a picture', '<img alt="" src="../images/x.png">', null],
  ['a page of others, which is only a link', '<a class="x" href="https://example.com/">e</a>', null],
  ['a page that is not there', '<a href="c.html">c</a>', 'guide/a.html: there is no guide/c.html'],
  [
    'a heading that is not there',
    '<a href="b.html#three">b</a>',
    'guide/a.html: there is no three in guide/b.html',
  ],
  ['a picture that is not there', '<img src="y.png">', 'guide/a.html: there is no guide/y.png'],
  ['an address from the root', '<a href="/b.html">b</a>', 'guide/a.html: /b.html leaves the site'],
  ['something above the site', '<a href="../../b.html">b</a>', 'guide/a.html: ../../b.html leaves the site'],
  [
    'a script from elsewhere',
    '<script src="https://cdn.example/x.js">',
    'guide/a.html: script loads https://cdn.example/x.js',
  ],
  [
    'a font from elsewhere',
    '<link rel="x" href="//cdn.example/x.css">',
    'guide/a.html: link loads //cdn.example/x.css',
  ],
  [
    'a name that is there twice',
    '<h2 id="x">1</h2><h2 id="x">2</h2>',
    'guide/a.html: the name x is there twice',
  ],
])('%s', (_, html, problem) => {
  const files = site({ 'guide/a.html': html, 'guide/b.html': '<h2 id="two">2</h2>' }, ['images/x.png'])
  expect(problemsOf(files)).toEqual(problem === null ? [] : [problem])
})

test('a style sheet loads only what lies beside it', () => {
  const css =
    "@import 'a.css'; @font-face { src: url('f.woff2') } b { background: url(data:image/png;base64,x) }"
  const problems = problemsOfStyle('assets/site.css', css, new Set(['assets/f.woff2']))
  expect(problems).toEqual(['assets/site.css: there is no a.css'])
  expect(problemsOfStyle('assets/site.css', 'url(https://fonts.example/x)', new Set())).toHaveLength(1)
})
