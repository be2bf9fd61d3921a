import { EyeOff, KeyRound } from 'lucide-react'
import type { Gap } from '../../../contract/agent-protocol.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'

/** What the agent could not see, said as what it is: no all-clear. Draws nothing when it saw everything. */
export function GapsCard({ gaps }: { readonly gaps: readonly Gap[] }) {
  const t = useMessages('execution').gaps
  if (gaps.length === 0) return null
  return (
    <Card id="gaps" aria-label={t.title} className="scroll-mt-20 target:bg-primary/6">
      <CardHeader>
        <CardTitle className="flex items-center gap-2">
          <EyeOff aria-hidden className="size-4 shrink-0 text-status-wait" />
          {t.title}
        </CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.text}</p>
      </CardHeader>
      <CardContent>
        <ul className="space-y-3">
          {gaps.map(({ what, why, remedy }, index) => (
            <li key={index} className="space-y-0.5">
              <p className="text-pretty foreign">
                <span className="font-medium">{what}</span>{' '}
                <span className="text-muted-foreground">— {why}</span>
              </p>
              {remedy && (
                <p className="flex gap-2 text-sm text-pretty">
                  <KeyRound aria-hidden className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
                  <span className="min-w-0 foreign">
                    <span className="sr-only">{t.remedy}: </span>
                    {remedy}
                  </span>
                </p>
              )}
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  )
}
