import calls from 'virtual:api-table'
import type { CarlApi } from '../../contract/api.ts'
import { ApiError, type Client, createClient } from '../../contract/client.ts'
import { takeAhead } from './ahead.ts'
import { basePath } from './base.ts'
import { askProof } from './step-up.ts'

export { ApiError }

/**
 * Every call of the API, typed by the contract. The session travels in its cookie. Its type is named, because the whole API
 * is more than the compiler writes down by itself.
 */
export const api: Client<CarlApi> = createClient<CarlApi>({
  baseUrl: basePath,
  table: { calls },
  mayRepeat: async ({ problem }) => problem.code === 'auth.step_up_required' && (await askProof()),
  fetch: (url, init) => takeAhead(url, init.method) ?? fetch(url, { ...init, credentials: 'same-origin' }),
})

/** Address of a download, for a link that the browser saves. */
export const downloadUrl = (path: string): string => `${basePath}/api/v1${path}`

/** The code behind anything thrown by a call; null for what is no refusal. */
export const codeOf = (error: unknown): string | null =>
  error instanceof ApiError ? error.problem.code : null
