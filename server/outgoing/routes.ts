import type { outgoingApi } from '../../contract/outgoing.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Outgoing } from './outgoing.ts'

export function createOutgoingRoutes(outgoing: Outgoing): Handlers<typeof outgoingApi> {
  return { outgoing: { list: () => outgoing.list() } }
}
