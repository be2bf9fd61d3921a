import type { User } from '../contract/accounts.ts'
import type { Role } from '../contract/permissions.ts'
import { isSampleId } from '../contract/sample-ids.ts'
import { resolveTargets } from '../contract/targets.ts'
import type { ApiError } from '../contract/client.ts'
import type { Execution } from '../contract/executions.ts'
import { type FirstStepName, firstStepNames, type FirstSteps } from '../contract/first-steps.ts'
import type { UserId } from '../contract/ids.ts'
import type { Node } from '../contract/nodes.ts'
import { agents, costEstimateOff, executions, nodes } from './fixtures.ts'

/** What a call is answered with: a reply, a refusal, or nothing ever. */
type Answer = object | ApiError | 'never'
type Answers = Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>

export interface Asked {
  readonly query: URLSearchParams
  readonly body: unknown
}

/**
 * Answers the calls of a story in the server's place, by `GET /nodes`; what is not named is not found. Give it to
 * `beforeEach`: it returns how to end.
 */
export function answering(answers: Answers): () => void {
  const real = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input), location.href)
    const [, path] = url.pathname.split('/api/v1')
    if (path === undefined) return real(input, init)
    const found = answers[`${init?.method ?? 'GET'} ${path}`]
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : null
    const answer = typeof found === 'function' ? found({ query: url.searchParams, body }) : found
    if (answer === 'never') {
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      })
    }
    if (answer === undefined) {
      return Response.json(
        { error: { code: 'request.not_found', title: '', detail: '', fix: '' } },
        { status: 404 },
      )
    }
    if (answer instanceof Error) {
      const { problem, issues, requestId, retryAt, status } = answer as ApiError
      return Response.json({ error: { ...problem, issues, requestId, retryAt } }, { status })
    }
    return Response.json(answer)
  }
  return () => {
    globalThis.fetch = real
  }
}

const page = <Item>(items: readonly Item[], limit = 50) => ({
  items: items.slice(0, limit),
  nextCursor: items.length > limit ? 'more' : null,
})

/** A server with these nodes and executions; lists are filtered as the real one does. */
export function aServer({
  someNodes = nodes,
  someExecutions = executions,
}: {
  readonly someNodes?: readonly Node[]
  readonly someExecutions?: readonly Execution[]
} = {}): Answers {
  return {
    'GET /agents': { items: agents, leftOut: [] },
    'GET /nodes': ({ query }) => {
      const search = query.get('search')?.toLowerCase() ?? ''
      const health = query.get('health')
      return page(
        someNodes.filter(
          (node) => node.name.toLowerCase().includes(search) && (health === null || node.health === health),
        ),
        Number(query.get('limit') ?? 50),
      )
    },
    ...Object.fromEntries(someNodes.map((node) => [`GET /nodes/${node.id}`, node])),
    'GET /executions': ({ query }) => {
      const is = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value
      return page(
        someExecutions.filter(
          (one) =>
            is('state', one.state) &&
            is('nodeId', one.nodeId) &&
            is('agentId', one.agentId) &&
            is('batchId', one.batchId),
        ),
        Number(query.get('limit') ?? 50),
      )
    },
    'POST /executions/preview': ({ body }) => {
      const { targets } = body as { targets: string[] }
      const own = someNodes.filter(({ id }) => !isSampleId(id))
      const { nodes: meant, unmatched } = resolveTargets(targets, own)
      return {
        nodes: meant.map(({ id, name, paused }) => ({
          id,
          name,
          eligible: !paused,
          why: paused ? 'the node is paused' : null,
        })),
        unmatched,
      }
    },
    'GET /findings': { items: [], nextCursor: null },
    'GET /plans/count': { plans: 0, actions: 0 },
    'GET /samples': { present: someNodes.some(({ id }) => isSampleId(id)), canAdd: someNodes.length === 0 },
    'GET /first-steps': firstStepsOf(someNodes, someExecutions),
    'GET /metrics/latest': { items: [] },
    'POST /costs/estimate': costEstimateOff,
    'GET /costs/calls': { items: [], nextCursor: null },
  }
}

/** Done are the steps that show in these. */
function firstStepsOf(allNodes: readonly Node[], allExecutions: readonly Execution[]): FirstSteps {
  const [someNodes, someExecutions] = [allNodes, allExecutions].map((all) =>
    all.filter(({ id }) => !isSampleId(id)),
  ) as [Node[], Execution[]]
  const done: Partial<Record<FirstStepName, boolean>> = {
    node: someNodes.length > 0,
    key: someNodes.some(({ hostKeys }) => hostKeys.length > 0),
    run: someExecutions.length > 0,
    'second-node': someNodes.length > 1,
  }
  return {
    steps: firstStepNames.map((name) => ({ name, isDone: done[name] ?? false, isSkipped: name === 'told' })),
    isPutAway: false,
    nodeId: someNodes[0]?.id ?? null,
  }
}

/** Somebody signed in, for the queries of a story. */
export const signedInAs = (role: Role) =>
  [
    ['session', 'current'],
    {
      id: 'usr_01jd0000000000000000000001' as UserId,
      name: 'anna',
      role,
      createdAt: '2026-11-01T07:00:00.000Z',
    } satisfies User,
  ] as const
