import type { auditApi } from '../../contract/audit.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Audit } from './audit.ts'

export function createAuditRoutes(audit: Audit): Handlers<typeof auditApi> {
  return { audit: { list: ({ query }) => audit.list(query) } }
}
