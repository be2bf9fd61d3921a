import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { BudgetChange } from '../../contract/costs.ts'
import type { AgentId, ExecutionId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'

/** Who is asked: what all of the costs come from. */
export const aiQuery = query(['ai', 'get'], api.ai.get, {})
export const summaryQuery = query(['costs', 'summary'], api.costs.summary, {})
export const spendingQuery = (days: number) =>
  query(['costs', 'spending'], api.costs.spending, { query: { days } })
export const budgetsQuery = query(['costs', 'budgets'], api.costs.budgets, {})
export const pricesQuery = query(['costs', 'prices'], api.costs.prices, {})
/** An execution makes a handful of calls at the most. */
export const callsQuery = (executionId: ExecutionId) =>
  query(['costs', 'calls'], api.costs.calls, { query: { executionId, limit: 200 } })
export const unknownCallsQuery = query(['costs', 'calls'], api.costs.calls, {
  query: { state: 'unknown', limit: 50 },
})
export const estimateQuery = (agentId: AgentId) =>
  query(['costs', 'estimate'], api.costs.estimate, { body: { agentId } })

/** A call that changes something about money; every figure is fetched anew behind it. */
export function useCostChange<Input, Reply>(call: (input: Input) => Promise<Reply>, told: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSuccess: () => {
      tellSuccess(told)
      void queries.invalidateQueries({ queryKey: ['costs'] })
    },
    onError: tellFailure,
  })
}

export const setBudget = (body: Partial<BudgetChange> & Pick<BudgetChange, 'limit'>) =>
  api.costs.setBudget({ body })
