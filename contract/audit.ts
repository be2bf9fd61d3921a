import * as z from 'zod'
import { defineApi, download } from './endpoint.ts'
import { instant, pageOf, pageQuery } from './page.ts'

/** One line of the audit trail. Each is closed over the one before, so that a removed or changed line shows. */
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

export const auditVerdict = z
  .discriminatedUnion('sound', [
    z.object({
      sound: z.literal(true),
      lines: z.number(),
      /** Checkpoints that fit; those of lines that retention took are not counted. */
      checkpoints: z.number(),
    }),
    z.object({
      sound: z.literal(false),
      /** The first line that does not fit; the last there is, when the newest are missing. */
      seq: z.number(),
      /**
       * `changed`: its own text. `removed`: what stood before it is gone. `rewritten`: a checkpoint knows another line by
       * this number. `truncated`: a checkpoint knows later lines than there are.
       */
      what: z.enum(['changed', 'removed', 'rewritten', 'truncated']),
    }),
  ])
  .meta({ id: 'AuditVerdict' })
export type AuditVerdict = z.infer<typeof auditVerdict>

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
    export: {
      method: 'POST',
      path: '/audit/export',
      summary: 'Download the audit trail, oldest first, as JSON lines or CSV; the trail tells of it',
      permission: 'audit.read',
      stepUp: true,
      body: z.strictObject({
        format: z.enum(['jsonl', 'csv']).default('jsonl'),
        action: z.string().max(100).optional(),
        target: z.string().max(300).optional(),
      }),
      reply: download('application/jsonl', 'text/csv'),
    },
    verify: {
      method: 'POST',
      path: '/audit/verify',
      summary: 'Go through the whole trail, and hold it against the checkpoints',
      permission: 'audit.read',
      body: z.strictObject({
        /** Lines of a checkpoint file, when it lies where the server does not see it. */
        checkpoints: z.string().max(500_000).default(''),
      }),
      reply: z.object({
        verdict: auditVerdict,
        /** Lines of checkpoints that this server has not signed. */
        foreign: z.number(),
      }),
    },
  },
})
