import type { Finding, Report } from '../../../contract/reports.ts'
import { byUrgencyIn, isFading } from '../rank.ts'
import { toKeyFacts } from './key-facts.ts'
import { toOneLine } from '../../lib/printable.ts'
import { momentOfId, toDuration, toMoment, toPercent } from './quantities.ts'
import { toLabel, toReadable } from './values.ts'

const marks = { critical: '🔴', high: '🟠', warning: '🟡', info: '🔵' } as const
const changesShown = 50

/** The report as Markdown that reads well in an issue of a forge. Text from the node stays text: see `plain`. */
export function toMarkdown(report: Report): string {
  const { findings, executionId } = report
  const ordered = findings.toSorted(byUrgencyIn(executionId))
  const parts = [
    `# ${plain(report.nodeName)}: ${plain(report.agentId)}`,
    `**${plain(report.verdict)}**`,
    `${plain(report.agentId)} ${plain(report.agentVersion)}, ${toMoment(new Date(report.createdAt), 'UTC')}, took ${toDuration(report.durationMs / 1_000)}`,
    section(
      'Findings',
      ordered.map((finding) => findingPart(finding, isFading(finding, executionId))),
      '\n\n',
    ),
    changesPart(report),
    section(
      'Could not see',
      report.gaps.map(
        ({ what, why, remedy }) => `- **${plain(what)}**: ${plain(why)}${remedy ? `. ${plain(remedy)}` : ''}`,
      ),
    ),
    factsPart(report),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

const section = (title: string, items: readonly string[], between = '\n'): string =>
  items.length > 0 ? `## ${title}\n\n${items.join(between)}` : ''

function findingPart(finding: Finding, isFadingNow: boolean): string {
  const { severity, title, evidence, fix, acknowledgedBy } = finding
  const state = isFadingNow ? 'not seen this time' : finding.state
  const notes = [severity, state, acknowledgedBy === null ? null : `acknowledged by ${plain(acknowledgedBy)}`]
  const { tail, ...values } = evidence
  const numbers = Object.entries(values)
    .slice(0, 20)
    .map(([name, value]) => `- ${plain(toLabel(name))}: ${code(toReadable(name, value, 300))}`)
  return [
    `### ${finding.state === 'resolved' ? '✅' : marks[severity]} ${plain(title)}`,
    `_${notes.filter(Boolean).join(', ')}_`,
    numbers.join('\n'),
    Array.isArray(tail) ? block(tail.slice(-20).map((line) => toReadable('', line, 300))) : '',
    fix ? `**Fix:** ${plain(fix)}` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}

function changesPart({ changes, comparedWith }: Report): string {
  if (!changes || !comparedWith) return ''
  const since = toMoment(momentOfId(comparedWith), 'UTC')
  if (changes.length === 0) return `## What changed\n\nNothing since ${since}.`
  const rest = changes.length - changesShown
  const lines = changes.slice(0, changesShown).map(({ text }) => `- ${plain(text)}`)
  return section(`What changed since ${since}`, rest > 0 ? [...lines, `- and ${rest} more`] : lines)
}

function factsPart({ facts }: Report): string {
  const rows = toKeyFacts(facts).map(({ label, value, percent }) => {
    const shown = percent === null ? plain(value) : `${plain(value)} (${toPercent(percent)})`
    return `| ${plain(label)} | ${shown} |`
  })
  return rows.length > 0 ? ['## Facts', '', '| | |', '| --- | --- |', ...rows].join('\n') : ''
}

/** Joins words without a sight of it, and keeps forges from seeing a mention, a reference, an emoji or an address. */
const joiner = '\u2060'

/**
 * Text that Markdown shows exactly as it is. Every mark is escaped; where forges make links of plain text (`@name`,
 * `#12`, `!34`, `www.`, `https://`, `GH-12`) an invisible word joiner is put between.
 */
export function plain(text: string): string {
  return toOneLine(text, 1_000)
    .replace(/([@#!~$%&^])(?=[\p{L}\p{N}_])/gu, `$1${joiner}`)
    .replace(/:(?=\/\/|[\w+-]+:)/g, `:${joiner}`)
    .replace(/\b(www)\./giu, `$1${joiner}.`)
    .replace(/\b(GH)-(?=\d)/giu, `$1${joiner}-`)
    .replace(/[\\`*_{}[\]<>()#+!|~&$^=]/g, '\\$&')
    .replace(/^(\d+)(?=\.(\s|$))/, '$1\\')
    .replace(/^-(?=[\s-]|$)/, '\\$&')
}

/** Text as code, fenced by more backticks than it holds. Forges make no links in code. */
export function code(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const padding = text.startsWith('`') || text.endsWith('`') || longest > 0 ? ' ' : ''
  return `${fence}${padding}${text || ' '}${padding}${fence}`
}

/** Lines of a log, shown as they are. */
function block(lines: readonly string[]): string {
  const text = lines.join('\n')
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}
