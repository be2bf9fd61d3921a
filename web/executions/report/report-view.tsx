import { CircleAlert, CircleCheck, CircleHelp } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Report } from '../../../contract/reports.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardHeader, CardTitle } from '../../ui/card.tsx'
import { severityLooks } from '../../ui/severity-badge.tsx'
import { toneText } from '../../ui/tone.ts'
import { FactsTree } from '../facts-tree.tsx'
import { ChangesCard } from './changes-card.tsx'
import { ExplanationPanel } from './explanation/panel.tsx'
import { FindingsCard } from './findings-card.tsx'
import { GapsCard } from './gaps-card.tsx'
import { KeyFactsCard } from './key-facts-card.tsx'
import { needsSomeone } from './standing.ts'

export interface ReportViewProps {
  readonly report: Report
  /** Lines of the log, by key of the finding. */
  readonly lines: ReadonlyMap<string, number>
  /** What it proposes to change, before what it found. */
  readonly plan?: ReactNode
}

/** A report as a person reads it: the verdict, what needs them, what changed, what could not be seen, the facts. */
export function ReportView({ report, lines, plan }: ReportViewProps) {
  const t = useMessages('execution').facts
  const [focus, setFocus] = useState<{ readonly fact: string; readonly times: number }>()
  const showFact = (fact: string) => setFocus((before) => ({ fact, times: (before?.times ?? 0) + 1 }))
  return (
    <div className="space-y-4">
      <Verdict report={report} />
      <ExplanationPanel report={report} onShowFact={showFact} />
      {plan}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,24rem)]">
        <div className="min-w-0 space-y-4">
          <FindingsCard report={report} lines={lines} onShowFact={showFact} />
        </div>
        <div className="min-w-0 space-y-4">
          <ChangesCard report={report} />
          <GapsCard gaps={report.gaps} />
          <KeyFactsCard facts={report.facts} />
        </div>
      </div>
      <Card aria-label={t.all}>
        <CardHeader>
          <CardTitle>{t.all}</CardTitle>
        </CardHeader>
        {/* Anew each time, so that a fact that is open already is brought into view again. */}
        <FactsTree key={focus?.times ?? 0} facts={report.facts} focus={focus?.fact} />
      </Card>
    </div>
  )
}

/** The sentence that often is all one needs, with the colour of the worst that needs somebody. */
function Verdict({ report }: { readonly report: Report }) {
  const urgent = report.findings.find((finding) => needsSomeone(finding, report.executionId))
  const isCalm = urgent === undefined
  const look = isCalm
    ? report.gaps.length > 0
      ? { tone: 'idle' as const, Icon: CircleHelp }
      : { tone: 'ok' as const, Icon: CircleCheck }
    : { tone: severityLooks[urgent.severity].tone, Icon: CircleAlert }
  return (
    <h2 className="flex gap-3 max-w-4xl text-lg font-semibold text-pretty">
      <look.Icon aria-hidden className={`mt-0.5 size-5 shrink-0 ${toneText[look.tone]}`} />
      <span className="min-w-0 foreign">{report.verdict}</span>
    </h2>
  )
}
