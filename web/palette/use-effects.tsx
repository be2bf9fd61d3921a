import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useRouter } from '@tanstack/react-router'
import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import { useSignOut } from '../account/use-sign-out.ts'
import { ApiError, api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { setPreferences } from '../lib/preferences.ts'
import { askToRun } from '../lib/run-request.ts'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import type { Effect, Step } from './commands.ts'

interface EffectTools {
  readonly setStep: (step: Step) => void
  readonly onShortcuts: () => void
  readonly close: () => void
}

/** Does what a command says; what becomes of it is told by the page it leads to, or by a message. */
export function useEffects({ setStep, onShortcuts, close }: EffectTools): (effect: Effect) => void {
  const t = useMessages('palette')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const signOut = useSignOut()

  const run = useMutation({
    mutationFn: ({ agentId, targets, dryRun }: Extract<Effect, { kind: 'run' }>) =>
      api.executions.start({ body: { agentId: agentId as AgentId, targets: [...targets], dryRun } }),
    onSuccess: ({ batchId, executions: [first, ...others] }) => {
      void queries.invalidateQueries({ queryKey: ['executions'] })
      if (first && others.length === 0) void navigate({ to: '/executions/$id', params: { id: first.id } })
      else void navigate({ to: '/executions', search: { batch: batchId } })
    },
    onError: tellFailure,
  })
  const test = useMutation({
    mutationFn: ({ nodeId }: { readonly nodeId: NodeId; readonly name: string }) =>
      api.nodes.test({ params: { id: nodeId } }),
    onSuccess: ({ ok, steps }, { nodeId, name }) => {
      void queries.invalidateQueries({ queryKey: ['nodes'] })
      const problem = steps.find((one) => one.state === 'failed')?.problem
      if (!ok && problem)
        return tellFailure(new ApiError(0, { ...problem, title: `${name}: ${problem.title}` }))
      const details = (
        <Link to="/nodes/$id" params={{ id: nodeId }} search={{ tab: 'connection' }} className="underline">
          {t.seeDetails}
        </Link>
      )
      tellSuccess(ok ? t.tested(name) : t.testFailed(name), { action: details })
    },
    onError: tellFailure,
  })
  const pause = useMutation({
    mutationFn: ({ nodeId, isPaused }: Extract<Effect, { kind: 'pause' }>) =>
      api.nodes.change({ params: { id: nodeId }, body: { paused: isPaused } }),
    onSuccess: ({ name, paused }) => {
      void queries.invalidateQueries({ queryKey: ['nodes'] })
      tellSuccess(paused ? t.paused(name) : t.resumed(name))
    },
    onError: tellFailure,
  })
  const cancel = useMutation({
    mutationFn: (id: ExecutionId) => api.executions.cancel({ params: { id } }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['executions'] })
      tellSuccess(t.cancelling)
      void navigate({ to: '/executions/$id', params: { id } })
    },
    onError: tellFailure,
  })

  return (effect) => {
    if (effect.kind === 'step') return setStep(effect.step)
    close()
    switch (effect.kind) {
      case 'go':
        // Written by us, or made of an id: an address inside, below the base path.
        return router.history.push(router.buildLocation({ to: effect.to, search: effect.search ?? {} }).href)
      case 'run':
        return run.mutate(effect)
      case 'prepare':
        return askToRun({ agentId: effect.agentId })
      case 'test':
        tellSuccess(t.testing(effect.name))
        return test.mutate(effect)
      case 'pause':
        return pause.mutate(effect)
      case 'cancel':
        return cancel.mutate(effect.executionId)
      case 'prefer': {
        const { kind: _, ...changed } = effect
        return setPreferences(changed)
      }
      case 'shortcuts':
        return onShortcuts()
      case 'signOut':
        return signOut()
    }
  }
}
