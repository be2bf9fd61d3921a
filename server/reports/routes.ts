import type { reportsApi } from '../../contract/reports.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Reports } from './reports.ts'

export function createReportRoutes(reports: Reports): Handlers<typeof reportsApi> {
  return {
    findings: {
      list: ({ query }) => reports.listFindings(query),
      acknowledge: ({ body }, { actor }) => reports.acknowledge(body, actor),
    },
    metrics: {
      history: ({ params, query }) => reports.metricHistory(params.id, query),
      latest: ({ query }) => reports.latestMetrics(query),
    },
  }
}
