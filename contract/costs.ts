import * as z from 'zod'
import { defineApi } from './endpoint.ts'

/** What models have cost, in billionths of a US dollar. */
export const costSummary = z
  .object({
    todayNanoUsd: z.number(),
    monthNanoUsd: z.number(),
    /** The daily limit; null for none. */
    dailyLimitNanoUsd: z.number().nullable(),
  })
  .meta({ id: 'CostSummary' })
export type CostSummary = z.infer<typeof costSummary>

export const costsApi = defineApi({
  costs: {
    summary: {
      method: 'GET',
      path: '/costs/summary',
      summary: 'Show what models have cost today and this month',
      permission: 'cost.read',
      reply: costSummary,
    },
  },
})
