import type { TriggerId } from '../../../contract/ids.ts'
import { api } from '../../lib/api.ts'
import { query } from '../../lib/query.ts'

// Below `schedules`, whose topic of the live socket tells of them too.
export const triggersQuery = query(['schedules', 'triggers'], api.triggers.list, {})
export const triggerQuery = (id: TriggerId) =>
  query(['schedules', 'trigger'], api.triggers.get, { params: { id } })
export const firingsQuery = (id: TriggerId, cursor: string | undefined) =>
  query(['schedules', 'firings'], api.triggers.firings, {
    params: { id },
    query: { limit: 20, ...(cursor && { cursor }) },
  })
