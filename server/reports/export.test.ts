import { expect, test } from 'vitest'
import { report as reportShape, type Report } from '../../contract/reports.ts'
import { exportReport } from './export.ts'
import { toCsv } from './print/csv.ts'
import { code, plain, toMarkdown } from './print/markdown.ts'
import { sampleReport } from './sample-report.ts'

/** Reads CSV as RFC 4180 has it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') {
      rows.push(row)
      row = []
    }
  }
  return rows
}

const evil = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  ' =1',
  '＝1',
  '\u0000=1',
  '=HYPERLINK("http://evil.example","x")',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  '</td></tr> | **bold** `code` # head',
  'https://evil.example www.evil.example a@evil.example @admin #1 !2 GH-3 :smile:',
  '\u001b]0;title\u0007\u001b[31mred\r\n\u202ertl\u2028line',
  '```\nfence',
  '---',
  '1. list',
  '"quoted", and, commas\nand lines',
]

/** The sample with this text wherever a node can put text. */
function reportSaying(text: string): Report {
  const [first] = sampleReport.findings
  if (!first) throw new Error('the sample has findings')
  return {
    ...sampleReport,
    verdict: text,
    findings: [
      {
        ...first,
        rule: text,
        subject: text,
        title: text,
        fix: text,
        evidence: { [text]: text, list: [text], tail: [text] },
      },
    ],
    gaps: [{ what: text, why: text, remedy: text }],
    changes: [{ path: text, kind: 'changed', before: text, after: { [text]: text }, text }],
    metrics: [{ name: text, value: -1, unit: text, labels: { [text]: text } }],
    schema: text,
    facts: {
      [text]: text,
      host: { os_id: text, kernel: text },
      disks: [{ mount: text, state: text }],
      ports: { external: [text] },
    },
  }
}

test('CSV is one table with the same columns in every row', () => {
  const rows = parseCsv(toCsv(sampleReport))
  expect(rows[0]).toEqual([
    'kind',
    'severity',
    'state',
    'subject',
    'title',
    'value',
    'unit',
    'evidence',
    'fix',
  ])
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([9]))
  expect(rows.map(([kind]) => kind)).toEqual([
    'kind',
    'report',
    ...Array.from({ length: 6 }, () => 'finding'),
    'gap',
    'change',
    'change',
    'change',
    'metric',
    'metric',
  ])
})

test('numbers in CSV stay numbers, also below zero', () => {
  expect(parseCsv(toCsv(sampleReport)).at(-1)).toEqual([
    'metric',
    '',
    '',
    '',
    'temperature',
    '-3.5',
    '°C',
    '',
    '',
  ])
})

test.each(evil)('%j becomes no formula and no further column in CSV', (text) => {
  const rows = parseCsv(toCsv(reportSaying(text)))
  expect(rows.filter((row) => row.length !== 9)).toEqual([])
  const texts = rows.flatMap((row) => row.filter((_, column) => column !== 5))
  expect(texts.filter((field) => /^[\s\ufffd]*[=+\-@＝＋－＠]/.test(field))).toEqual([])
  expect(rows).toHaveLength(6)
})

test.each(evil)('%j stays text in Markdown', (text) => {
  const markdown = toMarkdown(reportSaying(text))
  const outsideCode = markdown
    .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
    .replace(/\\[!-/:-@[-`{-~]/g, '')
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
  expect(outsideCode).not.toMatch(/[<[`]/)
  expect(outsideCode).not.toMatch(/:\/\/|www\.|@\w|(?<!#)#\w|!\d|GH-\d|:smile:/)
  expect(markdown.replaceAll('\u2060', '')).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u)
  // The same headings and table rows as a harmless text gives.
  const shapeOf = (of: string) =>
    of.split('\n').map((line) => /^(#+ |\||- )?/.exec(line)?.[0] + line.replace(/[^|]/g, ''))
  const harmless = toMarkdown(reportSaying('harmless')).replace(/^```text\n[\s\S]*?\n```$/gm, '')
  expect(shapeOf(outsideCode)).toEqual(shapeOf(harmless))
})

test.each([
  ['/var is 97 % full', '/var is 97 % full'],
  ['a_b *c*', 'a\\_b \\*c\\*'],
  ['12. Nov', '12\\. Nov'],
  ['6.4 GB', '6.4 GB'],
  ['- item', '\\- item'],
])('%j reads as %j in Markdown', (text, escaped) => {
  expect(plain(text)).toBe(escaped)
})

test.each([
  ['a', '`a`'],
  ['a`b', '`` a`b ``'],
  ['``', '``` `` ```'],
  ['', '` `'],
])('code %j is fenced as %j', (text, fenced) => {
  expect(code(text)).toBe(fenced)
})

test('Markdown tells the verdict, the findings, what changed and what could not be seen', () => {
  const markdown = toMarkdown(sampleReport)
  expect(markdown).toContain('**2 things need you, worst: /var is 97 % full. Not wholly seen: auth.**')
  expect(markdown).toContain('### 🔴 /var is 97 % full\n\n_critical, new_')
  expect(markdown).toContain('- /var grew from 84 % to 97 % \\(\\+13 GB\\)')
  expect(markdown).toContain('- **auth**: the log of logins cannot be read.')
  expect(markdown).toContain('| /srv/media | 7 TB of 8 TB (88 %) |')
})

test('a file is named by node, agent and moment, and JSON is the whole report', () => {
  const reply = exportReport({ ...sampleReport, nodeName: '../Büro NAS "1"\r\nX: y' }, 'json')
  expect(reply).toMatchObject({
    mediaType: 'application/json',
    fileName: 'bu-ro-nas-1-x-y-system-health-2025-11-23-1217.json',
  })
  const json = JSON.parse(exportReport(sampleReport, 'json').body) as unknown
  expect(reportShape.parse(json)).toEqual(sampleReport)
  expect(exportReport(sampleReport, 'csv')).toMatchObject({ mediaType: 'text/csv' })
  expect(exportReport(sampleReport, 'md')).toMatchObject({ mediaType: 'text/markdown' })
})
