import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AgentId } from '../../contract/ids.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'

/** How a schedule or a trigger is set, in words. */
export function SettingsCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="grid gap-2 text-sm">{children}</dl>
      </CardContent>
    </Card>
  )
}

export function Item({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}

/** Which agent starts, and whether only on trial. */
export function AgentItem({
  label,
  agentId,
  dryRun,
}: {
  readonly label: string
  readonly agentId: AgentId
  /** What a dry run is called; null where it is none. */
  readonly dryRun: string | null
}) {
  const titleOf = useAgentTitle()
  return (
    <Item label={label}>
      <Link to="/agents/$id" params={{ id: agentId }} className="underline underline-offset-2">
        {titleOf(agentId)}
      </Link>
      {dryRun !== null && ` (${dryRun})`}
    </Item>
  )
}

/** What the agent starts with; nothing where all is as usual. */
export function OptionsItem({
  label,
  options,
}: {
  readonly label: string
  readonly options: Readonly<Record<string, unknown>>
}) {
  const entries = Object.entries(options)
  if (entries.length === 0) return null
  return (
    <Item label={label}>
      <code className="block text-xs break-words whitespace-pre-wrap foreign">
        {entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join('\n')}
      </code>
    </Item>
  )
}
