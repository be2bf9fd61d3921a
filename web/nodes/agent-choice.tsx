import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { agentsQuery } from '../agents/queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Checkbox } from '../ui/checkbox.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'

interface AgentChoiceProps {
  /** Ids of agents; null for all. */
  readonly value: readonly string[] | null
  readonly onChange: (value: string[] | null) => void
  /** What is said of an agent beside its name. */
  readonly beside?: (id: string) => ReactNode
}

/** Which agents may run on a node. */
export function AgentChoice({ value, onChange, beside }: AgentChoiceProps) {
  const t = useMessages('nodes').form
  const { data } = useQuery(agentsQuery)
  const agents = data?.items.map(({ manifest: { id, title } }) => ({ id: id as string, title })) ?? []
  // One that is allowed and not installed stays allowed, and can be taken away.
  const gone = (value ?? []).filter((id) => !agents.some((agent) => agent.id === id))
  const all = [...agents, ...gone.map((id) => ({ id, title: id }))]
  return (
    <div className="grid gap-3">
      <RadioCards
        label={t.agents}
        name="allowed-agents"
        value={value === null ? 'all' : 'some'}
        columns={2}
        options={[
          { value: 'all', title: t.agentsAll[0], text: t.agentsAll[1] },
          { value: 'some', title: t.agentsSome[0], text: t.agentsSome[1] },
        ]}
        onChange={(event) => onChange(event.target.value === 'all' ? null : agents.map(({ id }) => id))}
      />
      {value && (
        <div className="grid gap-2.5 ps-1">
          {all.map(({ id, title }) => (
            <div key={id} className="flex min-w-0 items-start justify-between gap-3">
              <Checkbox
                className="min-w-0"
                label={title}
                checked={value.includes(id)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...value, id] : value.filter((one) => one !== id))
                }
              />
              {beside?.(id)}
            </div>
          ))}
          {value.length === 0 && <p className="text-sm text-status-wait">{t.agentsNone}</p>}
        </div>
      )}
    </div>
  )
}
