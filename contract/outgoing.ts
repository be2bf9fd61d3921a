import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { errorCode } from './errors.ts'
import { instant } from './page.ts'

/**
 * Why the server talks to another machine by itself: by HTTP, and for `mail` and `mqtt` by a protocol of their own. There
 * is no other reason; whoever needs one adds it here.
 */
export const outgoingPurpose = z.enum([
  'sign-in',
  'model',
  'notification',
  'mail',
  'mqtt',
  'update',
  'registry',
  'backup',
  'backup-sftp',
])
export type OutgoingPurpose = z.infer<typeof outgoingPurpose>

/** `open`: everything that is no hazard. `strict`: only hosts that an administrator named. */
export const outgoingMode = z.enum(['open', 'strict'])

/**
 * A host as an administrator names it: `id.home.lan`, `192.168.1.5`, `[fd00::5]`, each with a port or without. Without
 * one, it stands for the ports that web servers have.
 */
export const namedHost = z
  .string()
  .max(260)
  .toLowerCase()
  .regex(
    /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::\d{1,5})?$/,
    'A host like id.home.lan or 192.168.1.5:8080',
  )

/** A host the server talks to, or is set up to talk to, for one purpose. */
export const outgoingHost = z
  .object({
    purpose: outgoingPurpose,
    /** With its port where that is not the usual one. */
    host: z.string(),
    /** Whether the settings let it through; what its name resolves to is judged at each call. */
    isAllowed: z.boolean(),
    /** Null when nothing was sent yet. */
    lastAt: instant.nullable(),
    /** The HTTP status, that something else than HTTP was reached, or the code of what went wrong. Null when nothing was sent yet. */
    lastResult: z
      .union([
        z.object({ status: z.number() }),
        z.object({ connected: z.literal(true) }),
        z.object({ code: errorCode }),
      ])
      .nullable(),
  })
  .meta({ id: 'OutgoingHost' })
export type OutgoingHost = z.infer<typeof outgoingHost>

export const outgoingApi = defineApi({
  outgoing: {
    list: {
      method: 'GET',
      path: '/outgoing',
      summary: 'Show what this server talks to by itself, for what, and how it went last',
      permission: 'outgoing.read',
      reply: z.object({
        /** The purposes that this version has a use for. */
        purposes: z.array(outgoingPurpose),
        items: z.array(outgoingHost),
      }),
    },
  },
})
