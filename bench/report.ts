import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, release } from 'node:os'

/** One comparison, in words that stand in a table. */
export interface Row {
  readonly what: string
  readonly carl: string
  /** What it is held against, with its own figure; empty where there is none. */
  readonly beside: string
  readonly comes: string
  /** What is accepted at least; empty where nothing was promised. */
  readonly bar: string
  readonly held: boolean | null
}

/** What one file of `figures/` measures. */
export interface Figure {
  readonly title: string
  readonly rows: readonly Row[]
  /** How it was measured, and what has to be known to read it; each a sentence or two. */
  readonly notes: readonly string[]
}

/** A figure with the most or the least that it may be. */
export interface Bar {
  readonly atMost?: number
  readonly atLeast?: number
  readonly unit: string
}

export function judge(value: number, { atMost, atLeast, unit }: Bar): Pick<Row, 'bar' | 'held'> {
  if (atMost !== undefined) return { bar: `≤ ${atMost} ${unit}`, held: value <= atMost }
  if (atLeast !== undefined) return { bar: `≥ ${atLeast} ${unit}`, held: value >= atLeast }
  return { bar: '', held: null }
}

/** Few enough digits to be true: 1234, 56, 7.8, 0.91. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 20 ? value.toFixed(0) : value >= 2 ? value.toFixed(1) : value.toFixed(2)
}

export const ms = (value: number): string => `${digits(value)} ms`
export const times = (value: number): string => `${digits(value)} ×`
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

export function toMarkdown(figures: readonly Figure[]): string {
  return figures.map(figureToMarkdown).join('\n\n')
}

function figureToMarkdown({ title, rows, notes }: Figure): string {
  const cells = (texts: readonly string[]) =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  const table = [
    cells(['What', 'Carl', 'Beside it', 'Comes to', 'Accepted', 'Held']),
    cells(['---', '---', '---', '---', '---', '---']),
    ...rows.map(({ what, carl, beside, comes, bar, held }) =>
      cells([what, carl, beside, comes, bar, held === null ? '' : held ? 'yes' : '**no**']),
    ),
  ]
  const list = notes.map((note) => `- ${note}`)
  return [`### ${title}`, table.join('\n'), ...(list.length > 0 ? [list.join('\n')] : [])].join('\n\n')
}

/** The machine in general terms: what a reader needs to judge the figures, and nothing that names it. */
export function describeMachine(programs: readonly string[]): string {
  const all = cpus()
  const model = (all[0]?.model ?? arch())
    .replace(/\((R|TM)\)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  const family = model.replace(/\s*@.*$/, '')
  return `${all.length} cores (${family}), ${systemName()}, Linux ${release().split('-')[0]}, Node ${process.versions.node}, ${programs.join(', ')}`
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return 'Linux'
  }
}

const marks = ['<!-- figures: written by npm run bench -->', '<!-- end of figures -->'] as const

/** Puts text between the marks of a file; everything around stays. Throws when the marks are missing. */
export function fillIn(file: string, text: string): void {
  writeFileSync(file, filled(readFileSync(file, 'utf8'), text))
}

export function filled(page: string, text: string): string {
  const start = page.indexOf(marks[0])
  const end = page.indexOf(marks[1])
  if (start < 0 || end < start) throw new Error('the marks between which the figures stand are missing')
  return `${page.slice(0, start)}${marks[0]}\n\n${text}\n\n${page.slice(end)}`
}
