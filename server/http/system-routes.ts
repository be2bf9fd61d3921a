import type { systemApi } from '../../contract/system.ts'
import type { Actor } from '../lib/actor.ts'
import { once } from '../lib/once.ts'
import type { Handlers } from '../lib/routes.ts'
import type { OpenApi } from './openapi.ts'

interface SystemTools {
  readonly version: string
  readonly document: () => Promise<OpenApi>
  /** Makes a ticket that opens the live socket once. */
  readonly createTicket: (actor: Actor) => string
}

export function createSystemRoutes({ version, document, createTicket }: SystemTools) {
  const openapi = once(async () => JSON.stringify(await document(), null, 2))
  return {
    system: {
      version: () => ({ name: 'claude-agent-runner-lite' as const, version }),
      openapi: async () => ({ mediaType: 'application/json', fileName: null, body: await openapi() }),
      ticket: (_request, { actor }) => ({ ticket: createTicket(actor) }),
    },
  } satisfies Handlers<typeof systemApi>
}
