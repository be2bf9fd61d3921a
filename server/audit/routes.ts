import type { auditApi } from '../../contract/audit.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Audit } from './audit.ts'
import type { Checkpoints } from './checkpoints.ts'

interface AuditRoutesTools {
  readonly audit: Audit
  readonly checkpoints: Checkpoints
}

export function createAuditRoutes({ audit, checkpoints }: AuditRoutesTools): Handlers<typeof auditApi> {
  return {
    audit: {
      list: ({ query }) => audit.list(query),
      export: async ({ body }, { actor }) => ({
        mediaType: body.format === 'csv' ? 'text/csv' : 'application/jsonl',
        fileName: `audit-trail.${body.format}`,
        body: await audit.exportAll(body, actor),
      }),
      verify: async ({ body }) => {
        const { checkpoints: known, foreign } = await checkpoints.read(body.checkpoints)
        return { verdict: await audit.verify(known), foreign }
      },
    },
  }
}
