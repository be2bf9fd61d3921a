import * as z from 'zod'
import { severity } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { logEntry } from './executions.ts'
import { agentId, executionId, nodeId } from './ids.ts'
import { instant } from './page.ts'

/** What can be searched, in the order in which it is told. */
export const searchKind = z.enum(['node', 'finding', 'fact', 'log', 'audit'])
export type SearchKind = z.infer<typeof searchKind>

const ofNode = { nodeId, nodeName: z.string() }

/** One place where all the words stand; `text` is what stands around them there. */
export const searchHit = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('node'), ...ofNode, text: z.string(), tags: z.array(z.string()) }),
    z.object({
      kind: z.literal('finding'),
      ...ofNode,
      agentId,
      key: z.string(),
      severity,
      title: z.string(),
      text: z.string(),
      isOpen: z.boolean(),
      executionId,
      at: instant,
    }),
    z.object({
      kind: z.literal('fact'),
      ...ofNode,
      agentId,
      executionId,
      /** The place among the facts, e.g. `disks[/var].pct`. */
      path: z.string(),
      text: z.string(),
      at: instant,
    }),
    z.object({
      kind: z.literal('log'),
      ...ofNode,
      agentId,
      executionId,
      /** Number of the line in the log. */
      seq: z.number(),
      stream: logEntry.shape.stream,
      text: z.string(),
      at: instant,
    }),
    z.object({
      kind: z.literal('audit'),
      seq: z.number(),
      actor: z.string(),
      action: z.string(),
      target: z.string().nullable(),
      text: z.string(),
      at: instant,
    }),
  ])
  .meta({ id: 'SearchHit' })
export type SearchHit = z.infer<typeof searchHit>

/** What was found of one kind. */
export const searchGroup = z
  .object({
    kind: searchKind,
    items: z.array(searchHit),
    /** Where to go on; null when everything has been looked through. Also given when nothing was found so far. */
    nextCursor: z.string().nullable(),
    /** Logs and the audit trail: everything younger has been looked through. */
    lookedBackTo: instant.nullable(),
  })
  .meta({ id: 'SearchGroup' })
export type SearchGroup = z.infer<typeof searchGroup>

export const searchApi = defineApi({
  search: {
    find: {
      method: 'GET',
      path: '/search',
      summary:
        'Find words in nodes, findings, facts, logs and the audit trail: whatever the caller may read of these',
      permission: 'search.read',
      query: z.object({
        /** Every word of it has to stand there, in any case of letters. */
        text: z.string().trim().min(2).max(200),
        /** Only this; all kinds, each with its first page, when left out. */
        kind: searchKind.optional(),
        /** Of one kind only. */
        cursor: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      reply: z.object({ groups: z.array(searchGroup) }),
    },
  },
})
