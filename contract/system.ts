import * as z from 'zod'
import { defineApi, download } from './endpoint.ts'

export const systemApi = defineApi({
  system: {
    version: {
      method: 'GET',
      path: '/version',
      summary: 'Tell the version of the server',
      permission: 'public',
      reply: z.object({ name: z.literal('claude-agent-runner-lite'), version: z.string() }),
    },
    openapi: {
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description of the API, OpenAPI 3.1',
      permission: 'public',
      reply: download('application/json'),
    },
    /** A browser cannot send headers with a WebSocket, so it asks for a ticket first. */
    ticket: {
      method: 'POST',
      path: '/live/ticket',
      summary: 'Get a ticket that opens the live socket once, within 30 seconds',
      permission: 'live.open',
      reply: z.object({ ticket: z.string() }),
      status: 201,
    },
  },
})
