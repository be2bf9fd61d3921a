import { clsx } from 'clsx'
import { ShieldCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AccessGrade, NodeAccess } from '../../contract/access.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { type Tone, toneEdge, toneText, toneTint } from '../ui/tone.ts'

interface GradeCardProps {
  readonly access: NodeAccess
  /** Asks the node again. */
  readonly ask: ReactNode
}

/** Everything works with every grade, so the worst is a matter for a person, and no failure. */
const tones: Record<AccessGrade, Tone> = { A: 'ok', B: 'ok', C: 'wait', D: 'wait', F: 'wait' }

/** The grade with its reasons, the worst first. */
export function GradeCard({ access: { grade, reasons, seenAt }, ask }: GradeCardProps) {
  const t = useMessages('nodes').access
  if (!grade) return null
  return (
    <Card>
      <CardHeader actions={ask}>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent>
        <div className="flex items-center gap-4">
          <Letter grade={grade} isLarge />
          <div className="min-w-0">
            <p className="text-lg font-semibold text-balance">{t.grades[grade]}</p>
            <p className="text-sm text-muted-foreground text-pretty">
              {t.question} {seenAt && <>{t.asked} </>}
              {seenAt && <RelativeTime at={seenAt} />}.
            </p>
          </div>
        </div>
        {reasons.length === 0 ? (
          <p className="mt-4 flex items-center gap-2">
            <ShieldCheck aria-hidden className="size-4 text-status-ok" />
            {t.best}
          </p>
        ) : (
          <ul className="mt-4 divide-y divide-border rounded-md border border-border">
            {reasons.map(({ reason, grade: best, subject }) => (
              <li key={reason} className="flex gap-3 px-3 py-2.5">
                <Letter grade={best} />
                <div className="min-w-0">
                  <p className="font-medium">
                    {t.reasons[reason]?.[0] ?? reason}
                    {subject && (
                      <span className="font-normal text-muted-foreground foreign">: {subject}</span>
                    )}
                  </p>
                  <p className="text-sm text-muted-foreground text-pretty">{t.reasons[reason]?.[1]}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </CardContent>
    </Card>
  )
}

function Letter({ grade, isLarge = false }: { readonly grade: AccessGrade; readonly isLarge?: boolean }) {
  const t = useMessages('nodes').access
  const tone = tones[grade]
  return (
    <span
      className={clsx(
        'relative grid shrink-0 place-items-center rounded-md border font-semibold',
        isLarge ? 'size-16 text-3xl' : 'size-7 text-sm',
        toneText[tone],
        toneTint[tone],
        toneEdge[tone],
      )}
    >
      <span aria-hidden>{grade}</span>
      <span className="sr-only">{t.grade(grade)}</span>
      {isLarge && tone === 'wait' && (
        <TriangleAlert aria-hidden className="absolute -top-2 -end-2 size-5 fill-card" />
      )}
    </span>
  )
}
