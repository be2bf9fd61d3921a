import { queryOptions } from '@tanstack/react-query'
import type { ExplanationState } from '../../../../contract/explanations.ts'
import type { ExecutionId } from '../../../../contract/ids.ts'
import { api } from '../../../lib/api.ts'
import { query } from '../../../lib/query.ts'

const isUnderWay = (state: ExplanationState | undefined): boolean =>
  state?.state === 'asking' || state?.questions.some((question) => question.state === 'asking') === true

/** No hint tells of a model's answer, so it is looked for as long as one is awaited. */
export const explanationQuery = (id: ExecutionId) =>
  queryOptions({
    ...query(['explanations', 'get'], api.explanations.get, { params: { id } }),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? 2_000 : false),
  })
