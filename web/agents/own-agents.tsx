import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RefreshCw, TriangleAlert } from 'lucide-react'
import type { AgentProblem, LeftOutAgent } from '../../contract/agents.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'

/** Lets the server read its own agents again, for whoever may. */
export function ReadAgain() {
  const t = useMessages('agents')
  const mayReload = useCan('agent.write')
  const queries = useQueryClient()
  const reload = useMutation({
    mutationFn: () => api.agents.reload(),
    onSuccess: async ({ added, changed, removed, leftOut }) => {
      await queries.invalidateQueries({ queryKey: ['agents'] })
      const parts = [
        ...added.map((id) => t.wasAdded(id)),
        ...changed.map((id) => t.wasChanged(id)),
        ...removed.map((id) => t.wasRemoved(id)),
      ]
      if (leftOut.length > 0) parts.push(t.leftOutCount(leftOut.length))
      tellSuccess(parts.length === 0 ? t.nothingChanged : t.readAgainDone, {
        text: parts.join(' ') || null,
      })
    },
    onError: (error) => tellFailure(error),
  })
  if (!mayReload) return null
  return (
    <Button isLoading={reload.isPending} onClick={() => reload.mutate()}>
      <RefreshCw aria-hidden />
      {t.readAgain}
    </Button>
  )
}

/** So many mistakes of one agent are a start; `carl agent check` tells all. */
const problemsShown = 6

/** Own agents that the server did not take, each with what is wrong, at its line. */
export function LeftOut({ agents }: { readonly agents: readonly LeftOutAgent[] }) {
  const t = useMessages('agents')
  if (agents.length === 0) return null
  return (
    <Card className="mb-4 border-warning/40" role="region" aria-label={t.leftOutTitle}>
      <div className="flex items-start gap-3 p-4">
        <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warning" />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{t.leftOutTitle}</h2>
          <p className="text-muted-foreground text-pretty">{t.leftOutText}</p>
          <ul className="mt-3 space-y-4">
            {agents.map(({ folder, problems }) => (
              <li key={folder}>
                <h3 className="font-medium foreign">{folder}</h3>
                <ul className="mt-1 space-y-2">
                  {problems.slice(0, problemsShown).map((problem) => (
                    <Mistake key={`${problem.file}:${problem.line}:${problem.message}`} problem={problem} />
                  ))}
                </ul>
                {problems.length > problemsShown && (
                  <p className="mt-1 text-sm text-muted-foreground">
                    {t.leftOutMore(problems.length - problemsShown)}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Card>
  )
}

function Mistake({ problem: { file, line, message, fix } }: { readonly problem: AgentProblem }) {
  return (
    <li className="text-sm">
      <p className="foreign">
        <code className="font-mono text-muted-foreground">{line === null ? file : `${file}:${line}`}</code>{' '}
        {message}
      </p>
      <p className="text-muted-foreground foreign">→ {fix}</p>
    </li>
  )
}
