/** What becomes of a request: the page, a file of the shell, or nothing that concerns the worker. */
export type Answer = 'page' | 'file' | 'pass'

/** First parts of paths that belong to programs, as in server/http/page-path.ts: never the page, never kept. */
const ofPrograms = new Set(['api', 'assets', 'healthz', 'readyz'])

interface Asked {
  readonly method: string
  readonly mode: string
  readonly url: string
}

/** `files` are the paths of the shell below `scope`. The API is passed by: what it says is never kept here. */
export function answerTo({ method, mode, url }: Asked, scope: string, files: ReadonlySet<string>): Answer {
  if (method !== 'GET' || !url.startsWith(scope)) return 'pass'
  const path = url.slice(scope.length)
  if (mode === 'navigate') return ofPrograms.has(path.split(/[/?#]/, 1)[0] ?? '') ? 'pass' : 'page'
  return files.has(path) ? 'file' : 'pass'
}

interface Replied {
  readonly status: number
  readonly headers: { has(name: string): boolean }
}

/** Whether our server answered; a proxy in front of it that says the server is away has no policy of ours. */
export const isAnswer = ({ status, headers }: Replied): boolean =>
  status < 500 || headers.has('content-security-policy')

/** The page as it is kept: it asks nothing ahead, and knows that it is not from the server. */
export const toKeptPage = (page: string): string =>
  page.replace(/ data-signed-in="[^"]*"/, ' data-signed-in=""').replace(' data-kept=""', ' data-kept="yes"')

/** Whether a page is of this build: after an upgrade, the worker of before gets the page of another. */
export const isOfBuild = (page: string, build: string): boolean => page.includes(` data-build="${build}"`)
