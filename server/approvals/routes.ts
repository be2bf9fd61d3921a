import type { plansApi } from '../../contract/plans.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Approvals } from './approvals.ts'
import type { Inbox } from './inbox.ts'
import type { Policies } from './policies.ts'
import type { Trash } from './trash.ts'

export function createApprovalRoutes({
  inbox,
  approvals,
  trash,
  policies,
}: {
  inbox: Inbox
  approvals: Approvals
  trash: Trash
  policies: Policies
}): Handlers<typeof plansApi> {
  return {
    plans: {
      list: ({ query }) => inbox.list(query),
      count: () => inbox.count(),
      get: ({ params }) => inbox.get(params.id),
      ofExecution: ({ params }) => inbox.ofExecution(params.id),
      approve: ({ params, body }, { actor }) => approvals.approve(params.id, body, actor),
      reject: ({ params, body }, { actor }) => approvals.reject(params.id, body, actor),
      objectHistory: async ({ params, query }) => ({
        items: await inbox.objectHistory(params.id, query.object),
      }),
    },
    trash: {
      list: ({ query }) => trash.list(query),
      restore: ({ params }, { actor }) => trash.restore(params.id, actor),
    },
    rejections: {
      list: ({ query }) => approvals.rejections(query),
      takeBack: async ({ params }, { actor }) => {
        await approvals.takeBack(params.id, actor)
        return {}
      },
    },
    policies: {
      list: async () => ({ items: await policies.list() }),
      create: ({ body }, { actor }) => policies.create(body, actor),
      remove: async ({ params }, { actor }) => {
        await policies.remove(params.id, actor)
        return {}
      },
    },
  }
}
