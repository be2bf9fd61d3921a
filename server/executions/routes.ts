import type { executionsApi } from '../../contract/executions.ts'
import type { Handlers } from '../lib/routes.ts'
import { exportReport } from '../reports/export.ts'
import type { Reports } from '../reports/reports.ts'
import { toCommand } from './commands.ts'
import type { Executions } from './executions.ts'
import type { Logs } from './log.ts'

interface ExecutionRouteTools {
  executions: Executions
  logs: Logs
  readLog: Logs['read']
  reports: Reports
}

export function createExecutionRoutes({
  executions,
  logs,
  readLog,
  reports,
}: ExecutionRouteTools): Handlers<typeof executionsApi> {
  return {
    executions: {
      list: ({ query }) => executions.list(query),
      preview: ({ body }) => executions.preview(body.agentId, body.targets),
      start: ({ body }, { actor }) => executions.start(body, actor),
      get: ({ params }) => executions.get(params.id),
      cancel: ({ params }, { actor }) => executions.cancel(params.id, actor),
      log: async ({ params, query }) => {
        await executions.get(params.id)
        return readLog(params.id, query.after, query.limit)
      },
      logText: async ({ params }) => {
        await executions.get(params.id)
        return { mediaType: 'text/plain', fileName: `${params.id}.log.txt`, body: logs.stream(params.id) }
      },
      commands: async ({ params }) => {
        await executions.get(params.id)
        const items = []
        for await (const entries of logs.pages(params.id)) {
          items.push(...entries.map(toCommand).filter((command) => command !== null))
        }
        return { items }
      },
      journal: async ({ params }) => ({ items: await executions.journal(params.id) }),
      report: async ({ params }) => {
        await executions.get(params.id)
        return reports.get(params.id)
      },
      export: async ({ params, query }) => {
        await executions.get(params.id)
        return exportReport(await reports.get(params.id), query.format)
      },
    },
  }
}
