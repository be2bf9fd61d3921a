import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { instant } from './page.ts'

/** Everything at a glance and flat, for the widgets of start pages: Homepage, Homarr, Glance. Fields are only ever added. */
export const summary = z
  .object({
    nodesTotal: z.number(),
    /** Reached last time, whatever was found there. */
    nodesUp: z.number(),
    /** Not reached, or waiting for somebody. */
    nodesDown: z.number(),
    nodesPaused: z.number(),
    executionsRunning: z.number(),
    executionsQueued: z.number(),
    /** Ended since midnight in the zone of the budgets. */
    runsToday: z.number(),
    runsFailedToday: z.number(),
    findingsOpen: z.number(),
    findingsCritical: z.number(),
    findingsHigh: z.number(),
    findingsWarning: z.number(),
    approvalsPending: z.number(),
    /** US dollars with four decimals. */
    costTodayUsd: z.number(),
    costMonthUsd: z.number(),
    lastRunAt: instant.nullable(),
    /** `ok`, `attention` or `down`: the worst of all this in one word. */
    status: z.enum(['ok', 'attention', 'down']),
  })
  .meta({ id: 'Summary' })
export type Summary = z.infer<typeof summary>

export const summaryApi = defineApi({
  summary: {
    get: {
      method: 'GET',
      path: '/summary',
      summary: 'Show everything at a glance, flat, for widgets of start pages',
      permission: 'node.read',
      reply: summary,
    },
  },
  metricsToken: {
    get: {
      method: 'GET',
      path: '/metrics-token',
      summary: 'Tell whether /metrics is on',
      permission: 'settings.read',
      reply: z.object({ isOn: z.boolean(), madeAt: instant.nullable() }),
    },
    create: {
      method: 'POST',
      path: '/metrics-token',
      summary: 'Switch /metrics on with a new token, which is shown once; one of before opens it no more',
      permission: 'settings.write',
      stepUp: true,
      body: z.strictObject({}),
      reply: z.object({ token: z.string() }),
      status: 201,
    },
    remove: {
      method: 'DELETE',
      path: '/metrics-token',
      summary: 'Switch /metrics off',
      permission: 'settings.write',
      stepUp: true,
      reply: z.object({ isOn: z.literal(false) }),
    },
  },
})
