import type { Query, QueryClient } from '@tanstack/react-query'
import { ApiError, codeOf } from '../api.ts'
import { isOffline, useConnection } from '../connection.ts'
import { currentMessages } from '../messages.ts'

/** While nobody answers, what is there stays on the screen, and nothing is sent or waits to be sent. */
export function guardWhileAway(queries: QueryClient): void {
  const { config } = queries.getQueryCache()
  const { onError } = config
  config.onError = (error, query) => {
    onError?.(error, query)
    keepShown(error, query)
  }
  queries.getMutationCache().config.onMutate = (_, { meta }) => refuseWhileAway(meta?.isAlsoOffline === true)
}

/** The banner tells how old it is; a panel in its place would tell nothing. */
function keepShown(error: unknown, query: Query<unknown, unknown>): void {
  if (query.state.data === undefined || codeOf(error) !== 'server.no_answer') return
  if (useConnection.getState().state !== 'live') query.setState({ status: 'success', error: null })
}

/** Nobody would look any more when it is sent later. */
function refuseWhileAway(isAllowed: boolean): void {
  if (isAllowed || !isOffline()) return
  const { title, detail, fix } = currentMessages('offline').notSent
  throw new ApiError(0, { code: 'server.no_answer', title, detail, fix })
}
