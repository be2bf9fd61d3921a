import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, CirclePause, CirclePlay, Pencil, Play, Stethoscope, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { agentsQuery } from '../agents/queries.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { Button } from '../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { MoreMenu } from '../ui/more-menu.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { RemoveDialog } from '../ui/remove-dialog.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { HealthBadge } from '../ui/status-badge.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { ConnectedDot } from '../nodes/connected-dot.tsx'
import { TagLinks } from '../nodes/tag-links.tsx'

interface NodeHeadProps {
  readonly node: Node
  readonly isTesting: boolean
  readonly onTest: () => void
  readonly onEdit: () => void
}

/** Who it is, how it does, and what can be done with it. */
export function NodeHead({ node, isTesting, onTest, onEdit }: NodeHeadProps) {
  const t = useMessages('nodes').detail
  const mayTest = useCan('node.test', node.id)
  const mayWrite = useCan('node.write', node.id)
  const mayRun = useCan('execution.start', node.id)
  const [isRemoving, setRemoving] = useState(false)
  const pause = usePause(node)
  return (
    <>
      <PageHeader
        title={node.name}
        badge={
          <span className="flex items-center gap-2">
            <HealthBadge health={node.health} variant="pill" />
            <SampleBadge id={node.id} />
            <ConnectedDot connected={node.connected} />
          </span>
        }
        subtitle={
          <code className="text-sm">
            {node.username}@{node.host}:{node.port}
          </code>
        }
        actions={
          <>
            {mayTest && (
              <Button variant="secondary" isLoading={isTesting} onClick={onTest}>
                <Stethoscope aria-hidden />
                {t.test}
              </Button>
            )}
            {mayRun && <RunMenu node={node} />}
            {mayWrite && (
              <MoreMenu label={t.more}>
                <DropdownMenuItem onSelect={onEdit}>
                  <Pencil aria-hidden />
                  {t.edit}
                </DropdownMenuItem>
                <DropdownMenuItem onSelect={() => pause.mutate(!node.paused)}>
                  {node.paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
                  {node.paused ? t.resume : t.pause}
                </DropdownMenuItem>
                <DropdownMenuSeparator />
                <DropdownMenuItem danger onSelect={() => setRemoving(true)}>
                  <Trash2 aria-hidden />
                  {t.remove}
                </DropdownMenuItem>
              </MoreMenu>
            )}
          </>
        }
      />
      {node.tags.length > 0 && (
        <div className="-mt-2 mb-5">
          <TagLinks tags={node.tags} />
        </div>
      )}
      <RemoveNode node={node} open={isRemoving} onOpenChange={setRemoving} />
    </>
  )
}

/** Pauses a node, or lets it take part again. */
export function usePause({ id, name }: Node) {
  const t = useMessages('nodes').detail
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (paused: boolean) => api.nodes.change({ params: { id }, body: { paused } }),
    onSuccess: (_, paused) => tellSuccess(paused ? t.pausedNow(name) : t.resumedNow(name)),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['nodes'] }),
  })
}

/** The agents that may run here. */
function RunMenu({ node: { id, allowedAgents, paused } }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const { data } = useQuery(agentsQuery)
  const agents = (data?.items ?? []).filter(
    ({ manifest }) => allowedAgents === null || allowedAgents.includes(manifest.id),
  )
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="primary" disabled={paused}>
          <Play aria-hidden />
          {t.run}
          <ChevronDown aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {data && agents.length === 0 && <DropdownMenuItem disabled>{t.noAgents}</DropdownMenuItem>}
        {agents.map(({ manifest }) => (
          <DropdownMenuItem
            key={manifest.id}
            onSelect={() => askToRun({ agentId: manifest.id, targets: [id] })}
          >
            <Play aria-hidden />
            <span className="min-w-0 truncate foreign">{manifest.title}</span>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

function RemoveNode({
  node: { id, name },
  open,
  onOpenChange,
}: {
  readonly node: Node
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}) {
  const t = useMessages('nodes').detail
  const queries = useQueryClient()
  const navigate = useNavigate()
  return (
    <RemoveDialog
      name={name}
      words={t}
      isTyped
      remove={() => api.nodes.remove({ params: { id } })}
      onRemoved={async () => {
        // Left first, so that the page does not ask for what is gone.
        await navigate({ to: '/nodes' })
        queries.removeQueries({ queryKey: ['nodes', 'get', { params: { id } }] })
        await queries.invalidateQueries({ queryKey: ['nodes'] })
      }}
      open={open}
      onOpenChange={onOpenChange}
    />
  )
}
