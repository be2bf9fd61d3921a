import { useQuery } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { summaryQuery } from '../costs/queries.ts'
import { useMessages } from '../lib/messages.ts'

/** Stands over every page while a program plays the model, so that nobody takes its answers for Claude's. */
export function StandInRibbon() {
  const t = useMessages('ai')
  const { data: costs } = useQuery(summaryQuery)
  if (!costs?.isStandIn) return null
  return (
    <p
      role="note"
      className="flex gap-2 border-b border-status-wait/40 bg-status-wait/10 px-4 py-1.5 text-sm text-status-wait md:px-6"
    >
      <FlaskConical aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="text-pretty">{t.ribbon}</span>
    </p>
  )
}
