import { styleText } from 'node:util'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { Finding, Report } from '../../contract/reports.ts'
import { type FactRow, toKeyFacts } from './print/key-facts.ts'
import { columnsOf, padTo, toBar, wrap } from './print/layout.ts'
import { toOneLine } from '../lib/printable.ts'
import { momentOfId, toDuration, toMoment, toPercent } from './print/quantities.ts'
import { toLabel, toReadable } from './print/values.ts'
import { byUrgencyIn, isFading, needsSomeone, severities } from './rank.ts'

export interface TextOptions {
  /** Whether the terminal shows colours; `stream.hasColors()` knows, and honours NO_COLOR. */
  readonly colour: boolean
  /** Columns of the terminal. */
  readonly width: number
  /** The machine's own when left out. */
  readonly timeZone?: string
}

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

interface Page {
  readonly paint: Paint
  readonly width: number
  readonly timeZone: string | undefined
}

/** Long lines tire the eye, however wide the terminal is. */
const widthMax = 100
const widthMin = 40
const changesShown = 20
const gapsShown = 20
const tailShown = 8

const look: Readonly<Record<Severity, { readonly title: string; readonly style: Style }>> = {
  critical: { title: 'CRITICAL', style: ['red', 'bold'] },
  high: { title: 'HIGH', style: 'red' },
  warning: { title: 'WARNING', style: 'yellow' },
  info: { title: 'GOOD TO KNOW', style: 'cyan' },
}

/** The report as a person reads it in a terminal. Nothing a node says reaches the terminal as a command. */
export function toText(report: Report, { colour, width, timeZone }: TextOptions): string {
  const page: Page = {
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
    width: Math.min(widthMax, Math.max(widthMin, Math.floor(width) || widthMax)) - 2,
    timeZone,
  }
  const blocks = [
    heading(report, page),
    ...findings(report, page),
    changes(report, page),
    gaps(report, page),
    keyFacts(report, page),
  ]
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => [...block, ''])
  return `\n${lines.map((line) => (line === '' ? '' : ` ${line}`)).join('\n')}\n`
}

function heading(report: Report, { paint, width, timeZone }: Page): string[] {
  const where = toOneLine(report.nodeName, 60)
  const agent = `${toOneLine(report.agentId, 64)} ${toOneLine(report.agentVersion, 20)}`
  const when = toMoment(new Date(report.createdAt), timeZone)
  const style = report.worst ? look[report.worst].style : 'green'
  const calm = !report.findings.some((finding) => needsSomeone(finding, report.executionId))
  const verdict = wrap(toOneLine(report.verdict, 600), width - 2)
  const details = [agent, when, `took ${toDuration(report.durationMs / 1_000)}`].join(' · ')
  const isOneLine = columnsOf(where) + 2 + columnsOf(details) <= width
  const title = isOneLine
    ? [`${paint('bold', where)}  ${paint('dim', details)}`]
    : [
        ...wrap(where, width).map((line) => paint('bold', line)),
        ...wrap(details, width).map((line) => paint('dim', line)),
      ]
  return [
    ...title,
    '',
    ...verdict.map(
      (line, index) =>
        `${index === 0 ? paint(calm ? 'green' : style, calm ? '✓' : '●') : ' '} ${paint('bold', line)}`,
    ),
  ]
}

function findings(report: Report, page: Page): string[][] {
  const ordered = report.findings.toSorted(byUrgencyIn(report.executionId))
  const isOpen = (finding: Finding) => finding.state !== 'resolved' && !isFading(finding, report.executionId)
  const open = severities.map((severity) => {
    const some = ordered.filter((finding) => finding.severity === severity && isOpen(finding))
    return group(
      look[severity].title,
      look[severity].style,
      some,
      (finding) => openFinding(finding, page),
      page,
    )
  })
  const fading = ordered.filter((finding) => isFading(finding, report.executionId))
  const resolved = ordered.filter((finding) => finding.state === 'resolved')
  return [
    ...open,
    group('NOT SEEN THIS TIME', 'dim', fading, (finding) => closedFinding('○', finding, page), page),
    group('RESOLVED', 'green', resolved, (finding) => closedFinding('✓', finding, page), page),
  ]
}

function group(
  title: string,
  style: Style,
  some: readonly Finding[],
  show: (finding: Finding) => string[],
  { paint }: Page,
): string[] {
  return some.length === 0 ? [] : [paint(style, title), ...some.flatMap(show)]
}

function openFinding(finding: Finding, { paint, width }: Page): string[] {
  const { acknowledgedBy, severity, state } = finding
  const tag = acknowledgedBy === null ? state : `${state}, acknowledged by ${toOneLine(acknowledgedBy, 40)}`
  const [first = '', ...more] = wrap(toOneLine(finding.title, 300), width - 6 - columnsOf(tag))
  const details = wrap(evidenceLine(finding), width - 4).filter(Boolean)
  const fix = finding.fix ? wrap(toOneLine(finding.fix, 1_000), width - 6) : []
  const acting = state === 'new' || state === 'worse'
  return [
    `${paint(look[severity].style, '●')} ${padTo(first, width - 2 - columnsOf(tag))}${paint(acting ? 'bold' : 'dim', tag)}`,
    ...more.map((line) => `  ${line}`),
    ...details.map((line) => `    ${paint('dim', line)}`),
    ...tailLines(finding.evidence, width - 6).map((line) => `    ${paint('dim', `│ ${line}`)}`),
    ...fix.map((line, index) => `    ${index === 0 ? '→' : ' '} ${line}`),
  ]
}

const closedFinding = (mark: string, { title }: Finding, { paint, width }: Page): string[] =>
  wrap(toOneLine(title, 300), width - 2).map(
    (line, index) => `${paint('dim', `${index === 0 ? mark : ' '} ${line}`)}`,
  )

/** `used 97 GB · share 97 %`; the last lines of a log come below it, and the subject is in the title. */
function evidenceLine({ evidence, subject }: Finding): string {
  return Object.entries(evidence)
    .filter(([name, value]) => name !== 'tail' && value !== subject)
    .slice(0, 12)
    .map(([name, value]) => `${toLabel(name)} ${toReadable(name, value, 120)}`)
    .join(' · ')
}

function tailLines({ tail }: Finding['evidence'], width: number): string[] {
  if (!Array.isArray(tail)) return typeof tail === 'string' ? [toOneLine(tail, width)] : []
  return tail
    .slice(-tailShown)
    .map((line) => (typeof line === 'string' ? toOneLine(line, width) : toReadable('', line, width)))
}

function changes({ changes: all, comparedWith }: Report, { paint, width, timeZone }: Page): string[] {
  const title = (style: Style, text: string) => wrap(text, width).map((line) => paint(style, line))
  if (!all || !comparedWith)
    return title('dim', 'The first report of its kind; the next one says what has changed.')
  const since = toMoment(momentOfId(comparedWith), timeZone)
  if (all.length === 0) return title('dim', `Nothing has changed since ${since}.`)
  const marks = { added: '+', removed: '−', changed: '~' } as const
  const lines = all
    .slice(0, changesShown)
    .flatMap(({ kind, text }) =>
      wrap(toOneLine(text), width - 2).map(
        (line, index) => `${paint('dim', index === 0 ? marks[kind] : ' ')} ${line}`,
      ),
    )
  const rest = all.length - changesShown
  return [
    ...title('bold', `What changed since ${since}`),
    ...lines,
    ...(rest > 0 ? [paint('dim', `  and ${rest} more`)] : []),
  ]
}

function gaps({ gaps: all }: Report, { paint, width }: Page): string[] {
  if (all.length === 0) return []
  const names = all.slice(0, gapsShown).map(({ what }) => toOneLine(what, 24))
  const column = Math.max(...names.map(columnsOf)) + 2
  const lines = all
    .slice(0, gapsShown)
    .flatMap(({ why, remedy }, index) => [
      ...wrap(toOneLine(why), width - 2 - column).map(
        (line, place) => `  ${padTo(place === 0 ? (names[index] ?? '') : '', column)}${line}`,
      ),
      ...(remedy ? wrap(toOneLine(remedy), width - 4 - column) : []).map(
        (line, place) => `  ${' '.repeat(column)}${paint('dim', `${place === 0 ? '→' : ' '} ${line}`)}`,
      ),
    ])
  const rest = all.length - gapsShown
  return [paint('bold', 'Could not see'), ...lines, ...(rest > 0 ? [paint('dim', `  and ${rest} more`)] : [])]
}

const barWidth = 12

function keyFacts({ facts }: Report, { paint, width }: Page): string[] {
  const rows = toKeyFacts(facts)
  if (rows.length === 0) return []
  const column = Math.min(28, Math.max(...rows.map(({ label }) => columnsOf(label))) + 2)
  const lines = rows.flatMap(({ label, value, percent }) => {
    const shown =
      percent === null ? value : `${toBar(percent, barWidth)}  ${toPercent(percent).padStart(6)}  ${value}`
    const [first = '', ...more] = wrapRow(shown, percent, width - 2 - column)
    const name = `${paint('dim', padTo(toOneLine(label, column - 2), column))}`
    return [
      `  ${name}${colouredBar(first, percent, paint)}`,
      ...more.map((line) => `  ${' '.repeat(column)}${line}`),
    ]
  })
  return [paint('bold', 'Facts'), ...lines]
}

/** A row with a bar keeps its blanks: they align it with the rows above and below. */
const wrapRow = (shown: string, percent: FactRow['percent'], width: number): string[] =>
  percent === null ? wrap(shown, width) : [shown]

function colouredBar(line: string, percent: FactRow['percent'], paint: Paint): string {
  if (percent === null) return line
  const style: Style = percent >= 95 ? 'red' : percent >= 85 ? 'yellow' : 'green'
  return paint(style, line.slice(0, barWidth)) + line.slice(barWidth)
}
