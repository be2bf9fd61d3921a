import type { schedulesApi } from '../../contract/schedules.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Schedules } from './schedules.ts'

export function createScheduleRoutes(schedules: Schedules): Handlers<typeof schedulesApi> {
  return {
    schedules: {
      list: ({ query }) => schedules.list(query),
      create: ({ body }, { actor }) => schedules.create(body, actor),
      preview: ({ body }) => schedules.preview(body),
      conflicts: ({ body }) => schedules.conflicts(body.draft),
      spread: async ({ body }, { actor }) => ({ changed: await schedules.spread(body.moves, actor) }),
      apply: async ({ body }, { actor }) => ({
        items: await schedules.apply(body.text, body.dryRun, actor),
      }),
      export: async ({ query }) => ({
        mediaType: 'application/yaml',
        ...(await schedules.exportText(query.id)),
      }),
      calendar: ({ query }) => schedules.calendar(query.from, query.to),
      get: ({ params }) => schedules.get(params.id),
      change: ({ params, body }, { actor }) => schedules.change(params.id, body, actor),
      remove: async ({ params }, { actor }) => {
        await schedules.remove(params.id, actor)
        return { removed: true }
      },
      run: ({ params }, { actor }) => schedules.run(params.id, actor),
      occurrences: ({ params, query }) => schedules.occurrences(params.id, query),
      coming: ({ params, query }) => schedules.coming(params.id, query.limit),
    },
  }
}
