import type { Report } from '../../contract/reports.ts'
import type { DownloadReply } from '../lib/routes.ts'
import { toCsv } from './print/csv.ts'
import { toMarkdown } from './print/markdown.ts'

export type ReportFormat = 'json' | 'csv' | 'md'

/** The report as a file: whole as JSON, one flat table as CSV, for people as Markdown. */
export function exportReport(report: Report, format: ReportFormat): DownloadReply & { body: string } {
  const fileName = `${toFileName(report)}.${format}`
  switch (format) {
    case 'json':
      return { mediaType: 'application/json', fileName, body: `${JSON.stringify(report, null, 2)}\n` }
    case 'csv':
      return { mediaType: 'text/csv', fileName, body: toCsv(report) }
    case 'md':
      return { mediaType: 'text/markdown', fileName, body: toMarkdown(report) }
  }
}

/** `nas-system-health-2026-11-24-1217`: nothing that a file system or a header could take amiss. */
function toFileName({ nodeName, agentId, createdAt }: Report): string {
  const node = nodeName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
  const moment = `${createdAt.slice(0, 10)}-${createdAt.slice(11, 16).replace(':', '')}`
  return `${node}-${agentId}-${moment}`.replace(/[^a-z0-9-]+/g, '').replace(/^-+|-+$|(?<=-)-+/g, '')
}
