import { create } from 'zustand'

/** What somebody wants to run; the run dialog opens with it. Empty fields are asked for there. */
export interface RunRequest {
  readonly agentId?: string | undefined
  /** Selectors: names, ids, `tag:…`, globs. */
  readonly targets?: readonly string[] | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly dryRun?: boolean | undefined
  /** Seconds. */
  readonly timeoutS?: number | undefined
}

/** The request that is open now; web/shell shows the dialog for it, so that every feature may ask for a run. */
export const useRunRequest = create<{ readonly request: RunRequest | null }>(() => ({ request: null }))

export const askToRun = (request: RunRequest): void => useRunRequest.setState({ request })
export const closeRunRequest = (): void => useRunRequest.setState({ request: null })
