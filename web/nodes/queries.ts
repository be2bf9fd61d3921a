import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

/** What the list of nodes can be narrowed to, and from where on. */
export interface NodeFilter {
  readonly search?: string | undefined
  readonly tag?: string | undefined
  readonly health?: Node['health'] | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export const nodesQuery = (filter: NodeFilter = {}) =>
  query(['nodes', 'list'], api.nodes.list, { query: filter })
export const nodeQuery = (id: NodeId) => query(['nodes', 'get'], api.nodes.get, { params: { id } })
export const credentialsQuery = query(['credentials', 'list'], api.credentials.list, {})
