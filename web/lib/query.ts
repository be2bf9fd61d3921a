import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { ApiError, codeOf } from './api.ts'
import { isOffline } from './connection.ts'

type Call<Input, Reply> = (input: Input, options: { signal: AbortSignal }) => Promise<Reply>

/**
 * Query options of one call of the API: `query(['nodes', 'list'], api.nodes.list, { query })`. Hints of the live socket
 * say when to fetch again.
 */
export const query = <Input, Reply>(
  key: readonly [feature: string, call: string],
  call: Call<Input, Reply>,
  input: Input,
) =>
  queryOptions({
    queryKey: [...key, input] as const,
    queryFn: ({ signal }) => call(input, { signal }),
  })

/** What a failed call is tried again for: no answer, or a server that is just starting. A refusal stays one. */
function isWorthAnotherTry(failures: number, error: unknown): boolean {
  if (failures >= 2 || isOffline()) return false
  return !(error instanceof ApiError) || error.status === 0 || error.status === 502 || error.status === 503
}

/** A page waits as long for its data before it is drawn with skeletons, milliseconds: to draw twice takes time too. */
const soonMs = 150

/** Resolves when all of it is there, or failed, or takes longer than is worth waiting. */
export async function soon(coming: readonly Promise<void>[]): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, soonMs))
  await Promise.race([Promise.all(coming), late])
}

/**
 * `onSignedOut` hears that the session is over, whichever call found out. What else holds while the server is out of
 * reach comes with offline/guard.ts.
 */
export function createQueries(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (codeOf(error) === 'auth.required') onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    // What the browser thinks of the network says nothing of a server at home. And it would hold changes back and send
    // them later, unseen.
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        retry: isWorthAnotherTry,
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}
