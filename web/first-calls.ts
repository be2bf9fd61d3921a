import type { CarlApi } from '../contract/api.ts'
import type { Client } from '../contract/client.ts'
import { findingsFilter, inNeedFilter, recentFilter, tilesFilter } from './dashboard/shown.ts'
import { pageSize, runsFrom, tagsFrom } from './nodes/shown.ts'

type FirstApi = Pick<
  Client<CarlApi>,
  'session' | 'costs' | 'agents' | 'nodes' | 'executions' | 'findings' | 'plans'
>

/**
 * What a page asks for first, by its path below the base path; `*` is asked for by every page behind the sign-in. The
 * build writes these calls into index.html, and public/boot.js asks them while the code is still on its way.
 */
export const firstCalls: Readonly<Record<string, (api: FirstApi) => readonly Promise<unknown>[]>> = {
  '*': (api) => [api.session.current({}), api.costs.summary({})],
  '/': (api) => [
    api.nodes.list({ query: tilesFilter }),
    api.executions.list({ query: recentFilter }),
    api.agents.list({}),
    api.findings.list({ query: findingsFilter('critical') }),
    api.findings.list({ query: findingsFilter('high') }),
    api.nodes.list({ query: inNeedFilter('blocked') }),
    api.nodes.list({ query: inNeedFilter('unreachable') }),
    api.plans.count({}),
  ],
  '/nodes': (api) => [
    api.nodes.list({ query: { limit: pageSize } }),
    api.nodes.list({ query: { limit: tagsFrom } }),
    api.executions.list({ query: { limit: runsFrom } }),
  ],
}
