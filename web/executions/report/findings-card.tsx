import { CircleCheck } from 'lucide-react'
import { useEffect } from 'react'
import type { Finding, Report } from '../../../contract/reports.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardHeader, CardTitle } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SeverityBadge } from '../../ui/severity-badge.tsx'
import { factOf } from './fact-of.ts'
import { FindingItem } from './finding-item.tsx'
import { groupFindings } from './standing.ts'

interface FindingsCardProps {
  readonly report: Report
  /** Lines of the log, by key of the finding. */
  readonly lines: ReadonlyMap<string, number>
  readonly onShowFact: (fact: string) => void
}

/** All findings of a report: by severity, then what was not seen, then what is resolved. */
export function FindingsCard({ report, lines, onShowFact }: FindingsCardProps) {
  const t = useMessages('execution').findings
  const { open, fading, resolved } = groupFindings(report.findings, report.executionId)
  useAnchor(report.executionId)
  return (
    <Card aria-label={t.title}>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      {report.findings.length === 0 && (
        <EmptyState icon={CircleCheck} title={t.none} text={t.noneText} className="py-8" />
      )}
      {open.map(({ severity, findings }) => (
        <div key={severity}>
          <div className="flex items-center gap-2 border-y border-border bg-muted/60 px-4 py-1.5 text-sm">
            <SeverityBadge severity={severity} />
            <span className="text-muted-foreground tabular-nums">{formatNumber(findings.length)}</span>
          </div>
          <ul className="divide-y divide-border">
            {findings.map((finding) => (
              <FindingItem
                key={finding.key}
                finding={finding}
                line={lines.get(finding.key)}
                fact={factOf(finding.rule, report.facts)}
                onShowFact={onShowFact}
              />
            ))}
          </ul>
        </div>
      ))}
      <Folded title={t.fading} note={t.fadingNote} findings={fading} />
      <Folded title={t.resolved} findings={resolved} />
    </Card>
  )
}

interface FoldedProps {
  readonly title: string
  readonly note?: string
  readonly findings: readonly Finding[]
}

function Folded({ title, note, findings }: FoldedProps) {
  if (findings.length === 0) return null
  return (
    <details open={findings.length <= 3} className="border-t border-border">
      <summary className="flex min-h-(--row) items-center gap-2 bg-muted/60 px-4 py-1.5 text-sm font-medium text-muted-foreground">
        {title}
        <span className="font-normal tabular-nums">{formatNumber(findings.length)}</span>
        {note && <span className="font-normal max-sm:hidden">{note}</span>}
      </summary>
      <ul className="divide-y divide-border border-t border-border">
        {findings.map((finding) => (
          <FindingItem key={finding.key} finding={finding} short />
        ))}
      </ul>
    </details>
  )
}

/** A link to a finding was followed before the report was there: go there once it is. */
function useAnchor(executionId: string) {
  useEffect(() => {
    const anchor = location.hash.slice(1)
    if (!anchor.startsWith('finding-')) return
    const place = document.getElementById(anchor) ?? document.getElementById(decodeURIComponent(anchor))
    place?.scrollIntoView({ block: 'center' })
  }, [executionId])
}
