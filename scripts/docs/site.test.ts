import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '../../contract/api.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { errors } from '../../contract/errors.ts'
import { brokenLinks, headingsOf, slugOf } from './markdown.ts'
import { navigationOf, placeOf, sections } from './navigation.ts'
import { commandsBelow, readProgram } from './pages/commands.ts'
import { type BuiltSite, buildSite, writtenSources } from './site.ts'

const root = resolve(import.meta.dirname, '../..')

describe('the site', () => {
  let folder: string
  let built: BuiltSite
  const page = (place: string) => readFileSync(join(folder, place), 'utf8')
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carl-docs-'))
    built = await buildSite(root, folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is built, and every link of it leads somewhere', () => {
    expect(built.problems).toEqual([])
    expect(built.pages).toBeGreaterThanOrEqual(writtenSources(root).size)
  })

  test('names every error with its way out', () => {
    const html = page('reference/errors.html')
    expect(Object.keys(errors).filter((name) => !html.includes(`id="${slugOf(name)}"`))).toEqual([])
    expect(html).toContain('Stop the other program, or set PORT to a free one.')
  })

  test('names every call of the API with who may', () => {
    const html = page('reference/api.html')
    const calls = Object.values(api as Record<string, Record<string, Endpoint>>).flatMap((one) =>
      Object.values(one),
    )
    for (const { method, path } of calls) expect(html).toContain(`<code>${method} ${path}</code>`)
    expect(html.match(/Takes the permission|Anybody may/g)).toHaveLength(calls.length)
  })

  test('names every command with what it takes', async () => {
    const html = page('reference/commands.html')
    for (const name of commandsBelow(await readProgram()).keys())
      expect(html).toContain(`<code>carl ${name}</code>`)
    expect(html).toContain('<code>-n, --node &lt;selector&gt;</code>')
  })

  test('shows what is in the text as text', () => {
    expect(page('reference/commands.html')).not.toContain('<selector>')
  })

  test('can be looked through without a server', () => {
    const search = readFileSync(join(folder, 'assets/search.js'), 'utf8')
    const entries = JSON.parse(search.replace(/^globalThis\.carlSearch = /, '')) as string[][]
    expect(entries).toContainEqual([
      'Behind a proxy',
      'Caddy',
      'guide/behind-a-proxy.html#caddy',
      expect.any(String),
    ])
    expect(search.length).toBeLessThan(600_000)
  })
})

describe('texts of the project', () => {
  const tracked = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const texts = new Map(
    tracked
      .split('\0')
      .filter((file) => file !== '' && existsSync(join(root, file)))
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  )

  test('no link in any of them leads nowhere', () => {
    expect(brokenLinks(root, texts)).toEqual([])
  })

  test('every guide is in the navigation, once', () => {
    const named = navigationOf(new Set(texts.keys())).flatMap(({ pages }) =>
      pages.map(({ source }) => source),
    )
    expect(new Set(named).size).toBe(named.length)
    const guides = [...texts.keys()].filter((file) => file.startsWith('docs/guide/'))
    expect(named).toEqual(expect.arrayContaining(guides))
  })

  test('a decision is in the list of decisions', () => {
    const list = texts.get('docs/decisions/README.md') ?? ''
    const records = [...texts.keys()].filter((file) => /^docs\/decisions\/\d/.test(file))
    expect(records.filter((file) => !list.includes(`](${file.slice('docs/decisions/'.length)})`))).toEqual([])
  })
})

test('a guide that nobody named is found all the same, and one that is not there is not linked', () => {
  const navigation = navigationOf(new Set(['docs/guide/unheard-of.md', 'docs/guide/add-a-node.md']))
  const pages = navigation.flatMap((section) => section.pages.map(({ source }) => source))
  expect(pages).toEqual(['docs/guide/add-a-node.md', 'docs/guide/unheard-of.md'])
  expect(sections.length).toBeGreaterThan(navigation.length)
})

test.each([
  ['README.md', 'index.html'],
  ['docs/guide/add-a-node.md', 'guide/add-a-node.html'],
  ['docs/decisions/README.md', 'decisions/index.html'],
  ['agents/system-health/README.md', 'project/agents/system-health/index.html'],
  ['SECURITY.md', 'project/security.html'],
])('%s lies at %s', (source, place) => expect(placeOf(source)).toBe(place))

test.each([
  ['Sign in, make a token', 'sign-in-make-a-token'],
  ['The command `carl`', 'the-command-carl'],
  ['Was the audit trail touched?', 'was-the-audit-trail-touched'],
  ['[Keys](a.md) of _your_ nodes', 'keys-of-your-nodes'],
  ['Über 90 %', 'über-90-'],
])('the heading %s is linked as %s', (heading, id) => {
  expect(headingsOf(`## ${heading}\n\n\`\`\`sh\n# no heading\n\`\`\`\n`)).toMatchObject([{ id }])
})

test('headings of the same text have names of their own', () => {
  expect(headingsOf('## A\n## A\n## A').map(({ id }) => id)).toEqual(['a', 'a-1', 'a-2'])
})
