import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { NodeAccess } from '../../contract/access.ts'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import type { Tone } from '../ui/tone.ts'
import { AgentChoice } from '../nodes/agent-choice.tsx'

interface GrantsCardProps {
  readonly node: Node
  readonly agents: NodeAccess['agents']
  /** Whether a gate on the node has to follow. */
  readonly hasGate: boolean
}

type OnNode = NodeAccess['agents'][number]['onNode']

/** Which agents may run here, what the node makes of it, and the choice for an administrator. */
export function GrantsCard({ node, agents, hasGate }: GrantsCardProps) {
  const t = useMessages('nodes').access
  const queries = useQueryClient()
  const mayWrite = useCan('node.write', node.id)
  const [chosen, setChosen] = useState<readonly string[] | null>(node.allowedAgents)
  const isChanged = sorted(chosen) !== sorted(node.allowedAgents)
  const save = useMutation({
    mutationFn: () =>
      api.nodes.change({
        params: { id: node.id },
        body: { allowedAgents: chosen as Node['allowedAgents'] },
      }),
    onSuccess: () => {
      tellSuccess(hasGate ? t.savedGate : t.saved)
      void queries.invalidateQueries({ queryKey: ['nodes'] })
    },
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.agents}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-4">
        <p className="text-sm text-muted-foreground text-pretty">{t.agentsText}</p>
        {(!mayWrite || chosen === null) && <Agents agents={agents} hasGate={hasGate} />}
        {mayWrite ? (
          <>
            <AgentChoice
              value={chosen}
              onChange={setChosen}
              beside={(id) => {
                const agent = agents.find(({ agentId }) => agentId === id)
                return hasGate && agent && <OnNodeBadge agent={agent} />
              }}
            />
            {save.isError && <ErrorPanel error={save.error} isCompact />}
            <Button
              variant="primary"
              className="justify-self-end max-sm:w-full"
              disabled={!isChanged}
              isLoading={save.isPending}
              onClick={() => save.mutate()}
            >
              {t.save}
            </Button>
          </>
        ) : (
          <p className="text-sm text-muted-foreground">{t.readOnly}</p>
        )}
      </CardContent>
    </Card>
  )
}

/** All of them, for who does not choose among them. */
function Agents({ agents, hasGate }: Pick<GrantsCardProps, 'agents' | 'hasGate'>) {
  const t = useMessages('nodes').access
  return (
    <ul className="grid gap-2">
      {agents.map((agent) => (
        <li
          key={agent.agentId}
          className="flex min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-1"
        >
          <span className="min-w-0 truncate foreign">{agent.title}</span>
          <span className="flex flex-wrap gap-1.5">
            <Badge {...(agent.isGranted && { tone: 'ok' })}>
              {agent.isGranted ? t.granted : t.notGranted}
            </Badge>
            {hasGate && <OnNodeBadge agent={agent} />}
          </span>
        </li>
      ))}
    </ul>
  )
}

function OnNodeBadge({
  agent: { isGranted, onNode },
}: {
  readonly agent: GrantsCardProps['agents'][number]
}) {
  const t = useMessages('nodes').access
  return <Badge {...toneOf(isGranted, onNode)}>{t.onNode[onNode]}</Badge>
}

const sorted = (ids: readonly string[] | null): string => JSON.stringify(ids?.toSorted() ?? null)

/** The node and the server agree, or somebody has to paste the block again. */
function toneOf(isGranted: boolean, onNode: OnNode): { readonly tone?: Tone } {
  if (isGranted) return { tone: onNode === 'allowed' ? 'ok' : 'wait' }
  return onNode === 'refused' ? {} : { tone: 'wait' }
}
