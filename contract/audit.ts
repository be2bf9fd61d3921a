import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { instant, pageOf, pageQuery } from './page.ts'

/** One line of the audit trail. Lines are chained by hash, so that a removed or changed line shows. */
export const auditEntry = z
  .object({
    seq: z.number(),
    at: instant,
    /** `user:anna`, `token:nightly`, `local`, `server`. */
    actor: z.string(),
    ip: z.string().nullable(),
    /** `node.created`, `execution.started`, `ssh.connected`, `command.ran`, … */
    action: z.string(),
    /** What it was about: an id or a name. */
    target: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof auditEntry>

export const auditApi = defineApi({
  audit: {
    list: {
      method: 'GET',
      path: '/audit',
      summary: 'Read the audit trail, newest first',
      permission: 'audit.read',
      query: pageQuery.extend({
        action: z.string().max(100).optional(),
        target: z.string().max(300).optional(),
      }),
      reply: pageOf(auditEntry),
    },
  },
})
