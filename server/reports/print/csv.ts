import type { Report } from '../../../contract/reports.ts'
import { toCsvLine } from '../../lib/csv.ts'

const columns = ['kind', 'severity', 'state', 'subject', 'title', 'value', 'unit', 'evidence', 'fix'] as const
type Row = Partial<Record<(typeof columns)[number], string | number | null>>

/**
 * The report as one flat table (RFC 4180, UTF-8): a row for the verdict, then for each finding, gap, change and
 * metric; `kind` says which. No text in it can become a formula.
 */
export function toCsv(report: Report): string {
  return [toCsvLine(columns), ...rowsOf(report).map(toLine)].join('')
}

function rowsOf(report: Report): Row[] {
  const { findings, gaps, changes, metrics } = report
  return [
    {
      kind: 'report',
      severity: report.worst,
      subject: report.nodeName,
      title: report.verdict,
      value: report.durationMs,
      unit: 'ms',
    },
    ...findings.map(
      ({ severity, state, subject, title, evidence, fix }): Row => ({
        kind: 'finding',
        severity,
        state,
        subject,
        title,
        evidence: JSON.stringify(evidence),
        fix,
      }),
    ),
    ...gaps.map((gap): Row => ({ kind: 'gap', subject: gap.what, title: gap.why, fix: gap.remedy })),
    ...(changes ?? []).map(
      (change): Row => ({
        kind: 'change',
        state: change.kind,
        subject: change.path,
        title: change.text,
        evidence: JSON.stringify({ before: change.before, after: change.after }),
      }),
    ),
    ...metrics.map(
      (metric): Row => ({
        kind: 'metric',
        subject: Object.entries(metric.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
        title: metric.name,
        value: metric.value,
        unit: metric.unit,
      }),
    ),
  ]
}

const toLine = (row: Row): string => toCsvLine(columns.map((column) => row[column]))
